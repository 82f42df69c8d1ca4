// disabled.js: what is aria-disabled can be reached, so that one learns why it
// can't be pressed; pressing it does nothing.
document.addEventListener(
  "click",
  (event) => {
    if (!event.target.closest("[aria-disabled=true]")) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);
