// Says that the network is gone, and stops saying so. Attached by data-offline to the banner.

const banner = document.querySelector("[data-offline]");

function show() {
  banner.hidden = navigator.onLine;
}

if (banner) {
  window.addEventListener("online", show);
  window.addEventListener("offline", show);
  show();
}
