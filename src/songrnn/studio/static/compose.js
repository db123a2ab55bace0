// The main page: ask, compose, hear, change. Each part is an element of its own; this module connects them.

import { get, post, settled, whenBack } from "/static/api.js";
import { field, heading } from "/static/abc.js";
import { showActions } from "/static/actions.js";
import { numbered, secondsOf } from "/static/bars.js";
import { numberInAddress, tuneInAddress } from "/static/link.js";
import { restored, store } from "/static/memory.js";
import { rewriteOthers } from "/static/others.js";
import "/static/ask-form.js";
import "/static/menus.js";
import "/static/tune-choices.js";
import "/static/tune-insight.js";
import "/static/tune-player.js";
import "/static/tune-score.js";
import "/static/tune-words.js";
import "/static/version-tree.js";

const FIRST = {
  form: { rhythm: "jig", meter: "6/8", key: "G", bars: 16, parts: "AABB", end_on_tonic: true },
  sampling: { seed: 17 },
};
const FORMATS = { abc: "ABC", midi: "MIDI", mp3: "MP3", wav: "WAV", musicxml: "MusicXML", svg: "Score (SVG)" };

const $ = (selector) => document.querySelector(selector);
const [ask, choices, score, player, versions] = ["ask-form", "tune-choices", ".sheet tune-score", "tune-player", "version-tree"].map($);
const editor = $("#edit abc-editor");
const [insight, words] = [$("tune-insight"), $("tune-words")];
const status = $("#status");
const narrow = window.matchMedia("(max-width: 40rem)");
const middle = window.matchMedia("(max-width: 64rem)");

let abc = "";
let asked = null; // the last request, with its seed
let busy = false;
let away = false; // whether the server does not answer

// ---- saying what happens

function say(text, kind = "") {
  status.textContent = text && text[0].toUpperCase() + text.slice(1);
  status.className = `status ${kind}`;
}

async function fail(error) {
  if (error.name === "AbortError") return;
  say(error.message, "failure");
  ask.point(error);
  if (error.status === 0 && !away) await reconnect();
}

// Waits for the server, and shows what could not be drawn meanwhile.
async function reconnect() {
  away = true;
  await whenBack();
  away = false;
  say("The studio answers again.");
  if (abc) draw(abc);
}

function remember() {
  store({ request: ask.request, asked, tunes: choices.tunes, chosen: choices.chosen, versions: versions.save(), instrument: player.instrument });
}

// ---- composing

async function compose(request, { label = "composed", after = false, verb = "Composing" } = {}) {
  if (busy) return;
  working(verb);
  try {
    const model = ask.model;
    const made = await post(`/api/compose?model=${encodeURIComponent(model)}`, request);
    asked = { ...request, sampling: { ...request.sampling, seed: made.seed } };
    ask.point(null);
    say(made.notes.join(" "));
    const tunes = made.best.map((place) => ({ ...made.tunes[place], model: made.model, label, after: after ? versions.current : null }));
    choices.show(tunes);
    take(tunes[0]);
  } catch (error) {
    await fail(error);
  } finally {
    rested();
  }
}

function working(verb) {
  busy = true;
  document.body.classList.add("busy");
  say(`${verb} …`);
}

function rested() {
  busy = false;
  document.body.classList.remove("busy");
}

function another() {
  if (!asked) return compose(ask.request);
  const same = JSON.stringify({ ...ask.request, sampling: { ...ask.request.sampling, seed: 0 } }) === JSON.stringify({ ...strip(asked), sampling: { ...asked.sampling, seed: 0 } });
  if (!same) return compose(ask.request);
  return compose({ ...asked, first: (asked.first ?? 0) + (asked.count ?? 1) });
}

function strip({ first, ...request }) {
  return request;
}

// A composed tune is put on the desk.
function take(tune) {
  if (tune.after) versions.current = tune.after;
  if (tune.after || !versions.find(tune.abc)) {
    versions.add(tune.after ? tune.label : `${heading(tune.abc)}, ${tune.label}`, tune.abc, { after: Boolean(tune.after), tune });
  }
  show(tune.abc);
  $("#spoken").textContent = `${heading(tune.abc)}: ${choices.chosen + 1} of ${choices.tunes.length}, best first`;
}

// ---- showing

function show(text) {
  typing = false; // what is typed from now on is another version
  abc = text;
  editor.value = text;
  describe();
  draw(text);
  remember();
}

function describe() {
  const tune = versions.node?.abc === versions.node?.tune?.abc ? versions.node?.tune : null;
  $("#tune-title").textContent = heading(abc);
  $("#tune-origin").textContent = `${tune?.title || versions.node?.label || "Composed"}.`;
  tellOriginality(tune?.originality ?? "");
  $("[data-action=undo]").disabled = !versions.canUndo;
  $("[data-action=redo]").disabled = !versions.canRedo;
  $("#version-count").textContent = versions.nodes.length;
  judge();
}

// In the colour of the shared notes in the score, so that one explains the other.
function tellOriginality(text) {
  const [, run = "", others = text] = /^(longest shared run)(.*)$/s.exec(text) ?? [];
  $("#tune-originality .run").textContent = run && "Longest shared run";
  $("#tune-originality .run").classList.toggle("shared", versions.node?.tune?.abc === abc);
  $("#tune-originality .words").textContent = others && `${run ? others : others[0].toUpperCase() + others.slice(1)}.`;
}

const draw = settled(60, async (signal, text) => {
  try {
    const rendered = await post("/api/render", { abc: text, page_width: width(), instrument: player.instrument }, signal);
    score.show(rendered, text);
    const tune = versions.node?.tune;
    score.mark(tune?.abc === text ? tune.marks.filter(({ kind }) => kind === "shared") : []);
    if (tune?.abc === text && tune.selection) score.select(tune.selection);
    player.load(rendered, text);
    player.stretch = secondsOf(score.selection, score, player.notes);
    insight.show(text);
    words.show(text);
    downloads(rendered.id);
    choices.draw();
    if (status.classList.contains("failure")) say("");
  } catch (error) {
    await fail(error);
  }
});

const judge = settled(600, async (signal) => {
  if (!$("#figures").open || !abc) return;
  const { figures, form, originality } = await post(`/api/judge?model=${encodeURIComponent(ask.model)}`, { abc }, signal);
  const rows = figures.filter(({ value }) => value !== null).flatMap(({ title, value, percent }) => [
    Object.assign(document.createElement("dt"), { textContent: title }),
    Object.assign(document.createElement("dd"), { textContent: percent ? `${Math.round(value * 100)} %` : String(Math.round(value * 100) / 100) }),
  ]);
  $("#figure-list").replaceChildren(...rows);
  if (form) $("#tune-title").textContent = `${heading(abc)}, ${form}`;
  if (!versions.node?.tune || versions.node.tune.abc !== abc) tellOriginality(originality);
});

function width() {
  return narrow.matches ? 900 : middle.matches ? 1500 : 2100;
}

function downloads(id) {
  $("#downloads").replaceChildren(
    ...Object.entries(FORMATS).map(([name, label]) => Object.assign(document.createElement("a"), { href: `/api/rendered/${id}/${name}?save=true`, textContent: label })),
  );
}

// ---- changing

// A change by hand: one version for what is typed in one go.
let typing = false;
const typed = settled(1200, async () => {
  typing = false;
});

function edited() {
  abc = editor.value;
  if (typing) versions.replace(abc);
  else versions.add("Edited by hand", abc);
  typing = true;
  typed();
  describe();
  if (abc.trim()) draw(abc);
  remember();
}

function change(label, text) {
  versions.add(label, text);
  show(text);
}

async function transpose(semitones) {
  try {
    const { abc: moved } = await post("/api/transpose", { abc, semitones });
    change(`Transposed to ${field(moved, "K")}`, moved);
  } catch (error) {
    await fail(error);
  }
}

async function inMeter(meter) {
  try {
    const { abc: moved } = await post("/api/meter", { abc, meter });
    change(`Put into ${meter}`, moved);
    say(`The same notes in bars of ${meter}.`);
  } catch (error) {
    await fail(error);
  }
}

// Composes the tune anew from the end of the selected bars on.
function continueFrom() {
  const [, last] = score.selection;
  const { request } = ask;
  const beginning = abc.slice(0, score.bars[last][1]).replace(/^[XT]:.*\n/gm, "").trimEnd();
  const fixed = ["rhythm", "meter", "key", "unit_length"]; // the beginning says these itself
  const form = Object.fromEntries(Object.entries(request.form).filter(([name]) => !fixed.includes(name)));
  const { seed, ...sampling } = request.sampling;
  compose({ ...request, prompt: beginning, form, sampling }, { label: `Continued from ${barsInWords([last, last]).toLowerCase()}`, after: true, verb: "Continuing" });
}

// Writes bars anew, the selected ones; all others stay to the letter. vary: near to the old ones.
async function rewrite({ vary = false, bars = score.selection } = {}) {
  if (busy || !bars) return;
  const [first, last] = bars;
  const { seed, ...sampling } = ask.request.sampling;
  working(vary ? "Varying these bars" : "Writing these bars anew");
  try {
    const made = await post(`/api/rewrite?model=${encodeURIComponent(ask.model)}`, { abc, first, last, sampling, vary });
    if (!made.tunes.length) return say("No other bars were found that fit here. Try again, or select others.");
    say("");
    const label = `${barsInWords([first, last])} ${vary ? "varied" : "rewritten"}`;
    const tunes = made.tunes.map((tune) => ({ ...tune, title: "", request: null, model: made.model, label, after: versions.current, selection: [first, last] }));
    choices.show(tunes);
    take(tunes[0]);
  } catch (error) {
    await fail(error);
  } finally {
    rested();
  }
}

// Keeps the selected bars to the letter, and writes all others anew.
async function rewriteRest() {
  const bars = score.selection;
  if (busy || !bars) return;
  const { seed, ...sampling } = ask.request.sampling;
  working("Writing the other bars anew");
  try {
    const { tune, stayed } = await rewriteOthers({
      abc,
      bars: score.bars.length,
      kept: bars,
      phraseOf: (bar) => words.around(bar, "phrase"),
      ask: { sampling },
      model: ask.model,
      tell: (phrase) => say(`Writing ${barsInWords(phrase).toLowerCase()} anew …`),
    });
    if (!tune) return say("No other bars were found that fit here. Try again, or select others.");
    say(stayed.length ? `Nothing else was found that fits in ${stayed.map(barsInWords).join(", ").toLowerCase()}.` : "");
    const label = `All but ${barsInWords(bars).toLowerCase()} rewritten`;
    choices.show([{ ...tune, title: "", request: null, label, after: versions.current, selection: bars }]);
    take(choices.tunes[0]);
  } catch (error) {
    await fail(error);
  } finally {
    rested();
  }
}

// Varies what the first selected bar belongs to: its "phrase", four bars counted from the beginning of its part, or all
// of its "part".
async function varyAround(what) {
  if (!score.selection) return;
  const bars = await words.around(score.selection[0], what);
  if (bars) await rewrite({ vary: true, bars });
}

const barsInWords = (bars) => numbered(bars, score.barNumbers);

function likeThis() {
  const request = versions.node?.tune?.request ?? ask.request;
  const { seed, ...sampling } = request.sampling ?? {};
  const form = { ...request.form, rhythm: field(abc, "R"), meter: field(abc, "M"), key: field(abc, "K") };
  ask.request = { ...request, form, sampling };
  say("The form now requests a tune like this. Change what you like, then compose.");
  const key = ask.querySelector("[name=key]");
  key.focus();
  key.select();
}

// ---- connecting

function loop() {
  const range = secondsOf(score.selection, score, player.notes);
  if (!range) return;
  player.looping = true;
  player.stretch = range;
  player.play(range[0]).catch(fail);
}

function selected(bars) {
  $("#selection").hidden = !bars;
  player.stretch = secondsOf(bars, score, player.notes);
  if (!bars) return;
  const [first, last] = bars;
  $("#selection-text").textContent = barsInWords(bars);
  speak(bars).catch(fail);
  if ($("#edit").open) editor.select(score.bars[first][0], score.bars[last][1]);
}

// Why the first note of the bar is there.
async function why() {
  $("#neurons").open = true;
  if (score.noteAtCursor) await insight.explainNote(score.noteAtCursor);
}

// Ask for tunes that the network composes without a neuron.
function composeWithout({ neuron, layer }) {
  const { request } = ask;
  const others = request.intervention.layer === layer ? (request.intervention.ablate ?? "") : "";
  const ablate = [...new Set([...others.split(",").filter(Boolean).map((one) => one.trim()), String(neuron)])].join(",");
  ask.request = { ...request, intervention: { ...request.intervention, ablate, layer } };
  compose(ask.request, { verb: `Composing without neuron ${ablate}` });
}

// For a screen reader: what is in the selected bars; of many, their numbers alone.
async function speak(bars) {
  const text = bars[1] - bars[0] < 4 ? await words.say(bars) : barsInWords(bars);
  if (score.selection === bars) $("#spoken").textContent = text;
}

const ACTIONS = {
  undo: () => versions.undo(),
  redo: () => versions.redo(),
  like: likeThis,
  loop,
  continue: continueFrom,
  rewrite: () => rewrite(),
  others: rewriteRest,
  vary: () => rewrite({ vary: true }),
  "vary-phrase": () => varyAround("phrase").catch(fail),
  "vary-part": () => varyAround("part").catch(fail),
  clear: () => score.select(null),
};

const KEYS = {
  c: () => compose(ask.request),
  a: another,
  r: () => rewrite(),
  R: rewriteRest,
  v: () => rewrite({ vary: true }),
  " ": () => player.toggle(),
  e: () => {
    $("#edit").open = true;
    editor.text.focus();
  },
  l: loop,
  m: () => player.toggleMetronome(),
  w: why,
  k: () => $("#tune-actions [data-added]")?.click(),
  u: () => versions.undo(),
  U: () => versions.redo(),
  "?": () => $("#help").showModal(),
};

function onKey(event) {
  const typingIn = event.target.closest("input:not([type=checkbox]):not([type=range]), textarea, select, dialog");
  if (typingIn || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " " && event.target.closest("button:not([role=radio]), summary, a, input")) return;
  const place = Number(event.key) - 1;
  const action = KEYS[event.key] ?? (choices.tunes[place] && event.key !== " " ? () => choices.choose(place) : null);
  if (!action) return;
  event.preventDefault();
  action();
}

// A button that was clicked with the mouse does not keep the focus, so that Space plays and does not press it again.
function leaveButton({ target, pointerType }) {
  if (pointerType === "mouse") target.closest("button:not([role=radio])")?.blur();
}

function connect() {
  ask.addEventListener("compose", () => compose(ask.request));
  ask.addEventListener("another", another);
  ask.addEventListener("change", remember);
  choices.addEventListener("choose", ({ detail }) => take(detail));
  editor.addEventListener("edited", edited);
  versions.addEventListener("go", ({ detail }) => {
    show(detail.abc);
    $("#spoken").textContent = detail.label;
  });
  score.addEventListener("playfrom", ({ detail }) => player.playFrom(detail));
  score.addEventListener("note", (event) => {
    if (!insight.open) return;
    event.preventDefault();
    insight.explainNote(event.detail);
  });
  words.score = score;
  $("#words").addEventListener("toggle", () => $("#words").open && words.draw().catch(fail));
  insight.model = () => ask.model;
  insight.score = score;
  insight.addEventListener("ablate", ({ detail }) => composeWithout(detail));
  insight.addEventListener("failure", ({ detail }) => fail(detail));
  $("#neurons").addEventListener("toggle", () => ($("#neurons").open ? insight.opened() : insight.closed()));
  score.addEventListener("bars", ({ detail }) => selected(detail));
  player.addEventListener("notes", ({ detail }) => score.sound(detail));
  player.addEventListener("instrument", () => show(abc));
  player.addEventListener("transpose", ({ detail }) => transpose(detail));
  player.addEventListener("meter", ({ detail }) => inMeter(detail));
  player.addEventListener("failure", ({ detail }) => fail(detail));
  for (const button of document.querySelectorAll("[data-action]")) {
    if (ACTIONS[button.dataset.action]) button.addEventListener("click", () => {
      button.closest("details.menu")?.removeAttribute("open");
      ACTIONS[button.dataset.action]();
    });
  }
  $("#figures").addEventListener("toggle", judge);
  $("#help-button").addEventListener("click", () => $("#help").showModal());
  for (const query of [narrow, middle]) query.addEventListener("change", () => abc && draw(abc));
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", leaveButton);
  showActions($("#tune-actions"), onDesk);
}

// What an action is given. kept: what the tunebook has of it, or of the version that it was made from; keptAs: notes that
// it has it now.
function onDesk() {
  const { node, kept } = versions;
  const tune = node?.tune?.abc === abc ? node.tune : null;
  const origin = !tune ? "edited" : tune.request ? "composed" : "rewritten";
  const keptAs = (record) => {
    node.kept = record;
    remember();
  };
  return { abc, title: heading(abc), request: tune?.request ?? null, model: ask.model, origin, kept, keptAs };
}

// The tune that the address brings: a kept one, or one that a link holds; null if there is none.
async function broughtTune() {
  const number = numberInAddress();
  if (!number) {
    const linked = tuneInAddress();
    return linked && { label: "From a link", abc: linked, kept: null };
  }
  const { id, title, current, abc: text } = await get(`/api/tunebook/tunes/${number}`);
  return { label: title, abc: text, kept: { tune: id, version: current, abc: text } };
}

async function begin() {
  if (!ask.settings) await new Promise((resolve) => ask.addEventListener("ready", resolve, { once: true }));
  player.instruments = ask.settings.instruments;
  connect();
  const given = await broughtTune().catch(fail);
  const kept = restored();
  if (kept?.versions?.nodes?.length) {
    ask.request = kept.request;
    asked = kept.asked;
    if (kept.instrument) player.instrument = kept.instrument;
    choices.show(kept.tunes, kept.chosen);
    versions.restore(kept.versions);
    show(versions.node.abc);
  } else if (!given) {
    const { seed, ...sampling } = FIRST.sampling;
    ask.request = { ...FIRST, sampling };
    await compose({ ...ask.request, sampling: { seed } });
  }
  if (given) {
    versions.add(given.label, given.abc, { after: false });
    versions.node.kept = given.kept;
    show(given.abc);
  }
}

begin().catch(fail);
