// <tune-words>: the score in words, bar by bar, for screen readers and for whoever composes without looking.

import { post } from "/static/api.js";
import { element } from "/static/element.js";

const PHRASE = 4; // bars

class TuneWords extends HTMLElement {
  score = null;
  #abc = "";
  #bars = null; // a promise of the bars of #abc

  show(abc) {
    if (abc === this.#abc) return;
    this.#abc = abc;
    this.#bars = null;
    if (this.closest("details").open) this.draw();
  }

  async draw() {
    const bars = await this.#read();
    const parts = grouped(bars);
    const sections = [...parts].map(([part, own]) => element("section", {}, element("h3", { textContent: `Part ${part}` }), element("ol", {}, ...own.map((bar) => this.#row(bar)))));
    this.replaceChildren(...sections);
  }

  // The bars first..last in one sentence each, for a live region.
  async say([first, last]) {
    const bars = (await this.#read()).slice(first, last + 1);
    return bars.map((bar) => `part ${bar.part}, ${name(bar)}: ${bar.words}`).join(". ");
  }

  // The first and last bar of the "phrase" or "part" to which a bar belongs; null where nothing is known of it.
  async around(bar, what) {
    const bars = await this.#read();
    const own = bars.filter(({ part }) => part === bars[bar]?.part);
    if (!own.length) return null;
    if (what === "part") return [own[0].bar, own.at(-1).bar];
    const whole = own.filter(({ number }) => number > 0);
    const place = Math.max(0, whole.findIndex((one) => one.bar === bar));
    const phrase = whole.slice(place - (place % PHRASE), place - (place % PHRASE) + PHRASE);
    return phrase.length ? [phrase[0].bar, phrase.at(-1).bar] : null;
  }

  #row(bar) {
    const button = element("button", { type: "button", className: "link", textContent: name(bar) });
    button.addEventListener("click", () => this.score.select([bar.bar, bar.bar]));
    return element("li", {}, button, `: ${bar.words}`);
  }

  async #read() {
    const abc = this.#abc;
    this.#bars ??= post("/api/spoken", { abc }).then(({ bars }) => bars);
    try {
      return await this.#bars;
    } catch (error) {
      this.#bars = null;
      if (error.status === 422) return []; // no tune to say: the editor names the fault
      throw error;
    }
  }
}

function name({ number }) {
  return number ? `bar ${number}` : "pickup";
}

function grouped(bars) {
  const parts = new Map();
  for (const bar of bars) parts.set(bar.part, [...(parts.get(bar.part) ?? []), bar]);
  return parts;
}

customElements.define("tune-words", TuneWords);
