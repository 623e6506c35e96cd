/* Signing in again over a page that stays as it is. */

import { post } from "./server.js";

export class SignIn {
  #dialog = document.querySelector("[data-sign-in]");
  #form = this.#dialog.querySelector("form");
  #error = this.#dialog.querySelector("[data-error]");

  /* `isBack` asks whether the person of this page is signed in; `onBack` is told when that is so. */
  constructor(isBack, onBack) {
    this.isBack = isBack;
    this.onBack = onBack;
    // A form that only closes the dialog signs nobody in: somebody without an account does that in another tab.
    if (this.#form.method !== "dialog") {
      this.#form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.#submit();
      });
    }
    // Signed in meanwhile in another tab.
    window.addEventListener("focus", () => this.#dialog.open && this.#look());
  }

  open() {
    if (this.#dialog.open) return;
    this.#say("");
    this.#dialog.showModal();
  }

  async #submit() {
    const button = this.#form.querySelector("[type=submit]");
    button.disabled = true;
    this.#say(await this.#try());
    button.disabled = false;
  }

  /* Resolves to a sentence on what went wrong. */
  async #try() {
    const { status, body } = await post(this.#form.action, new FormData(this.#form));
    this.#form.elements.password.value = "";
    if (status === 0) return "No answer from the server. Try again in a moment.";
    if (status === 400 && body) return body.form.errors.join(" ") || "Type your e-mail address and your password.";
    if (status === 429) return "Too many attempts. Wait five minutes, then try again.";
    if (status !== 200) return "Signing in failed. Open the sign-in page in another tab, sign in there and come back.";
    return this.#look("Somebody else is signed in now. Sign in as the person who opened this page; nothing of it was sent.");
  }

  async #look(otherwise = "") {
    if (!(await this.isBack())) return otherwise;
    this.#dialog.close();
    this.onBack();
    return "";
  }

  #say(words) {
    this.#error.textContent = words;
  }
}
