// select.js: ticks. The form of ticks tells the server the page's whole state
// each time, so that an answer that is overtaken loses nothing. A box with
// data-tick-page stands for all of the page.
const boxes = () => [...document.querySelectorAll("#selection tbody [name=user]")];
const boxOf = (element) => element?.closest("tr")?.querySelector("[name=user]");

let last; // the value of the box ticked last: a range begins there

function show() {
  const page = document.querySelector("[data-tick-page]");
  if (!page) return;
  const all = boxes();
  for (const box of all) box.closest("tr").toggleAttribute("data-ticked", box.checked);
  const ticked = all.filter((box) => box.checked).length;
  page.checked = ticked > 0 && ticked === all.length;
  page.indeterminate = ticked > 0 && ticked < all.length;
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
    if (event.target.matches?.("[data-tick-page]")) for (const box of boxes()) box.checked = event.target.checked;
    if (event.target.closest?.("#selection")) show();
  },
  true,
);

document.addEventListener("htmx:config:request", (event) => {
  const { sourceElement, request } = event.detail.ctx;
  if (sourceElement.id !== "selection") return;
  for (const box of boxes()) request.body.append("shown", box.value);
});

// A row that the answer has as well stays, and its box as the person left it:
// what the answer says of it counts.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.target?.matches?.(".results")) for (const box of boxes()) box.checked = box.defaultChecked;
  show();
});
show();
