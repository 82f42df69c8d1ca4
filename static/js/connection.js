// connection.js: says when Rollcall can't be reached, and stops saying it.
import { alarm } from "./page.js";

const bar = () => document.getElementById("offline");

document.addEventListener("htmx:error", (event) => {
  if (!event.detail.ctx || !bar()?.hidden) return;
  bar().hidden = false;
  alarm("No connection to Rollcall. Nothing was changed.");
});

document.addEventListener("htmx:after:request", () => {
  if (bar()) bar().hidden = true;
});

document.addEventListener("htmx:response:error", (event) => {
  if (event.detail.ctx.swap === "none") alarm("That was not kept. Try again.");
});
