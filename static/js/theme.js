// theme.js: a theme chosen in the account menu shows at once; the server keeps it.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-theme-choice] [name=theme]")) return;
  document.documentElement.dataset.theme = event.target.value;
});
