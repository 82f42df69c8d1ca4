// place.js: how an element is found again once the page was loaded anew.

// alongside are selectors of an element, the closest first: itself, another
// like it at its place, then anywhere; and what opens the layer that it is in.
export function alongside(element) {
  const is = (name) => {
    const value = element.getAttribute(name);
    return value ? `[${name}="${CSS.escape(value)}"]` : "";
  };
  const form = element.form ? `form[action="${CSS.escape(element.form.getAttribute("action") ?? "")}"] ` : "";
  const plain = form + element.localName + is("href") + is("name") + (element.classList.length ? `.${CSS.escape(element.classList[0])}` : "");
  const near = element.parentElement?.closest("[id]");
  const inside = near ? `#${CSS.escape(near.id)} ` : "";
  const layer = element.closest("[popover], dialog")?.id;
  return [
    element.id && `#${CSS.escape(element.id)}`,
    inside + plain + is("value"),
    inside + plain,
    plain,
    layer && `[popovertarget="${layer}"], [data-opens="${layer}"]`,
  ].filter(Boolean);
}

// find puts the focus on the first that is there to be seen.
export function find(selectors) {
  for (const selector of selectors) {
    for (const element of document.querySelectorAll(selector)) {
      if (!element.checkVisibility()) continue;
      element.focus();
      if (element === document.activeElement) return true;
    }
  }
  return false;
}
