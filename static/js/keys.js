// keys.js: single letters, where they act: only with focus inside
// [data-keyzone] (the default), everywhere, or nowhere. Never in a field,
// under a layer, while composing or with a modifier. Each has a button or link.
import { copy } from "./copy.js";
import { leaveBy } from "./focus.js";
import { open } from "./layers.js";
import { onPage, rows, rowValues } from "./page.js";
import { bulk, tick, tickPage } from "./select.js";

const apple = /Mac|iPhone|iPad/.test(navigator.platform);
let gone = 0; // when g was pressed

// letter is the key by what it writes; by its place only where the layout has no Latin letters.
function letter(event) {
  if (/^[a-z/?]$/i.test(event.key)) return event.key.toLowerCase();
  if (/^(?!\p{Script=Latin})\p{L}$/u.test(event.key) && /^Key[A-Z]$/.test(event.code)) return event.code[3].toLowerCase();
  return "";
}

function busy(event) {
  return (
    event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.getModifierState("AltGraph") ||
    event.target.closest?.("input:not(tbody [type=checkbox]), textarea, select, [contenteditable]") || document.querySelector("dialog:modal, :popover-open:not(.toast)")
  );
}

function move(step) {
  const links = rows();
  const row = document.activeElement?.closest("tr");
  const at = links.findIndex((link) => link.closest("tr") === row);
  links[at < 0 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
}

function press(selector) {
  document.querySelector(selector)?.click();
}

// copyOf copies what the row in which focus is has by that name; on a user's
// page, what its button copies.
function copyOf(name, said, key) {
  const values = rowValues(document.activeElement?.closest("tr"));
  if (values) copy(values[name], said);
  else press(`[data-key="${key}"]`);
}

// licenses are the user's: on their page, or from their row on that page.
function licenses() {
  const row = document.activeElement?.closest(".users-table tbody tr");
  const link = rowValues(row) && row.querySelector("a.name");
  if (!link) return document.getElementById("licenses-title")?.focus();
  leaveBy(link);
  location.href = `${link.href}#licenses-title`;
}

const actions = {
  j: () => move(1),
  k: () => move(-1),
  r: () => press('[data-key="r"]'),
  c: () => press('[data-key="c"]'),
  l: licenses,
  y: () => copyOf("upn", "UPN copied", "y"),
  i: () => copyOf("id", "ID copied", "i"),
  x: (event) => tick(event.shiftKey),
  a: tickPage,
  b: bulk,
  g: () => (gone = Date.now()),
  "?": () => open("help"),
  "/": () => {
    const field = document.querySelector('[data-key="/"]');
    field?.focus();
    field?.select();
  },
};
const destinations = { c: () => press('.topbar [href="/customers"]'), u: () => press("[data-go=u]"), l: () => press("[data-go=l]") };

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "k" && (apple ? event.metaKey : event.ctrlKey) && !event.shiftKey && !event.altKey && !event.isComposing) {
    event.preventDefault();
    if (!document.querySelector("dialog:modal")) open("palette");
    return;
  }
  if (busy(event)) return;
  const onRow = event.target.matches?.(".results tbody a.name");
  if (onRow && !event.shiftKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
    return;
  }
  const mode = document.body.dataset.keys;
  const key = letter(event);
  if (!key || mode === "off" || (event.shiftKey && /[a-wyz]/.test(key))) return;
  const sign = key === "/" || key === "?";
  if (!sign && mode !== "everywhere" && !event.target.closest?.("[data-keyzone]")) return;
  if (event.repeat && key !== "j" && key !== "k") return;
  const go = Date.now() - gone < 1500 && destinations[key];
  const act = go || actions[key];
  if (!act) return;
  if (key !== "g") gone = 0;
  event.preventDefault();
  act(event);
});

onPage(() => {
  if (!apple) return;
  for (const key of document.querySelectorAll("[data-mod-key]")) key.textContent = key.textContent.replace(/Ctrl ?/, "⌘");
});
