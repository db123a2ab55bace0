// The clicks of a metronome, by Web Audio: in time with a sound that plays, or counted before it.

const AHEAD = 0.15; // seconds that are scheduled at once
const EVERY = 50; // milliseconds between two looks

export class Clicks {
  #context = null;
  #timer = null;
  #done = -1; // the last second of the sound whose beat is scheduled

  // Clicks at the beats [second, first of its bar] while `audio` plays.
  follow(audio, beats) {
    this.stop();
    this.#done = audio.currentTime - 0.001;
    this.#timer = setInterval(() => {
      if (audio.paused || audio.seeking) return;
      const { currentTime: now, playbackRate: rate } = audio;
      if (now < this.#done - 1) this.#done = now - 0.001; // it went back
      for (const [second, first] of beats) {
        if (second <= this.#done || second < now - 0.03 || second >= now + AHEAD * rate) continue;
        this.click(Math.max(0, (second - now) / rate), first);
        this.#done = second;
      }
    }, EVERY);
  }

  // The sound begins again at this second.
  goTo(second) {
    this.#done = second - 0.001;
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = null;
  }

  click(after, first) {
    this.#context ??= new AudioContext();
    if (this.#context.state === "suspended") this.#context.resume();
    const [tone, gain] = [this.#context.createOscillator(), this.#context.createGain()];
    const begin = this.#context.currentTime + after;
    tone.frequency.value = first ? 1400 : 950;
    gain.gain.setValueAtTime(first ? 0.4 : 0.25, begin);
    gain.gain.exponentialRampToValueAtTime(0.001, begin + 0.05);
    tone.connect(gain).connect(this.#context.destination);
    tone.start(begin);
    tone.stop(begin + 0.06);
  }
}

// The beats of `bars` bars before a second of the tune: [seconds from now, first of its bar], and the seconds that they
// last. A tune that begins with a pickup enters before the end of the last of these bars.
export function countedBars(beats, from, bars, rate) {
  const ahead = beats.filter(([second]) => second >= from - 0.01);
  const firsts = ahead.filter(([, first]) => first).map(([second]) => second);
  const all = ahead.map(([second]) => second);
  if (all.length < 2) return { clicks: [], seconds: 0 };
  const step = Math.min(...all.slice(1, 9).map((second, place) => second - all[place]).filter((length) => length > 0.05));
  const bar = firsts.length > 1 ? firsts[1] - firsts[0] : 4 * step;
  const beat = Math.max(1, Math.round(bar / step));
  const end = firsts[0] ?? all[0]; // of the counted bars, on the clock of the tune
  const pickup = end - from;
  const begin = end - bars * bar - (pickup > 0.9 * bar ? bar : 0);
  const clicks = [];
  for (let number = 0; begin + number * step < from - 0.01; number += 1) {
    clicks.push([(begin + number * step - begin) / rate, number % beat === 0]);
  }
  return { clicks, seconds: (from - begin) / rate };
}
