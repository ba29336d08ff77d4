// A note in the dialog that did not get through: says why, keeps the words, tries again with the same request key, so
// that sending twice makes one move. Attached by data-unsent to the notices inside a form[data-draft].

const TRY_EVERY_MS = 20_000;
const waiting = new Map(); // form → why it was not sent

function tell(form, why, words = "") {
  waiting.set(form, why);
  for (const notice of form.querySelectorAll("[data-unsent]")) {
    notice.hidden = notice.dataset.unsent !== why;
    const place = notice.querySelector("[data-unsent-why]");
    if (place) place.textContent = words;
  }
  const shown = form.querySelector(`[data-unsent="${why}"]`);
  shown.scrollIntoView({ block: "nearest" });
}

function settle(form) {
  waiting.delete(form);
  for (const notice of form.querySelectorAll("[data-unsent]")) notice.hidden = true;
}

// A sign-in of another tab has another token: takes it over. False while nobody, or somebody else, is signed in.
async function renewToken(form) {
  const answer = await fetch(form.action, { headers: { Accept: "text/html" } });
  if (!answer.ok || new URL(answer.url).pathname !== new URL(form.action).pathname) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.documentElement.dataset.person !== form.dataset.draft.split(":")[0]) {
    tell(form, "somebody-else");
    return false;
  }
  const headers = page.body.getAttribute("hx-headers:inherited");
  document.body.setAttribute("hx-headers:inherited", headers);
  form.elements.csrf_token.value = JSON.parse(headers)["X-CSRFToken"];
  return true;
}

async function send(form) {
  if (!form.isConnected) return waiting.delete(form);
  const why = waiting.get(form);
  try {
    if (["signed-out", "expired", "somebody-else"].includes(why) && !(await renewToken(form))) return;
  } catch {
    return tell(form, "offline");
  }
  form.requestSubmit();
}

function sendAllThatFailed() {
  for (const [form, why] of waiting) if (why === "offline" || why === "failed") send(form);
}

const formOf = (event) => {
  const source = event.detail.ctx?.sourceElement;
  return source?.matches?.("form[data-draft]") ? source : null;
};

document.addEventListener("htmx:before:swap", (event) => {
  const form = formOf(event);
  const { status } = event.detail.ctx.response ?? {};
  if (!form) return;
  if (!(status >= 400)) return settle(form);
  const isForm = /data-dialog|data-in-place/.test(event.detail.ctx.text);
  if (isForm && (status === 409 || status === 422)) return settle(form);
  event.preventDefault();
  if (status === 401) return tell(form, "signed-out");
  if (status === 400 && waiting.get(form) !== "expired") {
    waiting.set(form, "expired");
    return send(form).then(() => waiting.get(form) === "expired" && waiting.delete(form));
  }
  const page = new DOMParser().parseFromString(event.detail.ctx.text, "text/html");
  const said = page.querySelector("main .notice b") ?? page.querySelector("h1");
  tell(form, "failed", said?.textContent.trim());
});
document.addEventListener("htmx:error", (event) => {
  const form = formOf(event);
  if (form) tell(form, "offline");
});
document.addEventListener("done", () => waiting.clear());
document.addEventListener("click", (event) => {
  const form = event.target.closest?.("[data-send-again]")?.closest("form");
  if (form) send(form);
});
window.addEventListener("online", sendAllThatFailed);
setInterval(sendAllThatFailed, TRY_EVERY_MS);
