// announce.js: one polite and one assertive live region, outside every swap.
// What came with [data-announce] is read after half a second of rest, so that
// typing is not talked over.
let resting;

function say(region, text) {
  const element = document.getElementById(region);
  if (!element || !text) return;
  element.textContent = "";
  setTimeout(() => (element.textContent = text), 50); // the same words twice are news, too
}

document.addEventListener("rollcall:announce", (event) => say("announcer", event.detail));
document.addEventListener("rollcall:alarm", (event) => say("alarm", event.detail));

let targets = [];
document.addEventListener("htmx:before:swap", (event) => {
  targets = event.detail.tasks.map((task) => (typeof task.target === "string" ? document.querySelector(task.target) : task.target));
});

document.addEventListener("htmx:after:swap", () => {
  for (const target of targets) {
    const said = target?.matches?.("[data-announce]") ? target : target?.querySelector?.("[data-announce]");
    if (!said?.dataset.announce) continue;
    clearTimeout(resting);
    resting = setTimeout(() => say("announcer", said.dataset.announce), 500);
    return;
  }
});
