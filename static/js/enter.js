// enter.js: Enter in a list's search acts only on the answer to exactly what
// is typed. One hit, or an exact one, is opened; else focus goes to the first.
// With nothing typed, a form's data-first names what is opened.
import { answered, rows } from "./page.js";

const forms = "form[data-enter]";

function act(form, results) {
  const chosen = form.dataset.first && answered(results) === "" && document.querySelector(form.dataset.first);
  if (chosen) {
    chosen.click();
    return;
  }
  const [first] = rows();
  if (!first) return;
  if (results.querySelector("[data-exact]")) first.click();
  else first.focus();
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches(forms) || event.submitter?.closest("[popover]")) return;
    const results = document.querySelector(form.dataset.enter);
    const typed = form.elements.q.value.trim();
    if (answered(results) === typed) {
      event.preventDefault();
      event.stopPropagation();
      act(form, results);
      return;
    }
    form.dataset.awaiting = typed; // htmx asks; the answer is acted on when it is this one
  },
  true,
);

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches(forms)) delete form.dataset.awaiting;
});

document.addEventListener("htmx:after:swap", () => {
  for (const form of document.querySelectorAll(`${forms}[data-awaiting]`)) {
    const results = document.querySelector(form.dataset.enter);
    if (answered(results) !== form.dataset.awaiting) continue;
    delete form.dataset.awaiting;
    act(form, results);
  }
});
