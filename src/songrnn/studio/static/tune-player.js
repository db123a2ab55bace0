// <tune-player>: plays the sound that the server renders. Tempo changes without pitch; a stretch can be looped.

import { field } from "/static/abc.js";

const STEP = 0.05;

const BUTTONS = `
  <button type="button" class="play" aria-label="Play" title="Play, pause (Space)" disabled>
    <svg aria-hidden="true" viewBox="0 0 24 24"><path class="go" d="M8 5v14l11-7z"/><path class="halt" d="M7 5h4v14H7zM13 5h4v14h-4z"/></svg>
  </button>
  <output class="time">0:00</output>
  <input type="range" class="where" min="0" max="1" step="0.01" value="0" aria-label="Place in the tune">
  <output class="time whole">0:00</output>
  <details class="menu sound">
    <summary>Sound</summary>
    <div class="menu-list up">
      <label>Tempo <span class="percent" aria-hidden="true">100 %</span><input type="range" name="rate" aria-label="Tempo" min="0.4" max="1.6" step="0.05" value="1"></label>
      <label>Instrument <select name="instrument"></select></label>
      <div class="row"><span id="transpose-label">Transpose</span><span class="pair" role="group" aria-labelledby="transpose-label"><button type="button" data-transpose="-1" aria-label="A semitone lower">−</button><button type="button" data-transpose="1" aria-label="A semitone higher">+</button></span></div>
      <label class="check"><input type="checkbox" name="loop"> Loop</label>
      <label class="check"><input type="checkbox" name="count"> Count in</label>
    </div>
  </details>
`;

class TunePlayer extends HTMLElement {
  stretch = null; // [begin, end] in seconds, which is looped
  notes = [];
  #key = "";
  #loading = null;

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
    this.#named("instrument").addEventListener("change", () => this.dispatchEvent(new CustomEvent("instrument")));
    this.#named("loop").addEventListener("change", () => this.dispatchEvent(new CustomEvent("loop", { detail: this.looping })));
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
    return !this.audio.paused;
  }

  // What is played from now on: an answer of /api/render. The sound itself is fetched when it is needed.
  load(rendered, abc) {
    if (rendered.id === this.#key) return;
    const was = this.playing;
    this.audio.pause();
    this.#key = rendered.id;
    this.#loading = null;
    this.notes = rendered.notes;
    this.rendered = rendered;
    this.abc = abc;
    this.stretch = null;
    this.where.max = rendered.seconds;
    this.button.disabled = false;
    this.querySelector(".whole").textContent = clock(rendered.seconds);
    this.#show(0);
    this.dispatchEvent(new CustomEvent("notes", { detail: [] }));
    if (was) this.play();
    else this.#fetch().catch(() => {}); // ready before it is played; a failure shows then
  }

  toggle() {
    if (this.playing) this.audio.pause();
    else this.play().catch((error) => this.#fail(error));
  }

  async play(from) {
    await this.#fetch();
    if (from !== undefined) this.#seek(from);
    else if (this.looping && this.stretch) this.#seek(this.stretch[0]);
    if (this.#named("count").checked) await this.#countIn();
    this.#setRate();
    await this.audio.play();
    requestAnimationFrame(() => this.#follow());
  }

  // Plays from the first time that a note sounds.
  playFrom(note) {
    const found = this.notes.find((one) => one.note === note);
    if (found) this.play(found.begin).catch((error) => this.#fail(error));
  }

  #fetch() {
    const key = this.#key;
    this.#loading ??= (async () => {
      const response = await fetch(`/api/rendered/${key}/mp3`);
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
    this.#show(seconds);
    this.#sounding(seconds);
  }

  #follow() {
    if (!this.playing) return;
    const time = this.audio.currentTime;
    if (this.looping && this.stretch && (time >= this.stretch[1] - 0.02 || time < this.stretch[0] - STEP)) {
      this.#seek(this.stretch[0]);
    } else {
      this.#show(time);
      this.#sounding(time);
    }
    requestAnimationFrame(() => this.#follow());
  }

  #ended() {
    if (this.looping) this.play(this.stretch?.[0] ?? 0).catch((error) => this.#fail(error));
    else {
      this.#show(0);
      this.#sounding(-1);
    }
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
  }

  #setRate() {
    const rate = Number(this.#named("rate").value);
    this.audio.playbackRate = this.audio.defaultPlaybackRate = rate;
    const percent = `${Math.round(rate * 100)} %`;
    this.querySelector(".percent").textContent = percent;
    this.#named("rate").setAttribute("aria-valuetext", percent);
  }

  // One bar of clicks, in the beats of the tempo.
  async #countIn() {
    const [, above = 1, below = 4, perMinute = 100] = /(\d+)\/(\d+)=(\d+(?:\.\d+)?)/.exec(this.rendered.sound) ?? [];
    const [, beats = 4, unit = 4] = /(\d+)\/(\d+)/.exec(field(this.abc, "M")) ?? [];
    const count = Math.max(1, Math.round(beats / unit / (above / below)));
    const seconds = 60 / perMinute / this.audio.playbackRate;
    const context = new AudioContext();
    for (let beat = 0; beat < count; beat += 1) {
      const [tone, gain] = [context.createOscillator(), context.createGain()];
      const begin = context.currentTime + 0.05 + beat * seconds;
      tone.frequency.value = beat ? 900 : 1300;
      gain.gain.setValueAtTime(0.3, begin);
      gain.gain.exponentialRampToValueAtTime(0.001, begin + 0.06);
      tone.connect(gain).connect(context.destination);
      tone.start(begin);
      tone.stop(begin + 0.07);
    }
    await new Promise((resolve) => setTimeout(resolve, (0.05 + count * seconds) * 1000));
    context.close();
  }

  #fail(error) {
    if (error.name !== "AbortError") this.dispatchEvent(new CustomEvent("failure", { detail: error }));
  }

  #named(name) {
    return this.querySelector(`[name=${name}]`);
  }
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

customElements.define("tune-player", TunePlayer);
