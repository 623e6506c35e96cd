/* Where the work is, in words. The region is polite: it speaks when the state changes, not at every answer. */

import { clock, count } from "./words.js";

export class SaveStatus {
  #shown = "";
  #timer = null;

  constructor(element, signIn) {
    this.element = element;
    this.signIn = signIn;
  }

  show(state) {
    const { kind, words } = describe(state);
    clearTimeout(this.#timer);
    // A save that takes a moment is not worth an announcement.
    if (kind === "busy") this.#timer = setTimeout(() => this.#write(kind, words), 600);
    else this.#write(kind, words);
  }

  #write(kind, words) {
    if (words === this.#shown) return;
    this.#shown = words;
    const line = document.createElement("span");
    line.className = `save${kind === "saved" ? "" : ` save--${kind}`}`;
    line.append(words);
    if (kind === "out") line.append(" ", this.#signInButton());
    this.element.replaceChildren(line);
  }

  #signInButton() {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "sign in again" });
    button.className = "btn btn--text";
    button.addEventListener("click", () => this.signIn());
    return button;
  }
}

function describe({ size, open, keeps, savedAt, isFailing, isSignedOut, staleness, stopped }) {
  const changes = count(size, "change");
  const where = keeps ? `${changes} kept on this device` : `${changes} not saved yet. Keep this page open.`;
  if (stopped) return { kind: "off", words: `Not saved: ${stopped}` };
  if (isSignedOut) return { kind: "out", words: size ? `Not saved, ${where} –` : "Not saved –" };
  if (staleness) return { kind: "off", words: `${changes} not saved yet. ${staleness}` };
  if (size && isFailing) {
    return { kind: "off", words: `${navigator.onLine ? "No answer from the server" : "Offline"} – ${where}` };
  }
  if (size) return { kind: "busy", words: size === 1 ? "Saving…" : `Saving ${size}…` };
  if (open) {
    const are = open === 1 ? "is" : "are";
    return { kind: "off", words: `${count(open, "answer")} ${are} not saved. See the message beside it.` };
  }
  return { kind: "saved", words: `All changes saved ${savedAt ?? clock(Date.now())}` };
}
