// One pair: two tunes, each with its score and a button to play it; one is to be named as the human one.

import { get, post } from "/static/api.js";
import { field, keyInWords } from "/static/abc.js";
import { element } from "/static/element.js";
import "/static/tune-player.js";
import "/static/tune-score.js";

const SIDES = { first: "A", second: "B" };
const $ = (selector) => document.querySelector(selector);
const player = $("tune-player");
const narrow = window.matchMedia("(max-width: 56rem)");

let scores = {};
let shown = null; // { pair, begun }
let playing = null; // which side the player has

// answer(number, side, seconds): called with what was chosen.
export async function showPair(pair, answered, pairs, answer) {
  shown = { pair, begun: performance.now() };
  playing = null;
  player.hidden = false;
  await instruments();
  const abc = pair.first;
  $("#pair-title").textContent = `Pair ${answered + 1} of ${pairs}: ${field(abc, "R") || "tune"} in ${keyInWords(field(abc, "K"))}, ${field(abc, "M")}`;
  Object.assign($("#progress"), { max: pairs, value: answered });
  scores = {};
  $("#sides").replaceChildren(...Object.keys(SIDES).map((side) => card(side, answer)));
  $("#pair-title").focus();
  await draw();
}

export function stopPair() {
  if (player.audio) player.pause();
  player.hidden = true;
  shown = null;
}

function card(side, answer) {
  const name = SIDES[side];
  const play = element("button", { type: "button", className: "play", ariaLabel: `Play ${name}`, title: `Play, pause (${name.toLowerCase()})` }, signs());
  play.dataset.side = side;
  play.addEventListener("click", () => toggle(side));
  const choose = element("button", { type: "button", className: "primary choose", textContent: `${name} is human` });
  choose.addEventListener("click", () => {
    const seconds = (performance.now() - shown.begun) / 1000;
    for (const button of document.querySelectorAll(".choose")) button.disabled = true;
    answer(shown.pair.number, side, seconds);
  });
  const score = element("tune-score", { tabIndex: -1 });
  score.addEventListener("playfrom", async ({ detail }) => {
    await load(side);
    player.playFrom(detail);
  });
  scores[side] = score;
  return element("article", { className: "sheet side" }, element("header", {}, play, element("h3", { textContent: `Tune ${name}` }), choose), score);
}

// The signs for play and pause, of which the style sheet shows one.
function signs() {
  const made = (name, values, ...children) => {
    const one = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(values)) one.setAttribute(key, value);
    one.append(...children);
    return one;
  };
  const [go, halt] = [made("path", { class: "go", d: "M8 5v14l11-7z" }), made("path", { class: "halt", d: "M7 5h4v14H7zM13 5h4v14h-4z" })];
  return made("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, go, halt);
}

function showPlaying() {
  for (const button of document.querySelectorAll(".side .play")) {
    const { side } = button.dataset;
    const sounds = playing === side && player.playing;
    button.closest(".side").classList.toggle("playing", sounds);
    button.setAttribute("aria-label", `${sounds ? "Pause" : "Play"} ${SIDES[side]}`);
  }
}

// Both in the same engraving and sound.
async function draw() {
  const { pair } = shown;
  const page_width = narrow.matches ? 900 : 1100;
  const rendered = await Promise.all(Object.keys(SIDES).map((side) => post("/api/render", { abc: pair[side], page_width, instrument: player.instrument })));
  if (shown?.pair !== pair) return;
  for (const [place, side] of Object.keys(SIDES).entries()) {
    scores[side].show(rendered[place], pair[side]);
    scores[side].rendered = rendered[place];
  }
  await load(playing ?? "first");
}

async function load(side) {
  if (!scores[side]?.rendered) return;
  if (playing && playing !== side) {
    player.pause();
    scores[playing].sound([]);
  }
  playing = side;
  player.load(scores[side].rendered, shown.pair[side]);
  showPlaying();
}

async function toggle(side) {
  if (playing === side) return player.toggle();
  await load(side);
  player.play(0).catch(() => {});
}

async function instruments() {
  if (player.querySelector("[name=instrument] option")) return;
  player.instruments = (await get("/api/settings")).instruments;
}

player.addEventListener("notes", ({ detail }) => playing && scores[playing]?.sound(detail));
for (const name of ["play", "pause", "ended"]) player.audio.addEventListener(name, showPlaying);
player.addEventListener("instrument", () => shown && draw());
document.addEventListener("keydown", (event) => {
  if (!shown || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  const side = Object.keys(SIDES).find((name) => SIDES[name].toLowerCase() === event.key.toLowerCase());
  if (side) toggle(side);
  else if (event.key === " " && !event.target.closest("button, summary, a")) {
    event.preventDefault();
    player.toggle();
  }
});
