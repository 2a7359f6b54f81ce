// One question at a time: of a list of questions the first without an answer is shown, with buttons before and next.
// Without this script all of them stand below each other.
for (const list of document.querySelectorAll("[data-one-at-a-time]")) {
  const questions = [...list.querySelectorAll(".question")];
  const asked = (question) => !question.querySelector("input:checked[value=not_asked]");
  let at = Math.max(0, questions.findIndex((question) => !asked(question)));

  const button = (label, step) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "govuk-button govuk-button--secondary";
    made.textContent = label;
    made.addEventListener("click", () => {
      at += step;
      show();
      questions[at].querySelector("input:checked, input")?.focus();
    });
    return made;
  };
  const previous = button(list.dataset.previous, -1);
  const next = button(list.dataset.next, 1);
  const where = document.createElement("p");
  where.className = "govuk-hint";
  const row = document.createElement("div");
  row.className = "govuk-button-group";
  row.append(previous, next);
  list.append(where, row);

  function show() {
    questions.forEach((question, index) => { question.hidden = index !== at; });
    previous.hidden = at === 0;
    next.hidden = at === questions.length - 1;
    where.textContent = `${at + 1} / ${questions.length}`;
  }
  show();
  // "Ask next" leads to a question of this list, too, though it is not the one that is shown.
  document.addEventListener("click", (event) => {
    const wanted = event.target.closest('a[href^="#"]')?.hash.slice(1);
    const found = wanted ? questions.findIndex((question) => question.querySelector(`[id="${CSS.escape(wanted)}"]`)) : -1;
    if (found >= 0) { at = found; show(); }
  });
}
// A question further down stands in a closed part of the page.
document.addEventListener("click", (event) => {
  const wanted = event.target.closest('a[href^="#risk_"]')?.hash.slice(1);
  const field = wanted && document.getElementById(wanted);
  if (!field) return;
  const part = field.closest("details");
  if (part) part.open = true;
  event.preventDefault();
  field.focus();
});
// The level is shown after each answer: nobody has to ask for it.
document.querySelectorAll("[data-without-scripts]").forEach((button) => { button.hidden = true; });
