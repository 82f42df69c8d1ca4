// poll.js: a poll stops while nobody looks, and its answer is dropped when the
// page has asked for something else meanwhile.
const address = (path) => {
  const { pathname, search } = new URL(path, location.href);
  return pathname + search;
};

document.addEventListener("htmx:before:request", (event) => {
  if (event.detail.ctx.sourceElement.hasAttribute("data-poll") && document.hidden) event.preventDefault();
});

document.addEventListener("htmx:before:swap", (event) => {
  const { sourceElement, request } = event.detail.ctx;
  if (!sourceElement?.hasAttribute?.("data-poll")) return;
  const now = sourceElement.getAttribute("hx-get");
  if (!sourceElement.isConnected || !now || address(now) !== address(request.action)) event.preventDefault();
});
