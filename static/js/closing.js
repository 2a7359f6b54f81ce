// A part of the page that is open for some minutes only goes when its time is over. Seconds, because her clock may be
// wrong. A page without a form that she is filling in is loaded anew, and is closed. Where it says whom to ask, it goes
// before that too: as soon as the server does not say any more that it is open. This is no work of hers: it does not
// keep her signed in. Where nobody answers, the time decides.
// A form about it goes as well. What she has typed into it stays: when the time is over in the form, to be saved; when
// the server says before its time that it is closed to her, without what stood there before, to be copied.
const EVERY = 10_000;
const NEARLY = 5_000; // so close to its end the server may mean the time

const fields = (form) => [...form.querySelectorAll("textarea, input:not([type=hidden])")];
const isTyped = (field) => field.type !== "radio" && field.value.trim() && field.value !== field.defaultValue;
const isTouched = (form) =>
  fields(form).some((field) => (field.type === "radio" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue)) ||
  [...form.querySelectorAll("option")].some((option) => option.selected !== option.defaultSelected);

// The sentence stands in the page as a template; what she typed, and nothing that stood there, comes below it.
function leaveTyped(form) {
  const typed = fields(form).filter(isTyped).map((field) => field.value);
  const note = form.querySelector("template[data-typed]")?.content.cloneNode(true);
  if (!typed.length || !note) return form.replaceChildren();
  const text = note.querySelector("textarea");
  form.replaceChildren(note);
  text.value = typed.join("\n");
}

function watch(part) {
  const end = Date.now() + Number(part.dataset.closesIn) * 1000;
  const timer = setTimeout(close, end - Date.now());
  const asking = part.dataset.asks && setInterval(ask, EVERY);
  const forms = [...document.querySelectorAll("[data-goes-when-closed]")];

  function stop() {
    clearTimeout(timer);
    clearInterval(asking);
    part.replaceChildren();
  }

  function close() {
    stop();
    if ("reload" in part.dataset || (forms.length && !forms.some(isTouched))) location.reload();
  }

  async function ask() {
    const options = { headers: { "Sidro-Background": "1" }, cache: "no-store", redirect: "manual" };
    const answer = await fetch(part.dataset.asks, options).catch(() => null);
    if (!answer || answer.status === 204 || answer.status >= 500) return;
    if (answer.status !== 205 || Date.now() > end - NEARLY) return close();
    stop();
    forms.forEach(leaveTyped);
    if (!forms.some((form) => form.querySelector("textarea"))) location.reload(); // and she reads why
  }
}

document.querySelectorAll("[data-closes-in]").forEach(watch);
