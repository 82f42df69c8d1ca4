// download.js: a file that the page waited for is fetched once it is there, and
// the files to choose from are those of the list as it is by now.
document.addEventListener("htmx:after:swap", () => {
  const link = document.querySelector("a[data-download]");
  if (!link) return;
  link.removeAttribute("data-download");
  location.assign(link.href);
});

for (const type of ["pointerover", "focusin", "click"]) {
  document.addEventListener(
    type,
    (event) => {
      for (const link of event.target.closest?.("#export-place")?.querySelectorAll("a") ?? []) {
        const query = new URLSearchParams(location.search);
        const reader = new URLSearchParams(link.search).get("for");
        query.delete("page");
        if (reader) query.set("for", reader);
        link.search = query;
      }
    },
    true,
  );
}
