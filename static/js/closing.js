// A part of the page that is open for some minutes only: when its time is over the page is loaded anew, and is closed.
for (const part of document.querySelectorAll("[data-closes-at]")) {
  const wait = Date.parse(part.dataset.closesAt) - Date.now();
  setTimeout(() => { part.replaceChildren(); location.reload(); }, Math.max(0, Math.min(wait, 2 ** 31 - 1)));
}
