/* Keys act only while a rating group has focus (WCAG 2.1.4). An answer by key moves focus to the next group. */

const NAMED = { o: "not_observed", n: "not_applicable" };

/* `onEnd` is called after the last group was answered by key. */
export function bindKeys(items, onEnd) {
  items.forEach((item, index) => {
    item.element.querySelector(".opts").addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const key = event.key.toLowerCase();
      if (key === "c") {
        event.preventDefault();
        item.openNote();
        return;
      }
      const value = NAMED[key] ?? (/^[1-9]$/.test(key) ? key : null);
      if (value === null) return;
      event.preventDefault();
      if (!item.choose(value)) return;
      if (index + 1 < items.length) focusGroup(items[index + 1]);
      else onEnd();
    });
  });
}

/* For those who asked for them: j and k go to the next and the previous group, u to the next that is not rated. */
export function bindPageKeys(items) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
    const here = items.findIndex((item) => item.element.contains(document.activeElement));
    const key = event.key.toLowerCase();
    const target = {
      j: () => items[here + 1],
      k: () => items[Math.max(here, 1) - 1],
      u: () => items.find((item, index) => index > here && !item.isAnswered) ?? items.find((item) => !item.isAnswered),
    }[key]?.();
    if (!target) return;
    event.preventDefault();
    focusGroup(target);
  });
}

function isWriting(element) {
  return element.matches("textarea, select, input:not([type=radio], [type=checkbox])");
}

function focusGroup(item) {
  (item.chosen ?? item.radios[0]).focus();
  item.element.scrollIntoView({ block: "nearest" });
}
