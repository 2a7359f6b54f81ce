// A request opens beside the list where there is room for both; else, and without scripts, its link opens its page.
// The address is the request's own, so that reloading shows it; going back closes it. Nothing is kept but addresses.
const place = document.querySelector("[data-beside]");
const panel = document.getElementById("opened");
const wide = window.matchMedia("(min-width: 70em)");
const list = window.location.href;
let link = null;

function mark(wanted) {
  link?.removeAttribute("aria-current");
  link = wanted;
  link?.setAttribute("aria-current", "true");
  place.classList.toggle("beside--open", Boolean(link));
}

function close() {
  const last = link;
  panel.replaceChildren();
  mark(null);
  last?.focus();
}

async function open(wanted) {
  panel.setAttribute("aria-busy", "true");
  await window.htmx.ajax("GET", wanted.href, { source: panel, target: "#opened" });
  panel.removeAttribute("aria-busy");
  const heading = panel.querySelector("[data-heading]");
  if (!heading) return false;
  mark(wanted);
  heading.focus();
  return true;
}

place.addEventListener("click", async (event) => {
  const wanted = event.target.closest("a[data-opens]");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (event.target.closest("[data-close]") && history.state?.beside) {
    event.preventDefault();
    history.back();
  } else if (wanted && plain && wide.matches && window.htmx) {
    event.preventDefault();
    if (!(await open(wanted))) return;
    if (history.state?.beside) history.replaceState({ beside: true }, "", wanted.href);
    else history.pushState({ beside: true }, "", wanted.href);
  }
});

place.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && link && history.state?.beside) history.back();
});

window.addEventListener("popstate", () => {
  if (window.location.href === list) return close();
  const wanted = [...place.querySelectorAll("a[data-opens]")].find((one) => one.href === window.location.href);
  if (wanted) open(wanted);
  else window.location.reload();
});

// What is not there any more, or not hers: its own page says so.
document.body.addEventListener("htmx:responseError", (event) => {
  if (event.detail.target === panel && !event.detail.xhr.getResponseHeader("HX-Redirect")) window.location.assign(event.detail.pathInfo.requestPath);
});
