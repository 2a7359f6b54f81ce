// Passkeys: asks the server for a challenge and the browser for an answer, and sends it with the form around the button.
// Where the browser cannot do that the button stays hidden, and the form works by code. Words come from the page.

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

const described = (list) => (list || []).map((item) => ({ ...item, id: toBytes(item.id) }));

function readable(options) {
  const found = { ...options, challenge: toBytes(options.challenge) };
  if (options.user) found.user = { ...options.user, id: toBytes(options.user.id) };
  if (options.excludeCredentials) found.excludeCredentials = described(options.excludeCredentials);
  if (options.allowCredentials) found.allowCredentials = described(options.allowCredentials);
  return found;
}

function sendable(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response });
}

async function asked(box, form) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.set("for", box.dataset.passkey);
  const answer = await fetch(box.dataset.url, { method: "POST", body, cache: "no-store", redirect: "error" });
  if (!answer.ok) throw new Error("no challenge");
  return answer.json();
}

// The browser does not say why a person was refused: cancelled, too late and "none here" are one.
const REASONS = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known", SecurityError: "elsewhere" };

async function show(box, form) {
  const { publicKey, challenge } = await asked(box, form);
  const options = { publicKey: readable(publicKey) };
  const credential = await (box.dataset.passkey === "add" ? navigator.credentials.create(options) : navigator.credentials.get(options));
  form.elements.passkey.value = sendable(credential);
  form.elements.challenge.value = challenge;
  if (form.elements.code) form.elements.code.value = "";
  form.requestSubmit();
}

function start(box) {
  const form = box.closest("form");
  const [button, said] = [box.querySelector("button"), box.querySelector("[role=alert]")];
  const say = (reason) => {
    said.textContent = box.dataset[reason];
    said.hidden = !said.textContent;
  };
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (button.hasAttribute("aria-disabled")) return;
    const empty = [...form.querySelectorAll("[name=login_name], [name=password], [name=name]")].find((field) => !field.value.trim());
    if (empty) {
      say("first");
      empty.focus();
      return;
    }
    said.hidden = true;
    button.setAttribute("aria-disabled", "true");
    try {
      await show(box, form);
    } catch (error) {
      say(REASONS[error.name] || "failed");
    }
    button.removeAttribute("aria-disabled");
  });
}

if (window.PublicKeyCredential && navigator.credentials) {
  document.querySelectorAll("[data-passkey]").forEach(start);
  document.querySelectorAll("[data-without-passkeys]").forEach((part) => { part.hidden = true; });
}
