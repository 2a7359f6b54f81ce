// Nothing typed is lost. Text is kept in the memory of this page only: no storage, nothing left on the device.
// 1. Before a form with text leaves the page, the server is asked for a sign of life; if there is none, the form stays.
// 2. When htmx fails, the form stays and the page says so. 3. When htmx replaces a form, unsent text is put back.

const ALIVE = new URL("start.js", import.meta.url);
const WAIT_MS = 5000;
const checked = new WeakSet();
const kept = new Map();

const FIELDS = "textarea, input[type=text], input[type=email], input[type=url], input[type=tel], input[type=search], input[type=number]";

function say(text) {
  const place = document.getElementById("messages") || document.querySelector("main");
  place.querySelector("[data-said]")?.remove();
  const message = document.createElement("div");
  message.className = "message message--error";
  message.setAttribute("role", "alert");
  message.setAttribute("tabindex", "-1");
  message.setAttribute("data-said", "");
  const line = document.createElement("p");
  line.className = "message__text";
  line.textContent = text;
  message.append(line);
  place.prepend(message);
  message.scrollIntoView({ block: "nearest" });
  message.focus();
}

async function alive() {
  try {
    await fetch(ALIVE, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(WAIT_MS) });
    return true;
  } catch {
    return false;
  }
}

// Window, capture: before every other listener, so that the double-click guard sees only what is really sent.
window.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.getAttribute("method")?.toLowerCase() !== "post" || form.hasAttribute("hx-post") || form.hasAttribute("data-no-guard")) return;
  if (checked.delete(form) || ![...form.querySelectorAll("textarea")].some((field) => field.value)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.hasAttribute("data-asking")) return; // a second click while the first one waits
  const button = event.submitter;
  form.setAttribute("data-asking", "");
  const reached = await alive();
  form.removeAttribute("data-asking");
  if (!reached) {
    say(document.body.dataset.noConnection);
    return;
  }
  checked.add(form);
  form.requestSubmit(button);
}, true);

const failed = () => say(document.body.dataset.notSaved);
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.body.addEventListener(name, failed);

// Also by the person the form was made for: another one who signed in meanwhile gets nothing of it.
const owner = (form) => form?.querySelector("input[name=typed_by]")?.value || "";
const key = (field) => `${owner(field.form)} ${field.form?.getAttribute("action") || field.form?.id || ""} ${field.name}`;

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const source = event.detail.requestConfig?.elt;
  for (const field of event.detail.target.querySelectorAll(FIELDS)) {
    const sent = source && (source === field.form || field.form === source.closest("form"));
    if (field.form && field.name && !sent && field.value !== field.defaultValue) kept.set(key(field), field.value);
  }
});
document.body.addEventListener("htmx:afterSettle", (event) => {
  for (const field of event.target.querySelectorAll(FIELDS)) {
    const text = kept.get(key(field));
    if (text === undefined) continue;
    if (!field.value || field.value === field.defaultValue) field.value = text;
    kept.delete(key(field));
  }
});
