// countdown.js: counts [data-countdown] down to nothing. Where there was
// nothing but the waiting, the page is then asked for again.
setInterval(() => {
  for (const element of document.querySelectorAll("[data-countdown]")) {
    const left = Number(element.dataset.countdown) - 1;
    if (left < 0) continue;
    element.dataset.countdown = left;
    element.textContent = left > 0 ? `${left} s left.` : "The wait is over.";
    if (left === 0 && element.closest(".blank") && !document.hidden) location.reload();
  }
}, 1000);
