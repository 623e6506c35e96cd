/* The rating page: each answer is saved as it is given. Without this script the page is an ordinary form. */

import { Outbox } from "./outbox.js";
import { Item } from "./item.js";
import { SaveStatus } from "./status.js";
import { bindKeys } from "./keys.js";

const form = document.getElementById("rating-form");
const status = new SaveStatus(document.querySelector("[data-save-status]"));
const items = new Map();
const outbox = new Outbox({
  onState: (state) => status.show(state),
  onSaved: (code, answer) => items.get(code).saved(answer),
  onConflict: (code, current) => items.get(code).conflict(current),
  onRefused: (code, message) => items.get(code).refused(message),
});

for (const element of form.querySelectorAll("[data-code]")) {
  const item = new Item(element, {
    put: (change) => outbox.put(change),
    settle: (code) => outbox.close(code),
    onAnswer: countAnswered,
  });
  items.set(item.code, item);
}
bindKeys([...items.values()], form.querySelector("[data-next]"));

document.documentElement.classList.add("scripted");

/* How many answers stand on the other pages does not change here; what stands on this page does. */
const counter = document.querySelector("[data-given]");
const elsewhere = Number(counter.textContent) - [...items.values()].filter((item) => item.isAnswered).length;

function countAnswered() {
  counter.textContent = String(elsewhere + [...items.values()].filter((item) => item.isAnswered).length);
}

/* What was chosen or typed before this script was there, or brought back by the browser, is sent now. */
for (const item of items.values()) item.flush();

/* Every way out of the page that is ours waits for what is still on its way. */
document.addEventListener("submit", async (event) => {
  if (event.target !== form) return;
  event.preventDefault();
  const button = event.submitter;
  if (button?.name === "clear") {
    items.get(button.value).clear();
    return;
  }
  for (const item of items.values()) item.flush();
  if (!(await outbox.settled())) return;
  if (button?.dataset.href) location.assign(button.dataset.href + (isByKey && "next" in button.dataset ? ON : ""));
});

/* Whoever came from the last group of an activity by key goes on in the first open group of the next. */
const ON = "#on";
let isByKey = false;
document.addEventListener("keydown", () => (isByKey = true), true);
document.addEventListener("pointerdown", () => (isByKey = false), true);
if (location.hash === ON) {
  const all = [...items.values()];
  (all.find((item) => !item.isAnswered) ?? all[0])?.radios[0].focus();
}

window.addEventListener("beforeunload", (event) => {
  for (const item of items.values()) item.flush();
  if (outbox.isEmpty) return;
  event.preventDefault();
});
