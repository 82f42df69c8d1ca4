// session.js: warns two minutes before the session ends for want of activity,
// or because it is old. Every answer but a poll's starts the time anew, in
// every tab; keys and clicks since the last answer stay signed in by themselves.
import { alarm, onPage } from "./page.js";

const warning = 120_000;
const others = new BroadcastChannel("rollcall-session");
const state = { idle: 0, idleEnd: Infinity, end: Infinity, answered: 0, touched: 0, shown: "" };

function renew(from = Date.now()) {
  state.answered = from;
  if (state.idle) state.idleEnd = from + state.idle;
}

function show(which) {
  if (state.shown === which) return;
  state.shown = which;
  const bar = document.getElementById("session");
  if (!bar) return;
  bar.hidden = which === "";
  if (!which) return;
  const text = bar.dataset[which];
  bar.querySelector("[data-session-text]").textContent = text;
  bar.querySelector("[data-stay]").hidden = which === "end" || state.end <= state.idleEnd;
  bar.querySelector("[data-return]").hidden = which !== "end";
  alarm(text);
}

function look() {
  const now = Date.now();
  const end = Math.min(state.idleEnd, state.end);
  if (now >= end) show("end");
  else if (now < end - warning) show("");
  else if (state.touched > state.answered && state.idleEnd < state.end) document.querySelector("[data-stay]")?.click();
  else show("warn");
}

others.addEventListener("message", (event) => {
  renew(event.data);
  look();
});

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement.hasAttribute("data-poll") || ctx.response.status >= 400) return;
  renew();
  others.postMessage(state.answered);
  look();
});

for (const touch of ["keydown", "pointerdown"]) document.addEventListener(touch, () => (state.touched = Date.now()), { passive: true });

onPage(() => {
  state.idle = Number(document.body.dataset.idle) * 1000;
  const absolute = Number(document.body.dataset.absolute) * 1000;
  if (!state.idle) return;
  renew();
  others.postMessage(state.answered);
  state.end = absolute ? Date.now() + absolute : Infinity;
  state.shown = "";
});
setInterval(look, 5000);
document.addEventListener("visibilitychange", look);
