/* Keys act only while a rating group has focus (WCAG 2.1.4). An answer by key moves focus to the next group. */

const NAMED = { o: "not_observed", n: "not_applicable" };

export function bindKeys(items, next) {
  items.forEach((item, index) => {
    item.element.querySelector(".opts").addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const key = event.key.toLowerCase();
      if (key === "c") {
        event.preventDefault();
        item.openNote();
        return;
      }
      const value = NAMED[key] ?? (/^[1-9]$/.test(key) ? key : null);
      if (value === null) return;
      event.preventDefault();
      if (item.choose(value)) focusGroup(items[index + 1], next);
    });
  });
}

function focusGroup(item, next) {
  if (!item) {
    next?.focus();
    return;
  }
  (item.chosen ?? item.radios[0]).focus();
  item.element.scrollIntoView({ block: "nearest" });
}
