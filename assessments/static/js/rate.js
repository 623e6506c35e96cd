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

document.documentElement.classList.add("scripted");
for (const element of form.querySelectorAll("[data-code]")) {
  const item = new Item(element, (change) => outbox.put(change), countAnswered);
  items.set(item.code, item);
}
bindKeys([...items.values()], form.querySelector("[data-next]"));

/* How many answers stand on the other pages does not change here; what stands on this page does. */
const counter = document.querySelector("[data-given]");
const elsewhere = Number(counter.textContent) - [...items.values()].filter((item) => item.isAnswered).length;

function countAnswered() {
  counter.textContent = String(elsewhere + [...items.values()].filter((item) => item.isAnswered).length);
}

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
  if (button?.dataset.href) location.assign(button.dataset.href);
});

window.addEventListener("beforeunload", (event) => {
  for (const item of items.values()) item.flush();
  if (outbox.isEmpty) return;
  event.preventDefault();
});
