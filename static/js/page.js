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

// answered is the query that the results on screen are the answer to.
export function answered(results) {
  return results?.querySelector("[data-query]")?.dataset.query.trim();
}
