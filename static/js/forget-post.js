// What was typed to open this page is forgotten by the browser: going back to it, or loading it anew, asks for the address
// alone. Else the browser would keep the code in its history and offer to send it again.
history.replaceState(null, "", window.location.href);
