// page.js: what the modules share.

// onPage runs now and again when Back has put another page into this one.
export function onPage(run) {
  run();
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx.target === document.body) run();
  });
}

// announce has a text read aloud politely.
export function announce(text) {
  document.dispatchEvent(new CustomEvent("rollcall:announce", { detail: text }));
}

// alarm has a text read aloud at once.
export function alarm(text) {
  document.dispatchEvent(new CustomEvent("rollcall:alarm", { detail: text }));
}

// rows are the links that keys move along: one a row.
export function rows() {
  return [...document.querySelectorAll(".results tbody a.name")];
}

// rowValues are what a row of users names its user by; nothing for other rows.
export function rowValues(row) {
  const upn = row?.id.startsWith("u-") && row.querySelector(".who .upn");
  return upn && { upn: upn.textContent, id: row.id.slice(2) };
}

// answered is the query that the results on screen are the answer to.
export function answered(results) {
  return results?.querySelector("[data-query]")?.dataset.query.trim();
}
