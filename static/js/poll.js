// poll.js: a poll stops while nobody looks; its answer is dropped when the page
// has asked for something else meanwhile; and one that showed nothing while it
// ran shows nothing at its end, so that nothing moves.
const address = (path) => {
  const { pathname, search } = new URL(path, location.href);
  return pathname + search;
};

document.addEventListener("htmx:before:request", (event) => {
  if (event.detail.ctx.sourceElement.hasAttribute("data-poll") && document.hidden) event.preventDefault();
});

// answers tells whether that address was asked for, with what it took along.
const answers = (now, asked) => asked === now || asked.startsWith(now + (now.includes("?") ? "&" : "?"));

// The list of users brings along whose licenses are not on screen yet.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.id !== "users-status") return;
  for (const unread of document.querySelectorAll("#users-table [data-unread]")) ctx.request.body.append("pending", unread.closest("tr").id.slice(2));
});

let quiet = false;

document.addEventListener("htmx:before:swap", (event) => {
  const { sourceElement, request } = event.detail.ctx;
  if (!sourceElement?.hasAttribute?.("data-poll")) return;
  quiet = !sourceElement.querySelector(".banner");
  const now = sourceElement.getAttribute("hx-get");
  if (!sourceElement.isConnected || !now || !answers(address(now), address(request.action))) event.preventDefault();
});

document.addEventListener("htmx:after:swap", (event) => {
  const { id } = event.detail.ctx.target ?? {};
  if (quiet && id?.endsWith("-status")) document.querySelector(`#${id} [data-done]`)?.remove();
  quiet = false;
});
