// What was typed to open this page is forgotten by the browser: going back to it, or loading it anew, asks for the address
// alone. Else the browser would keep the code in its history and offer to send it again, or show its own error page.
// Where the page still carries what she typed it is forgotten as she sends it; Back then leads to
// the case or request, else to the desk.
const carrying = document.querySelector("[data-forget-when-sent]");

if (!carrying) history.replaceState(null, "", window.location.href);
carrying?.addEventListener("submit", () => history.replaceState(null, "", carrying.dataset.forgetWhenSent));
