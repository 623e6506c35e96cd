/* Answers that this browser keeps until the server has them: in IndexedDB, each sealed with the key of its assessment.

   Where a browser refuses that (plain http, a private window, a full disk) they stay in memory, and `keeps` is false:
   the page then says that they are not saved, instead of promising what it cannot hold. */

const NAME = "answers";
const ENTRIES = "entries";
const FACTS = "facts";
const KEPT_FOR = 7 * 24 * 60 * 60 * 1000;

export class Vault {
  keeps = true;
  #person;
  #database;
  #memory = new Map(); // id -> entry with its values in the open
  #lastInMemory = 0;
  #facts = new Map(); // those that could not be kept

  static async open(person) {
    const vault = new Vault();
    vault.#person = person;
    try {
      if (!crypto.subtle || !navigator.locks) throw new Error("This page is not on a secure address.");
      vault.#database = await opened();
    } catch {
      vault.keeps = false;
    }
    return vault;
  }

  /* Resolves once the entry is where it can be kept. It takes the place of an older one of the same answer that this
     page has not tried to send yet, and of one that was refused. */
  async put(entry, key) {
    const whole = { ...entry, person: this.#person, state: "waiting", isTried: false };
    for (const [id, other] of this.#memory) if (isReplacedBy(other, whole)) this.#memory.delete(id);
    try {
      if (!this.#database || !key) throw new Error("Nothing can be kept here.");
      const { values, told, ...open } = whole;
      open.sealed = await seal({ values, told }, open, key);
      await this.#write(ENTRIES, async (store) => {
        for (const other of await done(store.getAll())) if (isReplacedBy(other, whole)) store.delete(other.id);
        store.add(open);
      });
      if (!this.#memory.size) this.keeps = true;
    } catch {
      this.keeps = false;
      this.#lastInMemory -= 1;
      this.#memory.set(this.#lastInMemory, { ...whole, id: this.#lastInMemory });
    }
  }

  /* This person's entries, oldest first. */
  async all() {
    const kept = this.#database ? await this.#read(ENTRIES, (store) => store.getAll()) : [];
    return [...kept.filter((entry) => entry.person === this.#person), ...this.#memory.values()];
  }

  /* What was answered. Raises if the key is not the one it was sealed with. */
  async reveal(entry, key) {
    return entry.sealed ? unseal(entry, key) : { values: entry.values, told: entry.told };
  }

  async change(id, changes) {
    if (this.#memory.has(id)) {
      Object.assign(this.#memory.get(id), changes);
      return;
    }
    await this.#write(ENTRIES, async (store) => {
      const entry = await done(store.get(id));
      if (entry) store.put({ ...entry, ...changes });
    });
  }

  async remove(...ids) {
    for (const id of ids) this.#memory.delete(id);
    if (!this.#database) return;
    await this.#write(ENTRIES, (store) => ids.filter((id) => id > 0).forEach((id) => store.delete(id)));
  }

  /* The server has it: a newer answer of the same page now rests on the version that it brought back. */
  async acknowledge(entry, version) {
    for (const other of this.#memory.values()) if (isSameAnswer(other, entry)) other.base = version;
    this.#memory.delete(entry.id);
    if (!this.#database) return;
    await this.#write(ENTRIES, async (store) => {
      store.delete(entry.id);
      for (const other of await done(store.getAll())) {
        if (other.id !== entry.id && isSameAnswer(other, entry)) store.put({ ...other, base: version });
      }
    });
  }

  /* Removes what has been here too long, of whoever it is; resolves to how many of this person's those were. */
  async expire() {
    if (!this.#database) return 0;
    const limit = Date.now() - KEPT_FOR;
    const old = (await this.#read(ENTRIES, (store) => store.getAll())).filter((entry) => entry.at < limit);
    await this.remove(...old.map((entry) => entry.id));
    return old.filter((entry) => entry.person === this.#person).length;
  }

  /* Whether nothing of anybody is kept here, so that the browser may be wiped. */
  async isEmpty() {
    if (this.#memory.size) return false;
    return !this.#database || (await this.#read(ENTRIES, (store) => store.count())) === 0;
  }

  /* Small things worth knowing next time: the name of this device, what it last said of itself. */
  async fact(name) {
    if (this.#facts.has(name) || !this.#database) return this.#facts.get(name);
    return this.#read(FACTS, (store) => store.get(name));
  }

  /* What cannot be kept is known as long as the page lives. */
  async note(name, value) {
    try {
      if (!this.#database) throw new Error("Nothing can be kept here.");
      await this.#write(FACTS, (store) => store.put(value, name));
      this.#facts.delete(name);
    } catch {
      this.#facts.set(name, value);
    }
  }

  #read(store, ask) {
    return done(ask(this.#database.transaction(store).objectStore(store)));
  }

  async #write(name, work) {
    const transaction = this.#database.transaction(name, "readwrite");
    const finished = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
    await Promise.all([work(transaction.objectStore(name)), finished]);
  }
}

function isSameAnswer(one, other) {
  return one.person === other.person && one.assessment === other.assessment && one.code === other.code && one.page === other.page;
}

function isReplacedBy(older, newer) {
  return isSameAnswer(older, newer) && (!older.isTried || older.state !== "waiting");
}

function opened() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(ENTRIES, { keyPath: "id", autoIncrement: true });
    request.result.createObjectStore(FACTS);
  };
  return done(request);
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export async function importKey(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(plain, (character) => character.charCodeAt(0));
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/* What belongs together is sealed together: an answer moved to another competence does not open. */
function bound({ person, assessment, code }) {
  return new TextEncoder().encode([person, assessment, code].join("/"));
}

async function seal(content, entry, key) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bytes = new TextEncoder().encode(JSON.stringify(content));
  return { iv, bytes: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bound(entry) }, key, bytes) };
}

async function unseal(entry, key) {
  const { iv, bytes } = entry.sealed;
  const open = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: bound(entry) }, key, bytes);
  return JSON.parse(new TextDecoder().decode(open));
}
