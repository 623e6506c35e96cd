/* The rating page: each answer is saved as it is given. Without this script the page is an ordinary form. */

import { Outbox } from "./outbox.js";
import { Item } from "./item.js";
import { SaveStatus } from "./status.js";
import { SignIn } from "./sign-in.js";
import { Vault } from "./vault.js";
import { bindKeys, bindPageKeys } from "./keys.js";

const form = document.getElementById("rating-form");
const { person } = document.body.dataset;
const { assessment, outbox: outboxUrl, outboxKey } = form.dataset;
const items = new Map();
const outbox = new Outbox(await Vault.open(person), person, {
  onState: (state) => status.show(state),
  onSaved: ({ code }, answer) => items.get(code).saved(answer),
  onConflict: ({ code }, current) => items.get(code).conflict(current),
  onRefused: ({ code }, message) => items.get(code).refused(message),
  onSignedOut: () => signIn.open(),
});
const signIn = new SignIn(
  async () => Boolean(await outbox.unlock(assessment, outboxUrl)),
  () => outbox.wake(),
);
const status = new SaveStatus(document.querySelector("[data-save-status]"), () => signIn.open());

for (const element of form.querySelectorAll("[data-code]")) {
  const item = new Item(element, {
    put: ({ code, values }) => outbox.put({
      assessment, code, values, told: item.told, base: item.version, url: item.saveUrl, outbox: outboxUrl,
    }),
    settle: (code) => outbox.close({ assessment, code }),
    onAnswer: countAnswered,
  });
  items.set(item.code, item);
}

const all = [...items.values()];

document.documentElement.classList.add("scripted");

/* How many answers stand on the other pages does not change here; what stands on this page does. */
const counter = document.querySelector("[data-given]");
const elsewhere = Number(counter.textContent) - answeredHere();

function answeredHere() {
  return all.filter((item) => item.isAnswered).length;
}

function countAnswered() {
  counter.textContent = String(elsewhere + answeredHere());
}

/* The key is made once for each person and draft; later pages bring it along. */
outbox.unlock(assessment, outboxUrl, outboxKey);

/* What was chosen or typed before this script was there, or brought back by the browser, is sent now. */
flush();

function flush() {
  for (const item of all) item.flush();
}

/* Every way out of the page that is ours waits for what is still on its way. */
document.addEventListener("submit", async (event) => {
  if (event.target !== form) return;
  event.preventDefault();
  const button = event.submitter;
  if (button?.name === "clear") items.get(button.value).clear();
  else if (button) await leave(button.dataset.href, isByKey && "next" in button.dataset);
  else await leave();
});

/* Saves what is there; then, if an address is given and the person still wants it, goes there. */
async function leave(address, isGoingOn = false, isWanted = () => true) {
  flush();
  if ((await outbox.settled()) && address && isWanted()) location.assign(address + (isGoingOn ? ON : ""));
}

/* Whoever comes from the last group of an activity by key goes on in the first open group of the next. */
const ON = "#on";
let isByKey = false;
document.addEventListener("keydown", () => (isByKey = true), true);
document.addEventListener("pointerdown", () => (isByKey = false), true);
if (location.hash === ON) (all.find((item) => !item.isAnswered) ?? all[0])?.radios[0].focus();

/* After the last group its answer by key leads to the next activity, unless somebody turns back while it is saved. */
const next = form.querySelector("[data-next]");
const check = document.querySelector(".stick__check");
bindKeys(all, () => {
  (next ?? check).focus();
  if (next) leave(next.dataset.href, true, () => document.activeElement === next);
});
if ("pageKeys" in form.dataset) bindPageKeys(all);

/* Somebody may sit opposite. */
const hidden = document.querySelector("[data-hidden]");
document.querySelector("[data-hide]").addEventListener("click", () => hidden.showModal());

window.addEventListener("beforeunload", (event) => {
  flush();
  if (!outbox.isEmpty) event.preventDefault();
});
