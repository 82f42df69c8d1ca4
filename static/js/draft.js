// draft.js: what is typed and not sent yet when a session ends is there again
// once the same person has signed in on the same page; passwords are not.
import { onPage } from "./page.js";

const kept = "rollcall-draft";
const fields = () => [...document.querySelectorAll("main :is(input:not([type=hidden], [type=password]), select, textarea)")];
const marks = (field) => /^(checkbox|radio)$/.test(field.type);
// which is the field's name; boxes of one name are told apart by their values.
const which = (field) => field.name + (marks(field) ? `=${field.value}` : "");
const changed = (field) => (marks(field) ? field.checked !== field.defaultChecked : field.matches("select") ? !field.selectedOptions[0]?.defaultSelected : field.value !== field.defaultValue);

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-return]")) return;
  const values = fields().filter((field) => field.name && changed(field)).map((field) => [which(field), marks(field) ? field.checked : field.value]);
  sessionStorage.setItem(kept, JSON.stringify({ who: document.body.dataset.who, path: location.pathname, values }));
});

onPage(() => {
  const { who } = document.body.dataset;
  if (!who) return;
  const draft = JSON.parse(sessionStorage.getItem(kept));
  sessionStorage.removeItem(kept);
  if (draft?.who !== who || draft.path !== location.pathname) return;
  const values = new Map(draft.values);
  for (const field of fields()) {
    const value = values.get(which(field));
    if (value === undefined || value === (marks(field) ? field.checked : field.value)) continue;
    if (marks(field)) field.checked = value;
    else field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
