/* On every page of a signed-in person: what an earlier page of this browser left unsent is offered for sending, looking
   at or discarding, and asked about before signing out, sharing and signing off. Whoever else signs in sees none of it. */

import { Outbox } from "./outbox.js";
import { Vault } from "./vault.js";
import { clock, count } from "./words.js";

const PATIENCE = 8000;

const { person } = document.body.dataset;
const part = (name) => document.querySelector(`[data-unsent-${name}]`);
const banner = document.querySelector("[data-unsent]");
const list = part("list");
const asking = document.querySelector("[data-leaving]");
const choices = new Map(); // entry -> what stands on the server instead
let left = [];
let leavingBy = null; // the form that signs out

/* Listening comes before looking: who is quick to press is asked all the same. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-sign-out]")) {
    event.preventDefault();
    opening.then(() => leave(form));
  } else if (form.dataset.needsAllSent && !form.elements.leave?.checked) {
    event.preventDefault();
    opening.then(() => submitOnceSent(form));
  }
});

const opening = Vault.open(person);
const vault = await opening;
const outbox = new Outbox(vault, person, { onConflict: offerChoice, onSignedOut: () => location.reload() });

const expired = await vault.expire();
left = await Outbox.leftBehind(vault);
if (left.length) await draw();
if (expired) {
  banner.hidden = false;
  say(`${count(expired, "answer")} given more than seven days ago could not be sent and ${expired === 1 ? "is" : "are"} removed.`);
}

part("send").addEventListener("click", async () => {
  say("Sending…");
  await outbox.adopt(left);
  const isSent = await outbox.settled();
  await draw();
  if (isSent) say("Everything from this device is saved. Pages that are open show it when they are loaded again.");
  else say(choices.size ? "Some of it needs your choice." : "Not everything could be sent.");
});

part("look").addEventListener("click", () => show(list.hidden));

part("discard").addEventListener("click", async ({ target }) => {
  if (!target.dataset.isSure) {
    target.dataset.isSure = "yes";
    target.textContent = `Discard ${count(left.length, "answer")} for good`;
    return;
  }
  await outbox.remove(left);
  await draw();
  say("Discarded.");
});

asking.addEventListener("click", async ({ target }) => {
  const { value } = target;
  if (value === "stay") asking.close();
  if (value === "keep") leavingBy.submit();
  if (value === "discard") {
    await vault.remove(...(await vault.all()).map((entry) => entry.id));
    await signOut();
  }
  if (value === "retry") {
    await outbox.adopt(await Outbox.leftBehind(vault));
    if (await isDrained(PATIENCE)) await signOut();
    else await tellUnsent();
  }
});

async function draw() {
  const ids = new Set(left.map((entry) => entry.id));
  left = (await vault.all()).filter((entry) => ids.has(entry.id) || entry.page === outbox.page);
  banner.hidden = false;
  part("acts").hidden = left.length === 0;
  part("title").textContent = left.length
    ? `${count(left.length, "answer")} from ${clock(left[0].at)} on this device ${left.length === 1 ? "was" : "were"} not sent`
    : "Nothing on this device waits to be sent";
  await show(left.length > 0 && (!list.hidden || choices.size > 0));
}

async function show(isShown) {
  list.hidden = !isShown;
  part("look").setAttribute("aria-expanded", String(isShown));
  list.replaceChildren(...(isShown ? await Promise.all(left.map(line)) : []));
}

async function line(entry) {
  const row = document.createElement("li");
  const bold = Object.assign(document.createElement("b"), { textContent: entry.code });
  const link = Object.assign(document.createElement("a"), { textContent: "Open the assessment" });
  link.href = entry.url.replace(/ratings\/.*/, "");
  try {
    const content = await vault.reveal(entry, await outbox.unlock(entry.assessment, entry.outbox));
    const note = content.values.note ? ` “${content.values.note}”` : "";
    row.append(bold, ` ${content.told}${note} (${clock(entry.at)}). `, link);
    if (entry.message) row.append(document.createElement("br"), `Not saved. ${entry.message}`);
    if (choices.has(entry.id)) row.append(...choice(entry, content, choices.get(entry.id)));
  } catch {
    row.append(bold, " cannot be read just now. ", link);
  }
  return row;
}

/* Nothing is overwritten: both answers are shown and the person chooses. */
function choice(entry, content, current) {
  const what = document.createElement("p");
  const by = current.who ? ` by ${current.who}, ${current.at}` : "";
  what.textContent = `Two answers were given. On the server stands ${current.label}${by}${current.note ? `: “${current.note}”` : ""}.`;
  const keep = button(`Keep ${content.told} from this device`, () => {
    const { assessment, code, url, outbox: address } = entry;
    return outbox.put({ assessment, code, url, outbox: address, ...content, base: current.version });
  });
  return [what, keep, " ", button(`Keep ${current.label} from the server`, () => outbox.close(entry))];

  function button(words, act) {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "btn btn--quiet", textContent: words });
    made.addEventListener("click", async () => {
      choices.delete(entry.id);
      await act();
      await outbox.settled();
      await draw();
    });
    return made;
  }
}

function offerChoice(entry, current) {
  choices.set(entry.id, current);
}

/* Before signing out: send what is still here, or let the person decide what becomes of it. */
async function leave(form) {
  leavingBy = form;
  if (await isDrained(0)) return signOut();
  await tellUnsent();
  asking.showModal();
}

async function tellUnsent() {
  const number = (await vault.all()).length;
  asking.querySelector("[data-leaving-told]").textContent = `${count(number, "answer")} ${number === 1 ? "has" : "have"} not reached the server.`;
}

/* Where nobody's answers are kept the browser is told to forget everything of this site. */
async function signOut() {
  if (await vault.isEmpty()) leavingBy.append(Object.assign(document.createElement("input"), { type: "hidden", name: "wipe", value: "on" }));
  leavingBy.submit();
}

async function isDrained(patience) {
  const limit = Date.now() + patience;
  while ((await vault.all()).length) {
    if (Date.now() > limit) return false;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return true;
}

/* Nobody shares or signs over answers that are still in this browser. */
async function submitOnceSent(form) {
  const kept = (await vault.all()).filter((entry) => entry.assessment === form.dataset.needsAllSent);
  if (!kept.length) return form.submit();
  left = kept;
  await draw();
  say("Send or discard them first.");
  part("send").focus();
}

function say(words) {
  part("told").textContent = words;
}
