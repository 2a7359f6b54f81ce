// Two guards for forms that change something: a second click sends nothing, and leaving asks first when text is unsent.
// Opt out with data-no-guard on the form.

const RELEASE_MS = 10000; // an answer that is a download leaves the page in place: give the buttons back
const sending = new WeakMap();
const touched = new Set();

// By attribute: a field named "method" would hide the property of the form.
const guarded = (form) => form.getAttribute("method")?.toLowerCase() === "post" && !form.hasAttribute("data-no-guard");

function release(form) {
  clearTimeout(sending.get(form));
  sending.delete(form);
  for (const button of form.querySelectorAll("[data-held]")) {
    button.removeAttribute("aria-disabled");
    button.removeAttribute("data-held");
  }
}

function hold(form) {
  sending.set(form, setTimeout(() => release(form), RELEASE_MS));
  for (const button of form.querySelectorAll("button:not([type=button]), input[type=submit]")) {
    button.setAttribute("aria-disabled", "true");
    button.setAttribute("data-held", "");
  }
}

// On the way down: a second submit goes nowhere, neither to the browser nor into htmx's queue.
document.addEventListener("submit", (event) => {
  if (!guarded(event.target) || !sending.has(event.target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

// On the way up: what is left unprevented leaves the page. (keep-typed.js has asked the server, htmx took its own.)
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !guarded(form)) return;
  touched.delete(form);
  hold(form);
});

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form && guarded(form) && event.target.matches("textarea, input:not([type=hidden]):not([type=password])")) touched.add(form);
});
document.addEventListener("reset", (event) => touched.delete(event.target));

// Short fields ask too: names, numbers, days. Not what is typed to sign in or to confirm, nor what is only searched for.
const SHORT = "input:not([type=hidden]):not([type=password]):not([type=search]):not([type=file])";
const SECRETS = "[type=password], [autocomplete=one-time-code], [autocomplete=username], [name=sealed], [name=code], [name=recovery_code], [name=last_group]";
const secret = (form) => form.querySelector(SECRETS);
function unsent(form) {
  if (form.querySelector("textarea")) return true;
  if (form.getAttribute("role") === "search" || secret(form)) return false;
  return [...form.elements].some((field) => field.matches(SHORT) && field.value !== field.defaultValue);
}

// Back from the next page: the browser may show this one as it was left, with its buttons held.
window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach(release));

window.addEventListener("beforeunload", (event) => {
  for (const form of touched) if (!form.isConnected) touched.delete(form);
  if ([...touched].some(unsent)) event.preventDefault();
});

// Requests by htmx never leave the page: held while under way, released when done.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target;
  if (form.tagName === "FORM" && guarded(form)) hold(form);
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest("form");
  if (!form) return;
  release(form);
  // A form may also ask while it is being filled in; then nothing of it is kept yet.
  if (event.detail.successful && event.detail.requestConfig.triggeringEvent?.type === "submit") touched.delete(form);
});
