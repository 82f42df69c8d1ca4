// select.js: ticks. The form of ticks tells the server the page's whole state
// each time, so that an answer that is overtaken loses nothing. A box with
// data-tick-page stands for all of the page: in the head, and above the cards.
const boxes = () => [...document.querySelectorAll("#selection tbody [name=user]")];
const boxOf = (element) => element?.closest("tr")?.querySelector("[name=user]");

let last; // the value of the box ticked last: a range begins there
let told; // what the server was told last: whether a value is ticked
let telling; // the request that tells it, until it is answered
const knew = new WeakMap(); // what it had been told when a list was asked for

function show() {
  const all = boxes();
  for (const box of all) box.closest("tr").toggleAttribute("data-ticked", box.checked);
  const ticked = all.filter((box) => box.checked).length;
  for (const page of document.querySelectorAll("[data-tick-page]")) {
    page.checked = ticked > 0 && ticked === all.length;
    page.indeterminate = ticked > 0 && ticked < all.length;
  }
}

function tell() {
  show();
  document.getElementById("selection")?.dispatchEvent(new Event("change"));
}

// range sets all boxes from the one ticked last to this one.
function range(box) {
  const all = boxes();
  const from = all.findIndex((other) => other.value === last);
  const to = all.indexOf(box);
  if (from < 0) return;
  for (const other of all.slice(Math.min(from, to), Math.max(from, to) + 1)) other.checked = box.checked;
}

// tick ticks the row in which focus is, or with range all from the last to it.
export function tick(to) {
  const box = boxOf(document.activeElement);
  if (!box) return;
  box.checked = to || !box.checked;
  if (to) range(box);
  last = box.value;
  tell();
}

// tickPage ticks all of the page; what is ticked already, all that match.
export function tickPage() {
  const all = boxes();
  if (!all.length) return;
  if (all.every((box) => box.checked)) return document.getElementById("bulk-all")?.click();
  for (const box of all) box.checked = true;
  tell();
}

let row;

// bulk goes to what can be done with the selected, and back to the row.
export function bulk() {
  const bar = document.querySelector(".bulkbar");
  if (!bar) return;
  if (bar.contains(document.activeElement)) {
    const back = row?.isConnected ? row : document.querySelector(".results tbody a.name");
    back?.focus();
    return;
  }
  row = document.activeElement?.closest("tr")?.querySelector("a.name");
  bar.querySelector("button, a")?.focus();
}

document.addEventListener("click", (event) => {
  const box = event.target;
  if (!box.matches?.("#selection tbody [name=user]")) return;
  if (event.shiftKey) range(box);
  last = box.value;
});

document.addEventListener(
  "change",
  (event) => {
    const inForm = event.target.closest?.("#selection");
    if (event.target.matches?.("[data-tick-page]")) {
      for (const box of boxes()) box.checked = event.target.checked;
      if (!inForm) tell(); // above the cards
    }
    if (!inForm) return;
    told = new Map(boxes().map((box) => [box.value, box.checked]));
    show();
  },
  true,
);

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.target?.matches?.(".results")) knew.set(ctx, told);
  if (ctx.sourceElement.id !== "selection") return;
  telling = ctx;
  for (const box of boxes()) ctx.request.body.append("shown", box.value);
});

document.addEventListener("htmx:finally:request", (event) => {
  if (event.detail.ctx === telling) telling = undefined;
});

// A row that the answer has as well stays, and its box as the person left it:
// what the answer says of it counts, unless it was asked for before they ticked.
document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = event.detail;
  if (ctx.target?.matches?.(".results")) {
    const late = knew.has(ctx) && knew.get(ctx) !== told;
    for (const box of boxes()) box.checked = (late ? told.get(box.value) : undefined) ?? box.defaultChecked;
    if (late && !telling) tell(); // the bar is of before, too
  }
  show();
});
show();
