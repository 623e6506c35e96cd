/* Sends changes one at a time until the server has each of them.

   A change keeps its key until it is acknowledged, so that sending it again writes nothing twice. While one change of
   an item is on its way a newer one waits behind it, and is sent with the version the first one brought back. */

const TIMEOUT = 8000;
const LONGEST_PAUSE = 30000;

export class Outbox {
  #waiting = new Map(); // code -> the newest change of that item not yet on its way
  #sending = null;
  #failures = 0;
  #timer = null;
  #stopped = null; // why nothing more is sent: a message for people
  #isSignedOut = false;
  #staleness = null; // what the server said about a page whose proof of origin is too old
  #savedAt = null;
  #settling = [];
  #open = new Set(); // codes whose answer was refused or waits for a choice

  constructor({ onState, onSaved, onConflict, onRefused }) {
    Object.assign(this, { onState, onSaved, onConflict, onRefused });
    for (const event of ["online", "focus", "pageshow"]) window.addEventListener(event, () => this.#wake());
  }

  get size() {
    return this.#waiting.size + (this.#sending ? 1 : 0);
  }

  get isEmpty() {
    return this.size === 0 && this.#open.size === 0;
  }

  put(change) {
    this.#open.delete(change.code);
    this.#waiting.set(change.code, { ...change, key: newKey() });
    this.#tell();
    this.#send();
  }

  /* The person has chosen what should stand, and it stands already. */
  close(code) {
    this.#open.delete(code);
    this.#tell();
  }

  /* Resolves to whether everything has arrived; false as soon as something stands in the way. */
  settled() {
    if (this.#open.size) return Promise.resolve(false);
    if (this.size === 0) return Promise.resolve(true);
    if (this.#stopped || this.#isSignedOut) return Promise.resolve(false);
    this.#wake();
    return new Promise((resolve) => this.#settling.push(resolve));
  }

  #wake() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#send();
  }

  async #send() {
    if (this.#stopped || this.#timer || this.#isBusy) return;
    if (!this.#sending) {
      const [next] = this.#waiting.values();
      if (!next) return this.#settle(true);
      this.#waiting.delete(next.code);
      this.#sending = { ...next, version: next.item.version };
    }
    this.#isBusy = true;
    const answer = await post(this.#sending);
    this.#isBusy = false;
    this.#receive(answer);
  }

  #isBusy = false;

  #receive({ status, body }) {
    const { code } = this.#sending;
    this.#staleness = status === 403 && body?.error === "stale form" ? body.message : null;
    if (status === 0 || status >= 500 || status === 429 || body === null) return this.#again();
    this.#failures = 0;
    this.#isSignedOut = status === 401;
    if (this.#isSignedOut) return this.#again();
    if (this.#staleness) return this.#again();
    if (status === 403 || status === 404) {
      this.#stopped = body.message || "This assessment can no longer be changed here.";
      this.onRefused(code, `${this.#stopped} Copy your text from here if you need it.`);
      this.#tell();
      return this.#settle(false);
    }
    this.#sending = null;
    if (status === 200) {
      this.#savedAt = body.saved_at;
      this.onSaved(code, body);
    } else if (status === 409) {
      this.#waiting.delete(code);
      this.#open.add(code);
      this.onConflict(code, body);
      this.#settle(false);
    } else {
      this.#open.add(code);
      this.onRefused(code, body.message);
      this.#settle(false);
    }
    this.#tell();
    this.#send();
  }

  /* Keep the change, its key included, and try again after a pause that grows. */
  #again() {
    this.#failures += 1;
    const pause = Math.min(LONGEST_PAUSE, 1000 * 2 ** (this.#failures - 1)) * (0.75 + Math.random() / 2);
    this.#timer = setTimeout(() => this.#wake(), pause);
    this.#tell();
    this.#settle(false);
  }

  #settle(isAllSaved) {
    for (const resolve of this.#settling.splice(0)) resolve(isAllSaved);
  }

  #tell() {
    this.onState({
      size: this.size,
      open: this.#open.size,
      savedAt: this.#savedAt,
      isFailing: this.#failures > 0,
      isSignedOut: this.#isSignedOut,
      staleness: this.#staleness,
      stopped: this.#stopped,
    });
  }
}

async function post({ item, code, key, version, values }) {
  const body = new URLSearchParams({ key, version, ...values });
  try {
    const response = await fetch(item.saveUrl, {
      method: "POST",
      body,
      headers: { Accept: "application/json", "X-CSRFToken": csrfToken() },
      signal: AbortSignal.timeout(TIMEOUT),
      redirect: "error",
    });
    const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
    return { status: response.status, body: isJson ? await response.json() : null };
  } catch {
    return { status: 0, body: null };
  }
}

/* Read when sending, because signing in again in another tab changes it. */
function csrfToken() {
  return document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/)?.[1] ?? "";
}

/* crypto.randomUUID is missing on plain http, where a service may be tried out. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
