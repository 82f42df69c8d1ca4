// download.js: a file that the page waited for is fetched once it is there.
document.addEventListener("htmx:after:swap", () => {
  const link = document.querySelector("a[data-download]");
  if (!link) return;
  link.removeAttribute("data-download");
  location.assign(link.href);
});
