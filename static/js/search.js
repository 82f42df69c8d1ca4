// search.js: a search waits until a composed character is whole, leaves empty
// fields and defaults out of the address, and asks once; the field shows what
// the results answer when somebody cleared it elsewhere.
import { answered, onPage } from "./page.js";

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

// What each list was last asked for. A field asks a moment after the last key:
// by then Enter or a link may have asked, and its answer is not to be replaced.
let asked = new WeakMap();
onPage(() => (asked = new WeakMap()));

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.request.method !== "GET" || !ctx.target || ctx.sourceElement.hasAttribute("data-poll")) return;
  const query = ctx.request.body.get("q") ?? new URL(ctx.request.action, location.href).searchParams.get("q") ?? "";
  const late = ctx.sourceEvent?.type === "input" && ctx.sourceElement.name === "q" && searched(ctx.sourceElement);
  if (late && asked.get(ctx.target)?.query === query) event.preventDefault();
  else asked.set(ctx.target, { ctx, query });
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const failed = !ctx.response || ctx.response.status >= 400;
  if (failed && asked.get(ctx.target)?.ctx === ctx) asked.delete(ctx.target);
});

document.addEventListener("htmx:after:swap", (event) => {
  for (const form of document.querySelectorAll("form[data-enter]")) {
    if (`#${event.detail.ctx.target?.id}` !== form.dataset.enter) continue;
    const query = answered(event.detail.ctx.target);
    const field = form.elements.q;
    if (query !== undefined && field !== document.activeElement && field.value.trim() !== query) field.value = query;
  }
});
