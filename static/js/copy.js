// copy.js: a button with data-copy copies that text, one with
// data-copy-address the page's address, and both say so.
import { alarm, announce } from "./page.js";

let hiding;

function toast(text) {
  const element = document.getElementById("toast");
  if (!element) return;
  element.textContent = text;
  element.showPopover();
  clearTimeout(hiding);
  hiding = setTimeout(() => element.hidePopover(), 2000);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-address]");
  if (!button) return;
  const address = button.hasAttribute("data-copy-address");
  try {
    await navigator.clipboard.writeText(address ? location.href : button.dataset.copy);
  } catch {
    alarm("The browser doesn’t let Rollcall copy. Select the text and copy it yourself.");
    return;
  }
  const said = address ? "Link copied" : "Copied";
  toast(said);
  announce(said);
});
