// copy_row.js: the row under the mouse, or with the focus, has buttons that copy
// its UPN and its ID. They are made once and go from row to row; a finger has
// them on the user's page.
import { rowValues } from "./page.js";

const bar = document.createElement("span");
bar.className = "row tight row-copy";

function button(kind, value) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "button small";
  element.title = `Copy ${kind} (${kind[0] === "U" ? "Y" : "I"})`;
  element.ariaLabel = `Copy ${kind}`;
  element.dataset.copy = value;
  element.dataset.copied = `${kind} copied`;
  element.append(kind);
  return element;
}

function show(row) {
  const values = rowValues(row);
  if (!values || bar.closest("tr") === row || bar.contains(document.activeElement)) return;
  bar.replaceChildren(button("UPN", values.upn), button("ID", values.id));
  row.querySelector(".who").append(bar);
}

// Not pointerover: that is told as well where something moves under a mouse at rest.
document.addEventListener("pointermove", (event) => {
  if (event.pointerType !== "mouse") return;
  const row = event.target.closest("tbody tr");
  if (row) show(row);
  else if (!bar.closest("tr")?.contains(document.activeElement)) bar.remove();
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches("a.name")) show(event.target.closest("tbody tr"));
});
