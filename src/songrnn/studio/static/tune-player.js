// <tune-player>: plays the sound that the server renders. Tempo changes without pitch; a stretch can be looped, and
// practised: slower at first, with a rest between, with a metronome.

import { field, keyInWords } from "/static/abc.js";
import { Clicks, countedBars } from "/static/clicks.js";
import { Practice } from "/static/practice.js";

const STEP = 0.05;
const TONICS = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
const PITCHES = { ...Object.fromEntries(TONICS.map((name, place) => [name, place])), "C#": 1, "D#": 3, Gb: 6, "G#": 8, "A#": 10, Cb: 11, "B#": 0, Fb: 4, "E#": 5 };

const METERS = ["4/4", "C|", "2/4", "3/4", "3/2", "6/4", "3/8", "6/8", "9/8", "12/8"];

const BUTTONS = `
  <button type="button" class="play" aria-label="Play" title="Play, pause (Space)" disabled>
    <svg aria-hidden="true" viewBox="0 0 24 24"><path class="go" d="M8 5v14l11-7z"/><path class="halt" d="M7 5h4v14H7zM13 5h4v14h-4z"/></svg>
  </button>
  <output class="time">0:00</output>
  <input type="range" class="where" min="0" max="1" step="0.01" value="0" aria-label="Place in the tune">
  <output class="time whole">0:00</output>
  <details class="menu practise">
    <summary>Practise</summary>
    <div class="menu-list up">
      <label>Tempo <span class="percent" aria-hidden="true">100 %</span><input type="range" name="rate" aria-label="Tempo" min="0.4" max="1.6" step="0.05" value="1"></label>
      <label class="check"><input type="checkbox" name="metronome"> Metronome <kbd>m</kbd></label>
      <label class="check"><input type="checkbox" name="count"> Count in</label>
      <label class="check"><input type="checkbox" name="loop"> Loop</label>
      <label>Rest between <select name="gap"><option value="0">none</option><option value="1">one bar</option><option value="2">two bars</option></select></label>
      <label>Begin slower <select name="start"><option value="0">no</option><option value="0.5">at 50 %, 5 % more each time</option><option value="0.6">at 60 %, 5 % more each time</option><option value="0.7">at 70 %, 5 % more each time</option><option value="0.8">at 80 %, 5 % more each time</option></select></label>
      <p class="hint">Select bars in the score to practise these alone.</p>
    </div>
  </details>
  <details class="menu sound">
    <summary>Sound</summary>
    <div class="menu-list up">
      <label>Instrument <select name="instrument"></select></label>
      <div class="row"><span id="transpose-label">Transpose</span><span class="pair" role="group" aria-labelledby="transpose-label"><button type="button" data-transpose="-1" aria-label="A semitone lower">−</button><button type="button" data-transpose="1" aria-label="A semitone higher">+</button></span></div>
      <label class="own-tune">Another key <select name="other_key"></select></label>
      <label class="own-tune">Another meter <select name="other_meter"></select></label>
    </div>
  </details>
`;

class TunePlayer extends HTMLElement {
  stretch = null; // [begin, end] in seconds, which is looped
  notes = [];
  clicks = new Clicks();
  practice = new Practice();
  #key = "";
  #meter = ""; // of the tune
  #loading = null;
  #waiting = null; // the end of a rest, or of counting in

  connectedCallback() {
    this.innerHTML = BUTTONS;
    this.audio = new Audio();
    this.audio.preservesPitch = true;
    this.button = this.querySelector(".play");
    this.where = this.querySelector(".where");
    this.button.addEventListener("click", () => this.toggle());
    this.where.addEventListener("input", () => this.#seek(Number(this.where.value)));
    for (const name of ["play", "pause", "ended"]) this.audio.addEventListener(name, () => this.#showState());
    this.audio.addEventListener("ended", () => this.#ended());
    this.#named("rate").addEventListener("input", () => this.#setRate());
    this.#named("start").addEventListener("change", () => this.#setRate());
    this.#named("metronome").addEventListener("change", () => this.#followBeats());
    this.#named("instrument").addEventListener("change", () => this.dispatchEvent(new CustomEvent("instrument")));
    this.#named("loop").addEventListener("change", () => this.dispatchEvent(new CustomEvent("loop", { detail: this.looping })));
    this.#named("other_key").addEventListener("change", ({ target }) => this.dispatchEvent(new CustomEvent("transpose", { detail: Number(target.value) })));
    this.#named("other_meter").addEventListener("change", ({ target }) => {
      const detail = target.value;
      target.value = this.#meter; // until the tune is in another, if it can be
      this.dispatchEvent(new CustomEvent("meter", { detail }));
    });
    for (const button of this.querySelectorAll("[data-transpose]")) {
      button.addEventListener("click", () => this.dispatchEvent(new CustomEvent("transpose", { detail: Number(button.dataset.transpose) })));
    }
  }

  set instruments(names) {
    this.#named("instrument").replaceChildren(...names.map((name) => new Option(name, name, false, name === "violin")));
  }

  get instrument() {
    return this.#named("instrument").value || "violin";
  }

  set instrument(name) {
    this.#named("instrument").value = name;
  }

  get looping() {
    return this.#named("loop").checked;
  }

  set looping(looping) {
    this.#named("loop").checked = looping;
  }

  get playing() {
    return !this.audio.paused || this.#waiting !== null;
  }

  // What is played from now on: an answer of /api/render. The sound itself is fetched when it is needed.
  load(rendered, abc) {
    if (rendered.id === this.#key) return;
    const was = this.playing;
    this.pause();
    this.#key = rendered.id;
    this.#loading = null;
    this.notes = rendered.notes;
    this.rendered = rendered;
    this.abc = abc;
    this.stretch = null;
    this.#named("other_key").replaceChildren(...keysFrom(field(abc, "K")).map(([name, semitones]) => new Option(name, semitones, false, semitones === 0)));
    this.#meter = field(abc, "M") || "none";
    this.#named("other_meter").replaceChildren(...[...new Set([this.#meter, ...METERS])].map((name) => new Option(name, name)));
    this.where.max = rendered.seconds;
    this.button.disabled = false;
    this.querySelector(".whole").textContent = clock(rendered.seconds);
    this.#show(0);
    this.dispatchEvent(new CustomEvent("notes", { detail: [] }));
    if (was) this.play().catch((error) => this.#fail(error));
    else this.#fetch().catch(() => {}); // ready before it is played; a failure shows then
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play().catch((error) => this.#fail(error));
  }

  pause() {
    this.#waiting?.();
    this.audio.pause();
  }

  toggleMetronome() {
    this.#named("metronome").click();
  }

  async play(from) {
    this.#waiting?.();
    await this.#fetch();
    this.practice.begin();
    if (from !== undefined) this.#seek(from);
    else if (this.looping && this.stretch) this.#seek(this.stretch[0]);
    this.#setRate();
    await this.#start(this.#named("count").checked ? 1 : 0, true);
  }

  // Plays from the first time that a note sounds.
  playFrom(note) {
    const found = this.notes.find((one) => one.note === note);
    if (found) this.play(found.begin).catch((error) => this.#fail(error));
  }

  // After so many bars of rest, which are counted aloud if they are to be.
  async #start(bars, counted) {
    if (bars) {
      const { clicks, seconds } = countedBars(this.rendered.beats, this.audio.currentTime, bars, this.audio.playbackRate);
      if (counted) for (const [after, first] of clicks) this.clicks.click(after + 0.05, first);
      if (!(await this.#wait(seconds + 0.05))) return;
    }
    await this.audio.play();
    this.#followBeats();
    requestAnimationFrame(() => this.#follow());
  }

  // Whether so many seconds passed, rather than that it was paused.
  #wait(seconds) {
    return new Promise((resolve) => {
      const end = (passed) => {
        clearTimeout(timer);
        this.#waiting = null;
        this.#showState();
        resolve(passed);
      };
      const timer = setTimeout(() => end(true), seconds * 1000);
      this.#waiting = () => end(false);
      this.#showState();
    });
  }

  #fetch() {
    const key = this.#key;
    this.#loading ??= (async () => {
      const response = await fetch(`/api/rendered/${key}/wav`); // an MP3 takes eight times as long to make
      if (!response.ok) throw new Error((await response.json()).detail);
      const content = await response.blob();
      if (key !== this.#key) return;
      if (this.audio.src) URL.revokeObjectURL(this.audio.src);
      this.audio.src = URL.createObjectURL(content);
      this.#setRate();
    })();
    return this.#loading;
  }

  #seek(seconds) {
    this.audio.currentTime = seconds;
    this.clicks.goTo(seconds);
    this.#show(seconds);
    this.#sounding(seconds);
  }

  #follow() {
    if (this.audio.paused) return;
    const time = this.audio.currentTime;
    if (this.looping && this.stretch && (time >= this.stretch[1] - 0.02 || time < this.stretch[0] - STEP)) {
      this.#again();
      return;
    }
    this.#show(time);
    this.#sounding(time);
    requestAnimationFrame(() => this.#follow());
  }

  #ended() {
    if (this.looping) this.#again();
    else {
      this.#show(0);
      this.#sounding(-1);
    }
  }

  // The stretch, or the tune, once more: after a rest, and a step faster.
  #again() {
    const bars = Number(this.#named("gap").value);
    this.practice.pass();
    this.#setRate();
    if (bars) this.audio.pause();
    this.#seek(this.stretch?.[0] ?? 0);
    this.#start(bars, this.#named("metronome").checked || this.#named("count").checked).catch((error) => this.#fail(error));
  }

  #followBeats() {
    if (this.#named("metronome").checked && !this.audio.paused) this.clicks.follow(this.audio, this.rendered.beats);
    else this.clicks.stop();
  }

  #sounding(time) {
    const names = this.notes.filter(({ begin, end }) => begin <= time && time < end).map(({ note }) => note);
    const key = names.join();
    if (key === this.shown) return;
    this.shown = key;
    this.dispatchEvent(new CustomEvent("notes", { detail: names }));
  }

  #show(seconds) {
    this.where.value = seconds;
    this.querySelector(".time").textContent = clock(seconds);
    this.where.setAttribute("aria-valuetext", `${clock(seconds)} of ${clock(Number(this.where.max))}`);
  }

  #showState() {
    this.classList.toggle("playing", this.playing);
    this.button.setAttribute("aria-label", this.playing ? "Pause" : "Play");
    if (this.audio.paused) this.clicks.stop();
  }

  #setRate() {
    const goal = Number(this.#named("rate").value);
    const rate = this.practice.rate(goal, Number(this.#named("start").value));
    this.audio.playbackRate = this.audio.defaultPlaybackRate = rate;
    const whole = (share) => `${Math.round(share * 100)} %`;
    const percent = rate === goal ? whole(goal) : `${whole(rate)} of ${whole(goal)}`;
    this.querySelector(".percent").textContent = percent;
    this.#named("rate").setAttribute("aria-valuetext", percent);
    this.querySelector(".practise > summary").textContent = rate === goal ? "Practise" : whole(rate);
  }

  #fail(error) {
    if (error.name !== "AbortError") this.dispatchEvent(new CustomEvent("failure", { detail: error }));
  }

  #named(name) {
    return this.querySelector(`[name=${name}]`);
  }
}

// The keys of a mode, each with the semitones to it, at most six up or down: ["D major", 2]. No key: nothing.
function keysFrom(key) {
  const [, tonic, mode = ""] = /^([A-G][#b]?)\s*([A-Za-z]*)/.exec(key) ?? [];
  const now = PITCHES[tonic];
  if (now === undefined) return [];
  return TONICS.map((name, place) => [keyInWords(place === now ? key : name + mode), ((place - now + 17) % 12) - 5]);
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

customElements.define("tune-player", TunePlayer);
