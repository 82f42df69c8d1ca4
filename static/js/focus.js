// focus.js: focus is never lost. After a swap it stays where it was; where that
// is gone it goes to the next row, else the previous, else the results'
// heading. A page that a form led to begins at what sent the form, Back at the
// link that was followed, any other page of ours at its heading. A new page of
// a list begins at its top.
import { alongside, find } from "./place.js";
import { onPage, rows } from "./page.js";

const status = "[id$='-status']"; // what a poll fills: how far a list was read

let before;

const lost = (element) => !element || element === document.body || !element.checkVisibility();
const heading = (part) => part?.querySelector("h2[tabindex]") ?? document.querySelector("h1[tabindex]");

document.addEventListener("htmx:before:swap", () => {
  const active = document.activeElement;
  const row = active?.closest("tr");
  before = { active, row: row ? rows().findIndex((link) => link.closest("tr") === row) : -1 };
});

document.addEventListener("htmx:after:swap", (event) => {
  const { target, sourceElement } = event.detail.ctx;
  if (!target?.matches?.(`.results, ${status}`)) return;
  if (target.matches(".results") && !sourceElement.closest?.(status)) {
    const table = target.querySelector(".table-scroll");
    if (table) table.scrollTop = 0;
    if (sourceElement.closest?.(".pager")) target.scrollIntoView({ block: "nearest" });
    if (target.getBoundingClientRect().top < 0 && sourceElement.closest?.(".table-foot")) target.scrollIntoView();
  }
  if (!lost(document.activeElement) || !before || before.active === document.body) return;
  const links = rows();
  const next = before.row >= 0 ? links[Math.min(before.row, links.length - 1)] : undefined;
  (next ?? heading(target.closest(".results") ?? target))?.focus();
});

const sent = "rollcall-sent"; // where a form was sent from, until the next page is there

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const active = lost(document.activeElement) ? event.submitter : document.activeElement;
  if (active) sessionStorage.setItem(sent, JSON.stringify({ path: location.pathname, places: alongside(active) }));
});

// leaveBy keeps by which link the page is left, for Back.
export function leaveBy(link) {
  history.replaceState({ ...history.state, places: alongside(link) }, "");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (link && !event.defaultPrevented) leaveBy(link);
});

// from are the places where this page may have been left last.
function from() {
  const form = JSON.parse(sessionStorage.getItem(sent));
  sessionStorage.removeItem(sent);
  return form?.path === location.pathname ? form.places : history.state?.places;
}

let first = true;

onPage(() => {
  const ours = !first || document.referrer.startsWith(`${location.origin}/`);
  first = false;
  const places = from();
  if (document.querySelector("h2[autofocus]")) return; // a mistake is read first
  if (places && find(places)) {
    if (location.hash) addEventListener("load", () => setTimeout(find, 0, places), { once: true }); // going to the fragment takes it away again
    return;
  }
  const begins = [...document.querySelectorAll("[autofocus], :target")].some((element) => element.checkVisibility());
  if (ours && !begins && lost(document.activeElement)) heading()?.focus({ preventScroll: true });
});
