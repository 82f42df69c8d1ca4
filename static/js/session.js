// session.js: warns two minutes before the session ends for want of activity,
// or because it is old. Every answer but a poll's starts the time anew, in
// every tab; keys and clicks since the last answer stay signed in by themselves.
// Once it is over, here, in another tab or elsewhere, what the page shows of
// customers is hidden, and kept for when the same person has signed in again.
import { alarm, onPage } from "./page.js";

const warning = 120_000;
const others = new BroadcastChannel("rollcall-session");
const state = { who: "", idle: 0, idleEnd: Infinity, end: Infinity, answered: 0, touched: 0, shown: "", title: "" };

// What the line says, of the times after which a session ends.
const kept = "What you typed is kept, except passwords.";
const says = {
  warn: () => "You will be signed out in two minutes.",
  endIdle: ({ idleAfter }) => `You were signed out after ${idleAfter} without activity. ${kept}`,
  endOld: ({ absoluteAfter }) => `Your session has reached its ${absoluteAfter}. ${kept}`,
  endOut: () => `You were signed out. ${kept}`,
};

function renew(from = Date.now()) {
  state.answered = from;
  if (state.idle) state.idleEnd = from + state.idle;
}

const over = () => state.shown.startsWith("end");

// show puts up the line of that name: warn, one of the ends, or none.
function show(which) {
  if (state.shown === which) return;
  const was = over();
  state.shown = which;
  const bar = document.getElementById("session");
  if (!bar) return;
  bar.hidden = which === "";
  if (over() !== was) cover(over());
  if (!which) return;
  const text = says[which](bar.dataset);
  bar.querySelector("[data-session-text]").textContent = text;
  bar.querySelector("[data-stay]").hidden = over() || state.end <= state.idleEnd;
  bar.querySelector("[data-return]").hidden = !over();
  if (over()) bar.querySelector("[data-return]").focus();
  alarm(text);
}

// cover hides the page but for that line, or shows it again.
function cover(covered) {
  if (covered) {
    state.title = document.title;
    document.title = "Signed out · Rollcall";
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  } else {
    document.title = state.title;
  }
  document.body.toggleAttribute("data-covered", covered);
}

function look() {
  const now = Date.now();
  const end = Math.min(state.idleEnd, state.end);
  if (over()) return;
  if (now >= end) show(state.end <= state.idleEnd ? "endOld" : "endIdle");
  else if (now < end - warning) show("");
  else if (state.touched > state.answered && state.idleEnd < state.end) document.querySelector("[data-stay]")?.click();
  else show("warn");
}

// tell lets the other tabs know that this person is signed in, or nobody is.
const tell = (who) => others.postMessage({ who, answered: state.answered, end: state.end });

others.addEventListener("message", ({ data }) => {
  if (!state.who) return;
  if (data.who !== state.who) {
    show("endOut");
    return;
  }
  renew(data.answered);
  state.end = data.end;
  if (over()) show("");
  look();
});

// ask finds out whether the session is still there, without keeping it alive:
// whoever is signed in is sent on from the sign-in page.
async function ask() {
  if (!state.who || over() || document.hidden || Date.now() - state.answered < 1000) return;
  const answer = await fetch("/sign-in", { redirect: "manual", cache: "no-store" }).catch(() => undefined);
  if (answer?.status === 200) show("endOut");
}

document.addEventListener("htmx:before:request", (event) => {
  if (over()) event.preventDefault();
});

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement.hasAttribute("data-poll") || ctx.response.status >= 400 || ctx.hx.redirect) return;
  renew();
  tell(state.who);
  look();
});

for (const touch of ["keydown", "pointerdown"]) document.addEventListener(touch, () => (state.touched = Date.now()), { passive: true });

onPage(() => {
  const { idle, absolute, who, signedOut } = document.body.dataset;
  state.who = who ?? "";
  if (signedOut !== undefined) tell("");
  state.idle = Number(idle) * 1000;
  if (!state.idle) return;
  renew();
  state.end = Number(absolute) ? Date.now() + Number(absolute) * 1000 : Infinity;
  state.shown = "";
  tell(state.who);
});
setInterval(look, 5000);
document.addEventListener("visibilitychange", () => {
  look();
  ask();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted && state.who) location.reload(); // Back reads again
});
