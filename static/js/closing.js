// A part of the page that is open for some minutes only goes when its time is over. Seconds, because her clock may be
// wrong. A page without a form that she is filling in is loaded anew, and is closed. Where it says whom to ask, it goes
// before that too: as soon as the server does not say any more that it is open. This is no work of hers: it does not
// keep her signed in. Where nobody answers, the time decides.
// A form about it that she is filling in does not go by time alone: only when the server says before its time that it
// is closed to her.
const EVERY = 30_000;
const NEARLY = 5_000; // so close to its end the server may mean the time

function watch(part) {
  const end = Date.now() + Number(part.dataset.closesIn) * 1000;
  const timer = setTimeout(close, end - Date.now());
  const asking = part.dataset.asks && setInterval(ask, EVERY);

  function close() {
    clearTimeout(timer);
    clearInterval(asking);
    part.replaceChildren();
    if ("reload" in part.dataset) location.reload();
  }

  async function ask() {
    const options = { headers: { "Sidro-Background": "1" }, cache: "no-store", redirect: "manual" };
    const answer = await fetch(part.dataset.asks, options).catch(() => null);
    if (!answer || answer.status === 204 || answer.status >= 500) return;
    close();
    const forms = document.querySelectorAll("[data-goes-when-closed]");
    if (answer.status !== 205 || Date.now() > end - NEARLY || !forms.length) return;
    forms.forEach((form) => form.replaceChildren());
    location.reload(); // and she reads why
  }
}

document.querySelectorAll("[data-closes-in]").forEach(watch);
