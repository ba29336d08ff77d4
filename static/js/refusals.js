// What htmx is refused is said in #notices, in the server's words, and never lands in the page by itself. A form in the
// dialog, or in the place of what it changes, gets its own answers 422 and 409. Attached by <template id="refusal">, the notice to fill in.

const model = document.getElementById("refusal");

function say(title, text = "") {
  const notice = model.content.cloneNode(true);
  notice.querySelector("b").textContent = title;
  if (text) notice.querySelector("p").insertAdjacentElement("afterend", document.createElement("p")).textContent = text;
  document.getElementById("notices").append(notice);
}

function words(answer) {
  const page = new DOMParser().parseFromString(answer, "text/html");
  const title = page.querySelector("h1")?.textContent.trim() || model.dataset.failed;
  const text = page.querySelector("main .notice b, main .blank p")?.textContent.trim() ?? "";
  return [title, text];
}

const answersItself = (context) => context.sourceElement?.matches?.("form[data-draft]");

document.addEventListener("htmx:before:swap", (event) => {
  const context = event.detail.ctx;
  const status = context.response?.status ?? 200;
  if (status < 400 || answersItself(context)) return;
  const source = context.sourceElement;
  const isForm = context.text.includes("data-dialog") && source?.closest?.("#dialog form");
  const isInPlace = context.text.includes("data-in-place") && source?.matches?.("form[data-in-place]");
  if ((isForm || isInPlace) && [409, 422].includes(status)) return;
  event.preventDefault();
  if (status === 401) location.assign(model.dataset.signIn);
  else say(...words(context.text));
});

document.addEventListener("htmx:error", (event) => {
  const context = event.detail.ctx;
  if (context && !answersItself(context)) say(model.dataset.failed);
});
