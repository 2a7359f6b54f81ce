// Ctrl+Enter (Command+Enter) sends a form marked data-ctrl-enter from any of its fields, as its button would.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
  const form = event.target.form;
  if (!form?.hasAttribute("data-ctrl-enter")) return;
  event.preventDefault();
  form.requestSubmit();
});
