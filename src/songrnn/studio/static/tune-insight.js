// <tune-insight>: what the network does in the tune: the value of a neuron at each of its characters, and why a
// character is there. It draws on the score too.

import { post } from "/static/api.js";
import { offsetOfNote, offsets } from "/static/abc.js";
import { element } from "/static/element.js";

const VISIBLE = { "\n": "↵\n", " ": "\u00b7" };
const SHOWN = { "\n": "line end", " ": "blank" };

class TuneInsight extends HTMLElement {
  model = () => "";
  score = null;
  #abc = "";
  #place = null;
  #spans = new Map(); // index in the text -> its <span>

  connectedCallback() {
    this.neuron = element("input", { type: "number", name: "neuron", min: 0, value: "", placeholder: "0" });
    this.layer = element("input", { type: "number", name: "layer", min: 1, max: 1, value: 1 });
    this.layerField = element("label", { hidden: true }, "Layer ", this.layer);
    this.suggested = element("div", { className: "suggested" });
    this.words = element("p", { className: "caption" });
    this.without = element("button", { type: "button", textContent: "Compose without it" });
    this.without.addEventListener("click", () => this.dispatchEvent(new CustomEvent("ablate", { detail: { neuron: Number(this.neuron.value), layer: Number(this.layer.value) } })));
    this.text = element("div", { className: "heat-text", ariaLabel: "The tune as the network reads it; click a character to see why it is there" });
    this.text.setAttribute("role", "group");
    this.why = element("div", { className: "why" });
    this.why.setAttribute("aria-live", "polite");
    for (const input of [this.neuron, this.layer]) input.addEventListener("change", () => this.#tried(() => this.#heat()));
    this.text.addEventListener("click", ({ target }) => {
      const span = target.closest("[data-place]");
      if (span) this.explain(Number(span.dataset.place));
    });
    this.append(
      element("p", { className: "hint", textContent: "Red: the neuron is above 0, blue: below, at each character. Click a note, in the score or below, to see why the network gave it." }),
      element("div", { className: "row neuron-row" }, element("label", {}, "Neuron ", this.neuron), this.layerField, this.without),
      this.suggested,
      this.words,
      element("div", { className: "insight" }, this.text, this.why),
    );
  }

  get open() {
    return this.closest("details").open;
  }

  // The tune that is on the page now.
  async show(abc) {
    if (abc === this.#abc && abc === this.#drawn) {
      if (this.open) this.#draw();
      return;
    }
    this.#abc = abc;
    this.#place = null;
    this.why.replaceChildren();
    if (this.open) await this.#tried(() => this.#heat());
  }

  async opened() {
    if (!this.#spans.size || this.#drawn !== this.#abc) await this.#tried(() => this.#heat());
    else this.#draw();
  }

  closed() {
    this.score.heat(null);
  }

  async explainNote(note) {
    await this.explain(offsetOfNote(note, offsets(this.#abc)));
    this.why.scrollIntoView({ block: "nearest" });
  }

  explain(place) {
    return this.#tried(async () => {
      const found = await post(`/api/neurons/why?model=${encodeURIComponent(this.model())}`, { abc: this.#abc, place });
      this.#place = found.place;
      this.#mark();
      this.#tellWhy(found);
    });
  }

  #drawn = "";
  #values = [];

  async #heat() {
    const abc = this.#abc;
    const neuron = this.neuron.value === "" ? null : Number(this.neuron.value);
    const found = await post(`/api/neurons/heat?model=${encodeURIComponent(this.model())}`, { abc, neuron, layer: Number(this.layer.value) || 1 });
    if (abc !== this.#abc) return;
    this.#drawn = abc;
    this.#values = found.values;
    Object.assign(this.neuron, { value: found.neuron, max: found.neurons - 1 });
    this.layer.max = found.layers;
    this.layerField.hidden = found.layers < 2;
    this.suggested.replaceChildren(...found.suggested.map((one) => this.#chip(one, found.neuron)));
    this.words.textContent = inWords(found);
    this.#drawText();
    this.#mark();
    this.#draw();
  }

  #chip({ neuron, concept, correlation }, current) {
    const chip = element("button", { type: "button", className: "chip", textContent: concept, title: `neuron ${neuron}, correlation ${correlation.toFixed(2)}` });
    chip.setAttribute("aria-pressed", String(neuron === current));
    chip.addEventListener("click", () => {
      this.neuron.value = neuron;
      this.#tried(() => this.#heat());
    });
    return chip;
  }

  #drawText() {
    this.#spans = new Map();
    const spans = this.#values.map(([place, value]) => {
      const span = element("span", { textContent: VISIBLE[this.#abc[place]] ?? this.#abc[place], className: value > 0 ? "high" : "low" });
      span.dataset.place = place;
      span.style.setProperty("--heat", `${Math.round(Math.abs(value) * 100)}%`);
      this.#spans.set(place, span);
      return span;
    });
    this.text.replaceChildren(...spans);
  }

  #draw() {
    if (!this.open) return; // closed while the answer was on its way
    this.score.heat(new Map(this.#values));
    this.score.explained(this.#place);
  }

  #mark() {
    this.text.querySelector(".explained")?.classList.remove("explained");
    this.#spans.get(this.#place)?.classList.add("explained");
    this.score.explained(this.#place);
  }

  #tellWhy(found) {
    const best = found.alternatives[0];
    const rank = found.alternatives.findIndex(({ character }) => character === found.character);
    const title = element("h3", { textContent: `Why ${named(found.character)}?` });
    const sentence = `The network gave it ${percent(found.probability)}${rank === 0 ? ", more than to any other" : `; likeliest was ${named(best.character)} with ${percent(best.probability)}`}.`;
    const most = Math.max(...found.contributions.map(({ logit }) => Math.abs(logit)), 0.01);
    const rows = found.contributions.filter(({ logit }) => Math.abs(logit) >= 0.05).map((one) => row(one, most));
    const neurons = element("p", { className: "caption" }, "Strongest neurons: ", ...found.neurons.slice(0, 4).flatMap(([neuron, logit], place) => [place ? ", " : "", this.#link(neuron, logit)]), ".");
    const steps = element("div", { className: "pair" }, this.#step("‹", -1, "The character before"), this.#step("›", 1, "The next character"));
    const others = element("p", { className: "caption", textContent: `Others: ${found.alternatives.filter(({ character }) => character !== found.character).slice(0, 4).map(({ character, probability }) => `${named(character)} ${percent(probability)}`).join(", ")}.` });
    this.why.replaceChildren(element("header", {}, title, steps), element("p", { textContent: sentence }), others, element("dl", { className: "sources" }, ...rows.flat()), neurons);
  }

  #link(neuron, logit) {
    const button = element("button", { type: "button", className: "link", textContent: `${neuron} (${signed(logit)})` });
    button.addEventListener("click", () => {
      this.neuron.value = neuron;
      this.layer.value = this.layer.max;
      this.#tried(() => this.#heat());
    });
    return button;
  }

  #step(label, step, ariaLabel) {
    const button = element("button", { type: "button", textContent: label, ariaLabel });
    const places = [...this.#spans.keys()].sort((one, other) => one - other);
    const next = places[places.indexOf(this.#place) + step];
    button.disabled = next === undefined;
    button.addEventListener("click", async () => {
      await this.explain(next);
      this.why.querySelector(`[aria-label="${ariaLabel}"]`)?.focus();
    });
    return button;
  }

  async #tried(work) {
    try {
      await work();
    } catch (error) {
      if (error.name !== "AbortError") this.dispatchEvent(new CustomEvent("failure", { detail: error }));
    }
  }
}

function inWords({ neuron, neurons, follows, raises, lowers }) {
  const parts = [`Neuron ${neuron} of ${neurons}`];
  if (follows) parts.push(`goes ${follows.correlation > 0 ? "up" : "down"} with “${follows.concept}” in this tune (correlation ${signed(follows.correlation)})`);
  const effect = raises.length ? ` High, it makes ${list(raises)} likelier, and ${list(lowers)} less likely.` : "";
  return `${parts.join(" ")}.${effect}`;
}

const list = (characters) => characters.slice(0, 3).map(named).join(" ");
const named = (character) => (character.length > 1 ? character : `“${SHOWN[character] ?? character}”`);
const percent = (share) => (share >= 0.01 ? `${Math.round(share * 100)} %` : "less than 1 %");
const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;

function row({ source, detail, logit }, most) {
  const bar = element("span", { className: `bar-of ${logit > 0 ? "high" : "low"}` });
  bar.style.setProperty("--share", `${Math.round((Math.abs(logit) / most) * 100)}%`);
  const term = element("dt", {}, source, detail ? element("small", { textContent: ` ${detail}` }) : "");
  return [term, element("dd", {}, bar, element("span", { textContent: signed(logit) }))];
}

customElements.define("tune-insight", TuneInsight);
