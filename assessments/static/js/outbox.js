/* Sends answers one at a time until the server has each of them.

   An answer is first put into the vault of this browser and keeps its key until it is acknowledged, so that sending it
   again writes nothing twice. While one is on its way a newer one of the same competence waits behind it. Each page
   sends its own answers, and one page at a time; what a page left behind is offered to the person (unsent.js). */

import { importKey } from "./vault.js";
import { newKey, post } from "./server.js";

const LONGEST_PAUSE = 30000;
const LONGEST_TURN = 15000;
const REPORT_AFTER = 5000;
const PAGE_LOCK = "answers-of-";

export class Outbox {
  page = newKey();
  #vault;
  #person;
  #keys = new Map(); // assessment -> promise of the key of its answers
  #versions = new Map(); // assessment and code -> the version last heard of
  #entries = []; // of this page, as the vault had them last
  #writing = 0; // answers on their way into the vault
  #writes = Promise.resolve();
  #isSending = false;
  #failures = 0;
  #timer = null;
  #savedAt = null;
  #isSignedOut = false;
  #staleness = null; // what the server said about a page whose proof of origin is too old
  #stopped = null; // why nothing more of the assessment is taken: a sentence for people
  #settling = [];
  #reporting = null;

  /* The handlers get the entry and, where there is one, what the server said of it. */
  constructor(vault, person, handlers) {
    this.#vault = vault;
    this.#person = person;
    Object.assign(this, { onState() {}, onSaved() {}, onConflict() {}, onRefused() {}, onSignedOut() {} }, handlers);
    for (const event of ["online", "focus", "pageshow"]) window.addEventListener(event, () => this.wake());
    document.addEventListener("visibilitychange", () => document.hidden && this.#report());
    // Held as long as the page lives, so that other pages see whether somebody still sends its answers.
    navigator.locks?.request(PAGE_LOCK + this.page, () => new Promise(() => {}));
  }

  /* Entries of this person that no living page sends. */
  static async leftBehind(vault) {
    const { held } = navigator.locks ? await navigator.locks.query() : { held: [] };
    const living = new Set(held.map((lock) => lock.name));
    return (await vault.all()).filter((entry) => !living.has(PAGE_LOCK + entry.page));
  }

  /* Known before it is needed, so that an answer can be kept although the network is gone. Resolves to null for whoever
     may not have it now; a key once known stays. */
  unlock(assessment, url, text) {
    const known = this.#keys.get(assessment);
    const asked = (text ? importKey(text) : this.#askKey(url)).catch(() => null);
    this.#keys.set(assessment, Promise.resolve(known).then((key) => key ?? asked));
    return asked;
  }

  get isEmpty() {
    return this.#writing === 0 && this.#entries.length === 0;
  }

  get #waiting() {
    return this.#entries.filter((entry) => entry.state === "waiting");
  }

  /* An answer: its assessment and code, the addresses of the save and of the key, the version it rests on, its values
     and how it is told. */
  async put(change) {
    this.#writing += 1;
    this.#tell();
    const entry = { ...change, key: newKey(), page: this.page, at: Date.now() };
    this.#writes = this.#writes.then(async () => {
      entry.base = this.#versions.get(slot(entry)) ?? entry.base;
      await this.#vault.put(entry, await this.#keyNow(entry.assessment));
    });
    await this.#writes;
    this.#writing -= 1;
    await this.#look();
    this.#send();
  }

  /* Entries that another page left behind are this page's from now on, in the order in which they were given. */
  async adopt(entries) {
    for (const entry of entries) await this.#vault.change(entry.id, { page: this.page, state: "waiting" });
    await this.#look();
    this.wake();
  }

  /* The person has chosen what should stand, and it stands already. */
  close(answer) {
    return this.remove(this.#entries.filter((entry) => slot(entry) === slot(answer)));
  }

  async remove(entries) {
    await this.#vault.remove(...entries.map((entry) => entry.id));
    await this.#look();
    if (this.isEmpty) this.#settle(true);
  }

  /* Resolves to whether everything has arrived; false as soon as something stands in the way. */
  async settled() {
    await this.#writes;
    await this.#look();
    if (this.isEmpty) return true;
    if (this.#stopped || this.#isSignedOut || this.#waiting.length < this.#entries.length) return false;
    this.wake();
    return new Promise((resolve) => this.#settling.push(resolve));
  }

  wake() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#send();
  }

  async #send() {
    if (this.#isSending || this.#timer || !this.#waiting.length) return;
    this.#isSending = true;
    await alone(async () => {
      for (let next = this.#next(); next && !this.#timer; next = this.#next()) await this.#deliver(next);
    });
    this.#isSending = false;
    if (this.isEmpty) this.#settle(true);
    else if (this.#next() && !this.#timer) this.#send();
  }

  /* The oldest that waits for nothing but its turn. */
  #next() {
    const stuck = new Set(this.#entries.filter((entry) => entry.state !== "waiting").map(slot));
    return this.#waiting.find((entry) => !stuck.has(slot(entry)));
  }

  async #deliver(entry) {
    const key = await this.#keyNow(entry.assessment);
    if (entry.sealed && !key) return this.#again();
    const content = await this.#vault.reveal(entry, key).catch(() => null);
    if (!content) return this.#receive(entry, { status: 422, body: { message: "It can no longer be read here." } });
    const { values } = content;
    // A full disk may refuse the note that it was tried; the answer goes out all the same.
    if (!entry.isTried) await this.#vault.change(entry.id, { isTried: true }).catch(() => {});
    const answer = await post(entry.url, { key: entry.key, version: entry.base, person: this.#person, ...values });
    await this.#receive(entry, answer);
  }

  async #receive(entry, { status, body }) {
    this.#staleness = status === 403 && body?.error === "stale form" ? body.message : null;
    // Something on the way may answer in the server's place: only a version says that the answer is stored.
    const isNone = status === 0 || status >= 500 || status === 429 || body === null;
    const isForeign = status === 200 && !Number.isInteger(body?.version);
    if (isNone || isForeign || this.#staleness) return this.#again();
    if (status === 401) return this.#signedOut();
    this.#isSignedOut = false;
    this.#failures = 0;
    if (status === 200) return this.#saved(entry, body);
    if (status === 409) await this.#clashed(entry, body);
    else if (status === 403 || status === 404) await this.#over(entry, body.message);
    else await this.#refused([entry], body.message);
    this.#settle(false);
  }

  #signedOut() {
    if (!this.#isSignedOut) this.onSignedOut();
    this.#isSignedOut = true;
    this.#again();
  }

  async #saved(entry, body) {
    this.#savedAt = body.saved_at;
    this.#versions.set(slot(entry), body.version);
    await this.#vault.acknowledge(entry, body.version);
    await this.#look();
    this.onSaved(entry, body);
  }

  /* What was given since then is what the person is asked about. */
  async #clashed(entry, body) {
    this.#versions.delete(slot(entry));
    const all = [entry, ...this.#waiting.filter((other) => other.id !== entry.id && slot(other) === slot(entry))];
    const newest = all.pop();
    await this.#vault.remove(...all.map((other) => other.id));
    await this.#vault.change(newest.id, { state: "clash" });
    await this.#look();
    this.onConflict(newest, body);
  }

  /* Nothing more of the assessment is taken. What was given stays here, to be read and copied. */
  #over(entry, message = "This assessment can no longer be changed here.") {
    this.#stopped = message;
    const all = this.#waiting.filter((other) => other.assessment === entry.assessment);
    return this.#refused(all, `${message} Copy your text from here if you need it.`);
  }

  async #refused(entries, message) {
    for (const { id } of entries) await this.#vault.change(id, { state: "refused", message });
    await this.#look();
    for (const entry of entries) this.onRefused(entry, message);
  }

  /* Keep the answer, its key included, and try again after a pause that grows. */
  #again() {
    this.#failures += 1;
    const pause = Math.min(LONGEST_PAUSE, 1000 * 2 ** (this.#failures - 1)) * (0.75 + Math.random() / 2);
    this.#timer = setTimeout(() => this.wake(), pause);
    this.#tell();
    this.#settle(false);
  }

  async #keyNow(assessment) {
    if (!this.#vault.keeps && !this.#keys.has(assessment)) return null;
    const known = await this.#keys.get(assessment);
    if (known) return known;
    const [entry] = this.#entries.filter((candidate) => candidate.assessment === assessment);
    return entry ? this.unlock(assessment, entry.outbox) : null;
  }

  async #askKey(url) {
    const { status, body } = await post(url, {});
    if (status === 401) this.onSignedOut();
    // Somebody else has signed in: what is kept here is not theirs to read or to send.
    if (status !== 200 || body?.person !== this.#person) throw new Error("There is no key.");
    return importKey(body.key);
  }

  async #look() {
    this.#entries = (await this.#vault.all()).filter((entry) => entry.page === this.page);
    this.#tell();
  }

  #settle(isAllSaved) {
    for (const resolve of this.#settling.splice(0)) resolve(isAllSaved);
  }

  #tell() {
    const waiting = this.#waiting.length + this.#writing;
    this.onState({
      size: waiting,
      open: this.#entries.length + this.#writing - waiting,
      keeps: this.#vault.keeps && this.#writing === 0,
      savedAt: this.#savedAt,
      isFailing: this.#failures > 0,
      isSignedOut: this.#isSignedOut,
      staleness: this.#staleness,
      stopped: this.#stopped,
    });
    this.#reporting ??= setTimeout(() => this.#report(), REPORT_AFTER);
  }

  /* Tell the server what is stuck on this device, if that is news: nobody should sign off over answers that are
     elsewhere. What is merely on its way counts only when the page is left, because it may not wake again. */
  async #report() {
    clearTimeout(this.#reporting);
    this.#reporting = null;
    if (this.#isSignedOut) return;
    const entries = await this.#vault.all();
    const stuck = entries.filter((entry) => document.hidden || entry.state !== "waiting" || isOld(entry));
    if (stuck.length < entries.length) this.#reporting = setTimeout(() => this.#report(), REPORT_AFTER);
    const kept = new Map();
    for (const { assessment, outbox } of stuck) {
      kept.set(assessment, { outbox, unsent: (kept.get(assessment)?.unsent ?? 0) + 1 });
    }
    const name = `reported by ${this.#person}`;
    const reported = new Map(await this.#vault.fact(name));
    const device = (await this.#vault.fact("device")) ?? newKey();
    for (const [assessment, { outbox }] of [...reported, ...kept]) {
      const unsent = kept.get(assessment)?.unsent ?? 0;
      if (unsent === (reported.get(assessment)?.unsent ?? 0)) continue;
      const { status } = await post(outbox, { device, unsent }, { keepalive: true });
      if (status === 200) reported.set(assessment, { outbox, unsent });
      if (status === 200 && !unsent) reported.delete(assessment);
    }
    await this.#vault.note("device", device);
    await this.#vault.note(name, [...reported]);
  }
}

/* One page at a time sends. A page that the browser has put to sleep in the middle of it loses its turn, because the
   keys of the answers make sending twice harmless. */
async function alone(work) {
  if (!navigator.locks) return work();
  const turn = { mode: "exclusive", signal: AbortSignal.timeout(LONGEST_TURN) };
  try {
    return await navigator.locks.request("sending", turn, work);
  } catch (failure) {
    if (failure.name === "TimeoutError") return navigator.locks.request("sending", { steal: true }, work);
    if (failure.name !== "AbortError") throw failure; // its turn was taken
  }
}

function isOld(entry) {
  return entry.at < Date.now() - REPORT_AFTER;
}

function slot({ assessment, code }) {
  return `${assessment} ${code}`;
}
