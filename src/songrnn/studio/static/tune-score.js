// <tune-score>: the score as the server engraved it. It knows which bar each note belongs to, so that one can play from
// a note ("play"), and select bars ("select").

import { offsetOfNote, offsets } from "/static/abc.js";

const ROOM = 150; // above and below the systems, in units of the drawing
const XML = new DOMParser();

class TuneScore extends HTMLElement {
  bars = [];
  measures = new Map(); // index of a bar -> its <g>s
  notes = new Map(); // "n3-12" -> its <g>s
  selection = null; // [first, last] bar
  cursor = 0;

  connectedCallback() {
    this.addEventListener("click", (event) => this.#click(event));
    this.addEventListener("keydown", (event) => this.#key(event));
  }

  show({ svg, bars, notes, bar_numbers: barNumbers }, abc) {
    const selection = abc === this.abc ? this.selection : null; // the same tune, drawn otherwise
    const drawing = document.importNode(XML.parseFromString(svg, "image/svg+xml").documentElement, true);
    drawing.setAttribute("aria-hidden", "true");
    this.replaceChildren(drawing);
    this.bars = bars;
    this.barNumbers = barNumbers;
    this.timed = notes;
    this.abc = abc;
    this.offset = offsets(abc);
    this.notes = new Map();
    this.measures = new Map();
    for (const note of this.querySelectorAll("[data-note]")) {
      const name = note.dataset.note;
      if (!this.notes.has(name)) this.notes.set(name, []);
      this.notes.get(name).push(note);
    }
    for (const measure of this.querySelectorAll("g.measure")) {
      const note = measure.querySelector("[data-note]");
      if (!note) continue;
      const bar = this.barOf(note.dataset.note);
      measure.dataset.bar = bar;
      if (!this.measures.has(bar)) this.measures.set(bar, []);
      this.measures.get(bar).push(measure);
      this.#addGround(measure);
    }
    this.crop();
    this.cursor = Math.min(this.cursor, bars.length - 1);
    this.select(selection);
  }

  // Shows nothing, where there is no score.
  clear() {
    this.replaceChildren();
    [this.bars, this.timed, this.notes, this.measures] = [[], [], new Map(), new Map()];
    this.select(null);
  }

  // Shows some systems alone, all if it says none, without the room of the title.
  crop(systems = [...this.querySelectorAll("g.system")]) {
    const [outer, inner] = this.querySelectorAll("svg");
    const boxes = systems.map((system) => system.getBBox());
    if (!inner || !boxes.length || !boxes[0].height) return; // nothing is laid out, as in what is folded
    const margin = systems[0].parentElement.transform.baseVal.consolidate()?.matrix.f ?? 0;
    const [width] = outer.getAttribute("viewBox").split(" ").slice(2);
    const scale = inner.getAttribute("viewBox").split(" ")[2] / width;
    const top = Math.min(...boxes.map(({ y }) => y)) + margin - ROOM;
    const height = Math.max(...boxes.map((box) => box.y + box.height)) + margin + ROOM - top;
    inner.setAttribute("viewBox", `0 ${top} ${width * scale} ${height}`);
    outer.setAttribute("viewBox", `0 0 ${width} ${height / scale}`);
  }

  // The index of the bar in which a note stands.
  barOf(note) {
    const place = offsetOfNote(note, this.offset);
    return this.bars.findIndex(([begin, end]) => begin <= place && place < end);
  }

  select(bars) {
    this.selection = bars;
    for (const [bar, measures] of this.measures) {
      const selected = bars !== null && bars[0] <= bar && bar <= bars[1];
      for (const measure of measures) measure.classList.toggle("selected", selected);
    }
    this.dispatchEvent(new CustomEvent("bars", { detail: bars }));
  }

  // Shows which notes sound.
  sound(names) {
    for (const note of this.querySelectorAll(".sounding")) note.classList.remove("sounding");
    for (const name of names) for (const note of this.notes.get(name) ?? []) note.classList.add("sounding");
    const first = this.notes.get(names[0])?.[0];
    if (first) this.#keepInSight(first.closest("g.system") ?? first);
  }

  // Colours the notes of the characters begin..end.
  mark(stretches) {
    for (const [name, notes] of this.notes) {
      const place = offsetOfNote(name, this.offset);
      const marked = stretches.some(({ begin, end }) => begin <= place && place < end);
      for (const note of notes) note.classList.toggle("shared", marked);
    }
  }

  // Shows the values of a neuron, place in the text -> -1..1, in a strip under each note; null: none.
  heat(values) {
    for (const strip of this.querySelectorAll(".heat")) strip.remove();
    if (!values) return;
    for (const measure of this.querySelectorAll("g.measure")) this.#strips(measure, values);
  }

  // Marks the note at a place in the text; null: none.
  explained(place) {
    for (const [name, notes] of this.notes) {
      const is = place !== null && offsetOfNote(name, this.offset) === place;
      for (const note of notes) note.classList.toggle("explained", is);
    }
  }

  #strips(measure, values) {
    const ground = measure.querySelector(".ground");
    if (!ground) return;
    const box = ground.getBBox();
    const heads = [...measure.querySelectorAll("[data-note]")].map((note) => ({ x: note.getBBox().x, value: values.get(offsetOfNote(note.dataset.note, this.offset)) }));
    heads.sort((one, other) => one.x - other.x);
    const seen = heads.filter(({ x, value }, place) => value !== undefined && (place === 0 || x > heads[place - 1].x + 1));
    for (const [place, { x, value }] of seen.entries()) {
      const end = seen[place + 1]?.x ?? box.x + box.width;
      const strip = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      for (const [name, number] of Object.entries({ x, y: box.y + box.height, width: Math.max(0, end - x - 20), height: box.height * 0.13 })) strip.setAttribute(name, number);
      strip.setAttribute("fill-opacity", Math.abs(value));
      strip.setAttribute("class", `heat ${value > 0 ? "high" : "low"}`);
      measure.append(strip);
    }
  }

  // A ground that is drawn where a bar is selected, and that can be clicked beside the notes.
  #addGround(measure) {
    const staff = measure.querySelector("g.staff");
    if (!staff) return;
    const lines = [...staff.children].filter(({ tagName }) => tagName === "path").map((path) => path.getBBox());
    if (!lines.length) return;
    const [top, bottom] = [Math.min(...lines.map(({ y }) => y)), Math.max(...lines.map(({ y }) => y))];
    const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const room = (bottom - top) * 0.6;
    for (const [name, value] of Object.entries({ x: lines[0].x, y: top - room, width: lines[0].width, height: bottom - top + 2 * room })) {
      ground.setAttribute(name, value);
    }
    ground.classList.add("ground");
    measure.prepend(ground);
  }

  #click(event) {
    const measure = event.target.closest("g.measure");
    if (!measure?.dataset.bar) return;
    const bar = Number(measure.dataset.bar);
    const note = event.target.closest("[data-note]");
    this.cursor = bar;
    const touched = event.pointerType === "touch" && !note && this.selection; // there is no Shift on a telephone
    if (event.shiftKey || (touched && !this.#isSelected(bar))) this.#extend(bar);
    else if (note) this.#choose(note.dataset.note);
    else if (this.#isSelected(bar) && (touched || this.selection[0] === this.selection[1])) this.select(null);
    else this.select([bar, bar]);
  }

  #key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step !== undefined && this.bars.length) {
      event.preventDefault();
      this.cursor = Math.max(0, Math.min(this.bars.length - 1, this.cursor + step));
      if (event.shiftKey) this.#extend(this.cursor);
      else this.select([this.cursor, this.cursor]);
    } else if (event.key === "Enter") {
      if (this.noteAtCursor) this.#play(this.noteAtCursor);
    } else if (event.key === "Escape") {
      this.select(null);
    }
  }

  #isSelected(bar) {
    return this.selection !== null && this.selection[0] <= bar && bar <= this.selection[1];
  }

  #extend(bar) {
    const fixed = this.selection ? (bar < this.selection[0] ? this.selection[1] : this.selection[0]) : bar;
    this.select([Math.min(fixed, bar), Math.max(fixed, bar)]);
  }

  // Who listens to "note" may do something else than play from it.
  #choose(detail) {
    if (this.dispatchEvent(new CustomEvent("note", { detail, cancelable: true }))) this.#play(detail);
  }

  // The first note of the bar of the cursor.
  get noteAtCursor() {
    return this.timed?.find(({ note }) => this.barOf(note) === this.cursor)?.note ?? null;
  }

  #play(note) {
    this.dispatchEvent(new CustomEvent("playfrom", { detail: note }));
  }

  #keepInSight(system) {
    const { top, bottom } = system.getBoundingClientRect();
    const free = window.innerHeight - 110; // above the player
    if (top >= 60 && bottom <= free) return;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    window.scrollBy({ top: top - 140, behavior: calm ? "auto" : "smooth" });
  }
}

customElements.define("tune-score", TuneScore);
