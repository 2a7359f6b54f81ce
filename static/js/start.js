// Starts GOV.UK components. The class must be on the body before they start, in this same module: a later handler
// would leave all of them silently dead.
import { createAll, Button, Checkboxes, ErrorSummary, PasswordInput, Radios, SkipLink } from "../vendor/govuk-frontend-6.6.0/govuk-frontend.min.js";

const COMPONENTS = [Button, Checkboxes, ErrorSummary, PasswordInput, Radios, SkipLink];

document.body.classList.add("js-enabled", "govuk-frontend-supported");

function start(scope) {
  for (const component of COMPONENTS) createAll(component, undefined, scope);
}

// A message after a saved form is read out and seen first, unless an error summary already took the focus.
function focusMessage() {
  const message = document.querySelector("[data-focus]");
  if (message && !document.querySelector(".govuk-error-summary")) message.focus({ preventScroll: true });
}

start(document);
focusMessage();
// Parts of a page that htmx puts in need starting, too.
document.body.addEventListener("htmx:load", (event) => {
  if (event.target !== document.body) start(event.target);
});
