// What was typed to open this page is forgotten by the browser: going back to it, or loading it anew, asks for the address
// alone. Else the browser would keep the code in its history and offer to send it again, or show its own error page.
// Where the page still carries what she typed it is forgotten as she sends it; Back then leads to the desk.
const carrying = document.querySelectorAll("form[data-forget-when-sent], [data-forget-when-sent] form");

if (carrying.length === 0) history.replaceState(null, "", window.location.href);
carrying.forEach((form) => form.addEventListener("submit", () => history.replaceState(null, "", "/")));
