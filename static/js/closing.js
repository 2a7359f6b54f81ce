// A part of the page that is open for some minutes only goes when its time is over. Seconds, because her clock may be
// wrong. A page without a form that she is filling in is loaded anew, and is closed.
for (const part of document.querySelectorAll("[data-closes-in]")) {
  setTimeout(() => {
    part.replaceChildren();
    if ("reload" in part.dataset) location.reload();
  }, Number(part.dataset.closesIn) * 1000);
}
