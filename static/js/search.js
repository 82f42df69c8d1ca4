// search.js: a search waits until a composed character is whole, leaves empty
// fields and defaults out of the address, and the field shows what the
// results answer when somebody cleared it elsewhere.
import { answered } from "./page.js";

const searched = (element) => element.matches?.("input[hx-trigger^=input]");

document.addEventListener(
  "input",
  (event) => {
    if (event.isComposing && searched(event.target)) event.stopImmediatePropagation();
  },
  true,
);

document.addEventListener("compositionend", (event) => {
  if (searched(event.target)) event.target.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener("htmx:config:request", (event) => {
  const { request } = event.detail.ctx;
  if (request.method !== "GET") return;
  for (const select of document.querySelectorAll("select[data-default]")) {
    if (request.body.get(select.name) === select.dataset.default) request.body.delete(select.name);
  }
  for (const name of new Set(request.body.keys())) {
    if (request.body.getAll(name).every((value) => value.trim() === "")) request.body.delete(name);
  }
});

document.addEventListener("htmx:after:swap", (event) => {
  for (const form of document.querySelectorAll("form[data-enter]")) {
    if (`#${event.detail.ctx.target?.id}` !== form.dataset.enter) continue;
    const query = answered(event.detail.ctx.target);
    const field = form.elements.q;
    if (query !== undefined && field !== document.activeElement && field.value.trim() !== query) field.value = query;
  }
});
