// palette.js: arrow keys choose, Enter opens, but only an answer to exactly
// what is typed; Ctrl or ⌘ with Enter opens a new tab.
import { answered } from "./page.js";

let awaited; // Enter was pressed before the answer was there: {query, tab}

const field = () => document.getElementById("jump-q");
const results = () => document.getElementById("jump-results");
const options = () => [...results().querySelectorAll("[role=option]")];

function choose(at) {
  const all = options();
  all.forEach((option, i) => option.setAttribute("aria-selected", i === at));
  all[at]?.scrollIntoView({ block: "nearest" });
  field().setAttribute("aria-expanded", all.length > 0);
  if (all[at]) field().setAttribute("aria-activedescendant", all[at].id);
  else field().removeAttribute("aria-activedescendant");
}

function enter(tab) {
  const chosen = options().find((option) => option.getAttribute("aria-selected") === "true");
  if (!chosen) return;
  if (tab) window.open(chosen.href, "_blank", "noopener");
  else chosen.click();
}

document.addEventListener("keydown", (event) => {
  if (event.target.id !== "jump-q" || event.isComposing) return;
  const all = options();
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    if (all.length) choose((at + step + all.length) % all.length);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (event.repeat) return;
    const query = field().value.trim();
    const tab = event.ctrlKey || event.metaKey;
    if (answered(results()) === query) enter(tab);
    else awaited = { query, tab };
  }
});

document.addEventListener("input", (event) => {
  if (event.target.id === "jump-q") awaited = undefined;
});

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.target?.id !== "jump-results") return;
  choose(0);
  if (!awaited || answered(results()) !== awaited.query) return; // an older answer
  enter(awaited.tab);
  awaited = undefined;
});
