/* One competence on the page: what is chosen and typed, and what the server says of it. */

const TYPING_PAUSE = 800;

export class Item {
  #timer = null;

  constructor(element, { put, settle, onAnswer }) {
    this.element = element;
    this.code = element.dataset.code;
    this.saveUrl = element.dataset.save;
    this.put = put;
    this.settle = () => settle(this.code);
    this.onAnswer = onAnswer;
    this.radios = [...element.querySelectorAll("input[type=radio]")];
    this.note = element.querySelector("textarea");
    this.time = element.querySelector("input[name^=time_mark-]"); // only where there is a recording
    this.points = [...element.querySelectorAll("input[name^=points-]")];
    this.#versionField = element.querySelector("input[type=hidden]");
    this.#lastPut = JSON.stringify(this.#asServed());
    element.addEventListener("change", (event) => this.#changed(event));
    for (const typed of [this.note, this.time]) typed?.addEventListener("input", () => this.#typed());
  }

  #versionField;
  #lastPut;

  get version() {
    return this.#versionField.value;
  }

  get chosen() {
    return this.radios.find((radio) => radio.checked);
  }

  /* The answer in the words of the page. */
  get told() {
    return this.chosen?.parentElement.querySelector(".opt__t").textContent ?? "Not rated";
  }

  get isAnswered() {
    return Boolean(this.chosen);
  }

  /* The answer as the page came from the server, whatever has been chosen since. */
  #asServed() {
    const radio = this.radios.find((candidate) => candidate.defaultChecked);
    return this.#values(radio, (typed) => typed.defaultValue, (box) => box.defaultChecked);
  }

  get values() {
    return this.#values(this.chosen, (typed) => typed.value, (box) => box.checked);
  }

  /* Everything about the competence travels together, so that what is stored is always one person's whole answer. */
  #values(radio, textOf, isOn) {
    const values = { answer: radio?.value ?? "pending", note: textOf(this.note) };
    const points = this.points.filter(isOn).map((box) => box.value);
    if (points.length) values.points = points.join(" ");
    if (this.time && textOf(this.time).trim()) values.time_mark = textOf(this.time);
    for (const name of ["concern", "priority"]) {
      if (isOn(this.element.querySelector(`input[name^=${name}-]`))) values[name] = "on";
    }
    const { answer, note, ...more } = values;
    const isEmpty = answer === "pending" && !note.trim() && !Object.keys(more).length;
    return isEmpty ? { answer: "clear" } : values;
  }

  choose(value) {
    const radio = this.radios.find((candidate) => candidate.value === value);
    if (!radio) return false;
    radio.checked = true;
    this.#changed();
    return true;
  }

  clear() {
    for (const input of this.element.querySelectorAll("input:checked")) input.checked = false;
    this.note.value = "";
    if (this.time) this.time.value = "";
    this.element.querySelector("[data-previous]")?.replaceChildren();
    this.#changed();
    this.radios[0].focus();
  }

  openNote() {
    this.element.querySelector(".notebtn").open = true;
    this.note.focus();
  }

  /* Send what was typed without waiting for the pause. */
  flush() {
    clearTimeout(this.#timer);
    const values = JSON.stringify(this.values);
    if (values === this.#lastPut) return;
    this.#lastPut = values;
    this.put({ code: this.code, item: this, values: this.values });
  }

  saved({ version, warning, previous }) {
    this.#versionField.value = version;
    this.element.classList.toggle("is-answered", this.isAnswered);
    this.#say("[data-state]", "");
    this.#say("[data-error]", "");
    this.#say("[data-warning]", warning ?? "");
    if (this.isAnswered && previous) this.#reveal(previous);
  }

  refused(message) {
    const place = this.note.value || this.time?.value ? "[data-error]" : "[data-state]";
    this.#say(place, `Not saved. ${message}`);
    if (place === "[data-error]") this.element.querySelector(".notebtn").open = true;
    this.#lastPut = "";
  }

  /* Nothing is overwritten: both answers are shown and the person chooses. */
  conflict(current) {
    const mine = this.told;
    const group = document.createElement("div");
    group.className = "clash";
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", `Two answers for ${this.code}`);
    const told = document.createElement("p");
    const bold = document.createElement("b");
    bold.textContent = "Two answers were given.";
    told.append(bold, " Nothing has been overwritten. Which should stand?");
    const two = document.createElement("div");
    two.className = "clash__two";
    const theirsBy = current.who ? `${current.who}, ${current.at}` : "Cleared elsewhere";
    two.append(
      this.#option(mine, "Given here, not saved", this.values, () => {
        this.#versionField.value = current.version;
        this.#lastPut = "";
        group.remove();
        this.flush();
      }),
      this.#option(current.label, theirsBy, current, () => {
        this.#take(current);
        group.remove();
      }),
    );
    group.append(told, two);
    this.element.querySelector("[data-clash]").replaceChildren(group);
  }

  #option(label, from, { note, points, time_mark: time }, keep) {
    const option = document.createElement("div");
    const what = document.createElement("p");
    const bold = document.createElement("b");
    bold.textContent = label;
    const origin = document.createElement("span");
    origin.className = "muted";
    origin.textContent = ` ${from}`;
    what.append(bold, origin);
    const details = [note && `“${note}”`, points && `Points seen: ${points}`, time && `At ${time}`].filter(Boolean);
    for (const detail of details) what.append(document.createElement("br"), detail);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn--quiet";
    button.textContent = `Keep ${label}`;
    button.addEventListener("click", keep);
    option.append(what, button);
    return option;
  }

  #take(current) {
    for (const radio of this.radios) radio.checked = radio.value === current.answer;
    for (const name of ["concern", "priority"]) {
      this.element.querySelector(`input[name^=${name}-]`).checked = Boolean(current[name]);
    }
    this.note.value = current.note;
    if (this.time) this.time.value = current.time_mark ?? "";
    for (const box of this.points) box.checked = (current.points ?? "").split(" ").includes(box.value);
    this.#versionField.value = current.version;
    this.#lastPut = JSON.stringify(this.values);
    this.element.classList.toggle("is-answered", this.isAnswered);
    this.onAnswer();
    this.settle();
  }

  #changed(event) {
    if (event && [this.note, this.time].includes(event.target)) return this.flush();
    this.element.classList.toggle("is-answered", this.isAnswered);
    this.flush();
    this.onAnswer();
  }

  #typed() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), TYPING_PAUSE);
  }

  #say(selector, words) {
    this.element.querySelector(selector).textContent = words;
  }

  /* Last time: sent with the acknowledgement of this answer, never before. Its look is that of the option it names. */
  #reveal({ mark, told }) {
    const line = document.createElement("span");
    const muted = Object.assign(document.createElement("span"), { className: "muted", textContent: told });
    const option = this.radios.find((radio) => radio.value === mark)?.parentElement;
    if (option) {
      const swatch = document.createElement("span");
      swatch.className = `sw ${option.classList.item(option.classList.length - 1)}`;
      swatch.append(...option.querySelector(".opt__n").cloneNode(true).childNodes);
      line.append("Last time ", swatch, ` ${option.querySelector(".opt__t").textContent} `);
    }
    line.append(muted);
    this.element.querySelector("[data-previous]")?.replaceChildren(line);
  }
}
