// The check of a pasted conversation takes the place of the form in the same page, so that the browser's Back leads to
// the form with the text in it. Nothing is stored: the text goes back through the server as it came.

const WAY_BACK = "form[data-way-back]";

document.body.addEventListener("htmx:afterSettle", () => {
  if (document.querySelector(WAY_BACK)) history.pushState(null, "");
});
window.addEventListener("popstate", () => document.querySelector(WAY_BACK)?.submit());
// No answer for a part of a page, for example since her session has ended: send it as a page, which says what to do.
document.body.addEventListener("htmx:responseError", (event) => event.target.closest("form")?.submit());
