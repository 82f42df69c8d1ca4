// focus.js: after a swap focus stays where it was; where that is gone it goes
// to the next row, else the previous, else the results' heading. A new page of
// a list begins at its top.
import { rows } from "./page.js";

let before;

document.addEventListener("htmx:before:swap", () => {
  const active = document.activeElement;
  const row = active?.closest("tr");
  before = { active, row: row ? rows().findIndex((link) => link.closest("tr") === row) : -1 };
});

document.addEventListener("htmx:after:swap", (event) => {
  const { target, sourceElement } = event.detail.ctx;
  if (!target?.matches?.(".results, #users-status")) return;
  if (target.matches(".results") && !sourceElement.closest?.("#users-status")) {
    const table = target.querySelector(".table-scroll");
    if (table) table.scrollTop = 0;
    if (sourceElement.closest?.(".pager")) target.scrollIntoView({ block: "nearest" });
    if (target.getBoundingClientRect().top < 0 && sourceElement.closest?.(".table-foot")) target.scrollIntoView();
  }
  const lost = !document.activeElement || document.activeElement === document.body;
  if (!lost || !before || before.active === document.body) return;
  const links = rows();
  const results = target.closest(".results") ?? target;
  const next = before.row >= 0 ? links[Math.min(before.row, links.length - 1)] : undefined;
  (next ?? results.querySelector("h2[tabindex]") ?? document.querySelector("h1[tabindex]"))?.focus();
});
