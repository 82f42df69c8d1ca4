// layers.js: a link with data-opens opens that dialog in place of the page it
// leads to, one with data-pops that popover, beside it; data-closes closes it; data-hides closes the popovers around it.
function modified(event) {
  return event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
}

export function open(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  dialog.showModal();
  dialog.dispatchEvent(new CustomEvent("rollcall:open"));
  for (const field of dialog.querySelectorAll("input:not([type=hidden])")) {
    field.select();
    field.dispatchEvent(new CustomEvent("rollcall:open"));
  }
}

// pop shows a link's popover beside it; what was in it for another link goes.
function pop(link) {
  const layer = document.getElementById(link.dataset.pops);
  if (!layer?.popover) return;
  if (layer.id === "users-panel") layer.replaceChildren();
  if (layer.matches(":popover-open")) layer.hidePopover();
  layer.showPopover({ source: link });
}

// hideAround closes the popovers that an element is in, the inner first.
function hideAround(element) {
  for (let layer = element.closest("[popover]"); layer; layer = layer.parentElement.closest("[popover]")) layer.hidePopover();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener && !modified(event)) {
    event.preventDefault();
    open(opener.dataset.opens);
  }
  const popper = event.target.closest("[data-pops]");
  if (popper && !modified(event)) {
    event.preventDefault();
    pop(popper);
  }
  const closer = event.target.closest("[data-closes]");
  if (closer) document.getElementById(closer.dataset.closes)?.close();
  if (event.target.matches("dialog") && outside(event)) event.target.close();
  const hider = event.target.closest("[data-hides]");
  if (hider) setTimeout(hideAround, 0, hider); // after the click has done its work
  if (event.target.closest("[data-reload]")) {
    event.preventDefault();
    location.reload();
  }
});

// outside tells whether a click on a dialog was on its backdrop.
function outside({ target, clientX, clientY }) {
  const box = target.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}
