/* Suggestions under a search field, after the ARIA pattern of an editable combobox. Without them the form still works. */

const WAIT = 150;
const FEWEST = 2;

class Suggestions {
  #hits = [];
  #active = -1;
  #timer = null;
  #asked = null;

  constructor(form) {
    this.address = form.dataset.suggestions;
    this.input = form.querySelector("input");
    this.list = document.createElement("ul");
    this.status = document.createElement("p");
    this.#build(form);
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("keydown", (event) => this.#pressed(event));
    this.input.addEventListener("blur", () => this.#close());
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    this.list.addEventListener("click", (event) => this.#open(event.target.closest("[role=option]")));
  }

  #build(form) {
    const { input, list, status } = this;
    Object.assign(list, { id: `${input.id}-suggestions`, className: "suggest", hidden: true });
    status.className = "vh";
    input.type = "text"; // a field of type search may not be a combobox
    set(list, { role: "listbox", "aria-label": "Statements found" });
    set(status, { role: "status" });
    set(input, { role: "combobox", "aria-controls": list.id, "aria-expanded": "false", "aria-autocomplete": "list" });
    form.querySelector(".search").append(list, status);
  }

  #typed() {
    clearTimeout(this.#timer);
    this.#asked?.abort();
    const words = this.input.value.trim();
    if (words.length < FEWEST) this.#close();
    else this.#timer = setTimeout(() => this.#ask(words), WAIT);
  }

  async #ask(words) {
    this.#asked = new AbortController();
    const address = `${this.address}?${new URLSearchParams({ q: words })}`;
    try {
      const answer = await fetch(address, { signal: this.#asked.signal, headers: { Accept: "application/json" } });
      if (answer.ok) this.#show(await answer.json());
    } catch {
      this.#close(); // offline, or typed on: the button still searches
    }
  }

  #show({ hits, is_more: isMore }) {
    if (document.activeElement !== this.input) return;
    this.#hits = hits;
    this.list.replaceChildren(...hits.map((hit, number) => option(this.list.id, hit, number)));
    this.#mark(-1);
    this.#expand(hits.length > 0);
    this.#say(hits.length, isMore);
  }

  #say(count, isMore) {
    const found = count === 1 ? "1 statement" : `${count} statements`;
    if (!count) this.status.textContent = "No statement found";
    else this.status.textContent = `${isMore ? `The first ${found}` : found}. Choose with the arrow keys.`;
  }

  #pressed(event) {
    const isOpen = !this.list.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && isOpen) {
      event.preventDefault();
      // One place of the round is the field itself.
      const places = this.#hits.length + 1;
      this.#mark(((this.#active + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && isOpen && this.#active >= 0) {
      event.preventDefault();
      this.#open(this.list.children[this.#active]);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      this.#close();
    }
  }

  #mark(number) {
    this.#active = number;
    [...this.list.children].forEach((each, place) => each.setAttribute("aria-selected", String(place === number)));
    const chosen = this.list.children[number];
    if (chosen) this.input.setAttribute("aria-activedescendant", chosen.id);
    else this.input.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  #open(chosen) {
    if (chosen) location.assign(chosen.dataset.url);
  }

  #expand(isOpen) {
    this.list.hidden = !isOpen;
    set(this.input, { "aria-expanded": String(isOpen) });
  }

  #close() {
    clearTimeout(this.#timer);
    this.#asked?.abort();
    this.#mark(-1);
    this.#expand(false);
    this.status.textContent = "";
  }
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

function option(list, { code, text, activity, url }, number) {
  const element = document.createElement("li");
  element.id = `${list}-${number}`;
  set(element, { role: "option", "aria-selected": "false" });
  element.dataset.url = url;
  element.append(part("code", code), part("suggest__t", text), part("suggest__in", activity));
  return element;
}

function part(name, words) {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = words;
  return element;
}

for (const form of document.querySelectorAll("form[data-suggestions]")) new Suggestions(form);
