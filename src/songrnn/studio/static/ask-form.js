// <ask-form>: what to compose. Its fields are made from the settings classes, as /api/settings describes them.

import { get, post, settled } from "/static/api.js";
import "/static/abc-editor.js";
import "/static/tune-score.js";

const IN_SIGHT = {
  form: ["rhythm", "meter", "key", "bars", "parts"],
  sampling: ["temperature"],
};
const LABELS = {
  rhythm: "Rhythm", meter: "Meter", key: "Key", bars: "Bars written", parts: "Parts", unit_length: "Unit note length",
  pitch_range: "Range", end_on_tonic: "End on the tonic", temperature: "How daring", top_k: "Top k", top_p: "Top p",
  min_p: "Min p", without: "Without characters", free: "Free of syntax and bars", max_characters: "Characters at most",
  seed: "Seed", original: "Original", tries: "Tries", ablate: "Ablate neurons", ablate_at: "Held at", steer: "Steer along",
  layer: "Layer",
};
const SUGGESTIONS = {
  rhythm: ["reel", "jig", "slip jig", "hornpipe", "polka", "slide", "waltz", "march", "strathspey", "mazurka", "air"],
  meter: ["4/4", "6/8", "9/8", "2/4", "3/4", "12/8", "C|", "3/8"],
  key: ["D", "G", "A", "C", "Em", "Am", "Bm", "Ador", "Edor", "Amix", "Dmix"],
  parts: ["AABB", "AB", "AABBCC", "ABC"],
  original: ["3bars", "2.5bars", "20notes"],
  pitch_range: ["D-b", "G,-b", "A,-d'"],
};
const METERS = {
  reel: "4/4", jig: "6/8", "slip jig": "9/8", hornpipe: "4/4", polka: "2/4", slide: "12/8", waltz: "3/4", march: "4/4",
  strathspey: "4/4", mazurka: "3/4",
};
const GROUPS = ["form", "sampling", "originality", "intervention"];
const ANY = "any";
const NARROW = window.matchMedia("(max-width: 56rem)");
const COUNT = 4;

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

class AskForm extends HTMLElement {
  meterOfRhythm = ""; // the meter, where it is the usual one of the rhythm

  async connectedCallback() {
    this.settings = await get("/api/settings");
    this.append(this.#form());
    this.#followPrompt();
    this.dispatchEvent(new CustomEvent("ready"));
  }

  // The body of a request for /api/compose.
  get request() {
    const request = { prompt: this.querySelector("abc-editor").value, count: COUNT };
    for (const group of GROUPS) request[group] = {};
    for (const input of this.querySelectorAll("[data-group]")) {
      const value = read(input);
      if (value !== undefined) request[input.dataset.group][input.name] = value;
    }
    return request;
  }

  set request(request) {
    this.querySelector("abc-editor").value = request.prompt ?? "";
    for (const input of this.querySelectorAll("[data-group]")) {
      show(input, request[input.dataset.group]?.[input.name]);
    }
    const { rhythm = "", meter } = request.form ?? {};
    this.meterOfRhythm = METERS[rhythm.toLowerCase()] === meter ? meter : "";
    this.#tell();
  }

  get model() {
    return this.querySelector("select[name=model]")?.value ?? "";
  }

  // Shows which field a problem is about, unfolding what hides it.
  point(problem) {
    for (const input of this.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
    const input = problem?.setting && this.querySelector(`[name="${CSS.escape(problem.setting)}"]`);
    if (!input) return;
    input.closest("details")?.setAttribute("open", "");
    input.setAttribute("aria-invalid", "true");
    input.focus();
  }

  #form() {
    const form = element("form", { autocomplete: "off", noValidate: true });
    const primary = element("button", { type: "submit", className: "primary", textContent: "Compose" });
    const another = element("button", { type: "button", className: "second", textContent: "Another four", title: "The same once more (a)" });
    primary.title = "Compose four tunes (c)";
    another.dataset.another = "";
    const visible = element("div", { className: "fields" });
    const folded = element("div", { className: "fields" });
    if (this.settings.models.length > 1) visible.append(this.#models());
    const neurons = element("div", { className: "fields" });
    for (const group of GROUPS) {
      const { properties } = this.settings[group];
      const first = IN_SIGHT[group] ?? [];
      visible.append(...first.map((name) => this.#field(group, name, properties[name])));
      const others = Object.keys(properties).filter((name) => !first.includes(name));
      const place = group === "intervention" ? neurons : folded;
      place.append(...others.map((name) => this.#field(group, name, properties[name])));
    }
    const prompt = element("details", { className: "prompt" });
    prompt.append(
      element("summary", { textContent: "Begin with notes of your own" }),
      element("p", { className: "hint", textContent: "ABC notation that every tune continues, such as |:DFA dfa|gec d3|" }),
      element("abc-editor"),
      element("tune-score", { className: "small" }),
    );
    prompt.querySelector("abc-editor").setAttribute("label", "The beginning, in ABC notation");
    const more = element("details", { className: "more" }, element("summary", { textContent: "More settings" }), folded);
    const inner = element("details", { className: "more" }, element("summary", { textContent: "Neurons: ablate and steer" }), neurons);
    // On a telephone the requested form is one line, unfolded at a touch, so that the tune is in sight.
    const rest = element("div", { className: "rest" }, visible, prompt, more, inner);
    const asked = element("details", { className: "asked" }, element("summary"), rest);
    const fold = () => { asked.open = !NARROW.matches; };
    NARROW.addEventListener("change", fold);
    fold();
    form.append(element("div", { className: "go" }, primary, another), asked);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      fold();
      this.dispatchEvent(new CustomEvent("compose"));
    });
    another.addEventListener("click", () => this.dispatchEvent(new CustomEvent("another")));
    form.addEventListener("input", ({ target }) => {
      if (target.name === "rhythm") this.#followRhythm(target.value);
      if (target.name === "meter") this.meterOfRhythm = "";
      this.#tell();
      this.dispatchEvent(new CustomEvent("change"));
    });
    return form;
  }

  #models() {
    const select = element("select", { name: "model", id: "ask-model" });
    select.append(...this.settings.models.map((name) => new Option(name, name)));
    return element("div", { className: "field" }, element("label", { htmlFor: "ask-model", textContent: "Model" }), select);
  }

  #field(group, name, schema) {
    const id = `ask-${name}`;
    const label = element("label", { htmlFor: id, textContent: LABELS[name] ?? name.replaceAll("_", " ") });
    const hint = element("p", { className: "hint", id: `${id}-hint`, textContent: words(schema.description) });
    const input = inputFor(name, schema);
    Object.assign(input, { id, name });
    input.dataset.group = group;
    input.setAttribute("aria-describedby", hint.id);
    const field = element("div", { className: `field ${name}` });
    if (input.type === "checkbox") field.classList.add("check");
    if (IN_SIGHT[group]?.includes(name)) {
      hint.classList.add("spoken");
      input.title = hint.textContent;
    }
    const suggestions = name === "steer" ? this.settings.concepts.map((concept) => `${concept}:+1.5`) : SUGGESTIONS[name];
    if (suggestions) {
      const list = element("datalist", { id: `${id}-list` });
      list.append(...suggestions.map((text) => new Option(text, text)));
      input.setAttribute("list", list.id);
      field.append(list);
    }
    if (name === "temperature") label.append(element("output", { htmlFor: id }));
    field.append(...(input.type === "checkbox" ? [input, label] : [label, input]), hint);
    return field;
  }

  // Another rhythm brings its usual meter, in place of that of the rhythm before; a meter of one's own stays.
  #followRhythm(rhythm) {
    const meter = this.querySelector("[name=meter]");
    if (meter.value.trim() && meter.value !== this.meterOfRhythm) return;
    this.meterOfRhythm = meter.value = METERS[rhythm.trim().toLowerCase()] ?? "";
  }

  // What stands in the form, in one line.
  #tell() {
    const daring = this.querySelector("[name=temperature]");
    daring.labels[0].querySelector("output").textContent = Number(daring.value).toFixed(2);
    const { form } = this.request;
    const words = [form.rhythm, form.meter, form.key, form.bars && `${form.bars} bars`, form.parts].filter(Boolean);
    this.querySelector("details.asked > summary").textContent = words.join(" · ") || "any tune";
  }

  #followPrompt() {
    const editor = this.querySelector("abc-editor");
    const score = this.querySelector("tune-score");
    const draw = settled(250, async (signal, text) => {
      if (!text.trim()) return score.clear();
      const { form } = this.request;
      const header = [["X", "1"], ["R", form.rhythm], ["M", form.meter], ["L", form.unit_length]];
      const own = /^[A-Z]:/m.test(text);
      const lines = own ? [] : header.filter(([, value]) => value).map(([letter, value]) => `${letter}:${value}`);
      if (!/^K:/m.test(text)) lines.push(`K:${form.key || "C"}`);
      const abc = `${lines.join("\n")}\n${text}`;
      try {
        score.show(await post("/api/render", { abc, page_width: 900 }, signal), abc);
      } catch (error) {
        if (error.name === "AbortError") throw error;
        score.clear();
      }
    });
    editor.addEventListener("edited", () => {
      draw(editor.value);
      this.dispatchEvent(new CustomEvent("change"));
    });
    this.#tell();
  }
}

// A description of the settings, without the words of the library and the command line.
function words(description = "") {
  return description.replace("None: ", "empty: ").replace("with --original: ", "").replace("divides the logits: ", "");
}

function typeOf(schema) {
  return schema.type ?? schema.anyOf?.find(({ type }) => type !== "null")?.type;
}

function inputFor(name, schema) {
  const type = typeOf(schema);
  if (schema.enum) {
    const select = element("select", {}, ...schema.enum.map((value) => new Option(value, value)));
    Object.assign(select, { defaultValue: schema.default, value: schema.default });
    select.dataset.type = type;
    return select;
  }
  const input = document.createElement("input");
  input.dataset.type = type;
  if (type === "boolean") {
    input.type = "checkbox";
    input.defaultChecked = schema.default;
  } else if (name === "temperature") {
    Object.assign(input, { type: "range", min: 0.3, max: 1.5, step: 0.05, defaultValue: schema.default });
  } else if (type === "number" || type === "integer") {
    Object.assign(input, { type: "number", step: type === "integer" ? 1 : "any", inputMode: "decimal" });
    if (schema.minimum !== undefined) input.min = schema.minimum;
    const unset = name === "bars" || schema.default === null;
    input.placeholder = unset ? ANY : schema.default;
  } else {
    Object.assign(input, { type: "text", placeholder: schema.default || (name === "without" ? "none" : ANY), autocapitalize: "off", spellcheck: false });
  }
  return input;
}

// The value of a field, undefined where it has its default.
function read(input) {
  if (input.type === "checkbox") return input.checked === input.defaultChecked ? undefined : input.checked;
  const text = input.value.trim();
  if (text === "" || (["range", "select-one"].includes(input.type) && text === input.defaultValue)) return undefined;
  return input.dataset.type === "string" ? text : Number(text);
}

function show(input, value) {
  if (input.type === "checkbox") input.checked = value ?? input.defaultChecked;
  else input.value = value ?? input.defaultValue;
}

customElements.define("ask-form", AskForm);
