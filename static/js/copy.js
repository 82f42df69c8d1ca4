// copy.js: a button with data-copy copies that text, one with
// data-copy-address the page's address, and both say so, data-copied in its words.
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

// copy puts a text where it can be pasted from, and says so.
export async function copy(text, said = "Copied") {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    alarm("The browser doesn’t let Rollcall copy. Select the text and copy it yourself.");
    return;
  }
  toast(said);
  announce(said);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-copy-address]");
  if (!button) return;
  if (button.hasAttribute("data-copy-address")) copy(location.href, "Link copied");
  else copy(button.dataset.copy, button.dataset.copied);
});
