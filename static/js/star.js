// star.js: a star that was kept shows so at once, where it stands; what else of
// the page it would change waits for the next one, so that nothing moves.
document.addEventListener("htmx:after:request", (event) => {
  const { sourceElement, request, response } = event.detail.ctx;
  if (!sourceElement.matches?.("[data-star]") || response.status !== 204) return;
  const on = request.body.get("on") === "1";
  for (const button of document.querySelectorAll(`[data-star="${CSS.escape(sourceElement.dataset.star)}"] .star`)) {
    button.setAttribute("aria-pressed", on);
    button.value = on ? "0" : "1";
  }
});
