// <abc-editor>: a text area for ABC notation; problems are underlined, and named below with line and column.

import { post, settled } from "/static/api.js";
import { offsets } from "/static/abc.js";

class AbcEditor extends HTMLElement {
  connectedCallback() {
    const label = this.getAttribute("label") ?? "ABC notation";
    this.text = document.createElement("textarea");
    Object.assign(this.text, { rows: this.getAttribute("rows") ?? 3, spellcheck: false, autocapitalize: "off" });
    this.text.setAttribute("aria-label", label);
    this.marks = document.createElement("div");
    this.marks.className = "marks";
    this.marks.setAttribute("aria-hidden", "true");
    this.list = document.createElement("ul");
    this.list.className = "problems";
    this.list.setAttribute("aria-live", "polite");
    const box = document.createElement("div");
    box.className = "editor";
    box.append(this.marks, this.text);
    this.append(box, this.list);
    this.check = settled(250, (signal) => this.#check(signal));
    this.text.addEventListener("input", () => {
      this.#mark([]);
      this.check();
      this.dispatchEvent(new CustomEvent("edited"));
    });
    this.text.addEventListener("scroll", () => {
      this.marks.scrollTop = this.text.scrollTop;
      this.marks.scrollLeft = this.text.scrollLeft;
    });
    this.text.addEventListener("select", () => this.dispatchEvent(new CustomEvent("place")));
  }

  get value() {
    return this.text.value;
  }

  set value(text) {
    if (this.text.value === text) return;
    this.text.value = text;
    this.#mark([]);
    this.check();
  }

  // Selects the characters begin..end, without taking the focus.
  select(begin, end) {
    this.text.setSelectionRange(begin, end);
  }

  async #check(signal) {
    const abc = this.value;
    if (!abc.trim() || !/^X:|^K:/m.test(abc)) return this.#mark([]);
    try {
      const { problems } = await post("/api/check", { abc }, signal);
      this.#mark(problems.filter(({ kind }) => kind !== "remark"));
    } catch (error) {
      if (error.name === "AbortError") throw error;
      this.#mark([{ line: 1, column: 1, message: error.message }]);
    }
  }

  #mark(problems) {
    const abc = this.value;
    const offset = offsets(abc);
    this.marks.replaceChildren();
    let done = 0;
    for (const { line, column } of problems) {
      const begin = Math.min(offset(line, column), abc.length);
      if (begin < done) continue;
      const length = Math.max(1, /^[^\s|]*/.exec(abc.slice(begin))[0].length);
      const mark = document.createElement("mark");
      mark.textContent = abc.slice(begin, begin + length) || " ";
      this.marks.append(abc.slice(done, begin), mark);
      done = begin + length;
    }
    this.marks.append(abc.slice(done), "\n");
    this.list.replaceChildren(...problems.slice(0, 5).map((problem) => this.#row(problem, offset)));
    if (problems.length > 5) this.list.append(Object.assign(document.createElement("li"), { textContent: `and ${problems.length - 5} more` }));
  }

  #row({ line, column, message }, offset) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "link", textContent: `Line ${line}, column ${column}` });
    button.addEventListener("click", () => {
      const place = offset(line, column);
      this.text.focus();
      this.text.setSelectionRange(place, place + 1);
    });
    const row = document.createElement("li");
    row.append(button, `: ${message}`);
    return row;
  }
}

customElements.define("abc-editor", AbcEditor);
