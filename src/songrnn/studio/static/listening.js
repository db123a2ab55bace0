// Blind listening: prepare a round, take part in it, see its results. The fragment of the address is the round's code.

import { get, post, send } from "/static/api.js";
import { element } from "/static/element.js";
import { showPair, stopPair } from "/static/listening-pair.js";
import { showResults } from "/static/listening-results.js";

const API = "/api/listening/rounds";
const $ = (selector) => document.querySelector(selector);
const status = $("#status");

let round = null;
let participant = null;

function say(text, kind = "") {
  status.textContent = text;
  status.className = `status ${kind}`;
}

// Any failure is said on the page.
function tried(work) {
  return async (...values) => {
    try {
      await work(...values);
    } catch (error) {
      if (error.name !== "AbortError") say(error.message, "failure");
    }
  };
}

const keyOf = (code) => `songrnn-listening-${code}`;
const PREPARED = "prepared-"; // before the code: this browser has prepared the round
const HERE = ["127.0.0.1", "localhost", "[::1]"];

function remembered(code) {
  try {
    return localStorage.getItem(keyOf(code));
  } catch {
    return null;
  }
}

function remember(code, secret) {
  try {
    localStorage.setItem(keyOf(code), secret);
  } catch {
    // a browser that keeps nothing: a reload begins anew
  }
}

// ---- the start

async function showStart() {
  document.title = "Listen";
  $("#start").hidden = false;
  $("#round").hidden = true;
  const rounds = await get(API);
  $("#earlier").hidden = rounds.length === 0;
  $("#rounds").replaceChildren(
    ...rounds.map(({ code, title, pairs, participants, closed_at: closed }) =>
      element("li", {}, element("a", { href: `#${code}`, textContent: title }), element("span", { className: "caption", textContent: `${pairs} pairs, ${counted(participants, "participant")}${closed ? ", closed" : ""}` })),
    ),
  );
}

function counted(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

async function prepare(event) {
  event.preventDefault();
  const form = event.target;
  const values = Object.fromEntries(new FormData(form));
  const file = form.elements.file.files[0];
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  say("Choosing human tunes, and composing one to each. The first time this takes a while …");
  try {
    const source = values.source;
    const text = source === "file" ? ((await file?.text()) ?? "") : "";
    const made = await post(API, { title: values.title, source, file: text, pairs: Number(values.pairs) || 10, rhythm: values.rhythm, model: values.model ?? "" });
    say("");
    remember(PREPARED + made.code, "yes");
    location.hash = made.code;
  } finally {
    button.disabled = false;
  }
}

// ---- a round

async function showRound(code) {
  round = await get(`${API}/${encodeURIComponent(code)}`);
  participant = await resumed(round.code);
  document.title = round.title;
  $("#start").hidden = true;
  $("#round").hidden = false;
  $("#round-title").textContent = round.title;
  $("#results").open = Boolean(round.closed_at);
  $("#class").open = false;
  $("#class").hidden = Boolean(round.closed_at);
  await go();
}

// Whether the round is ended and deleted from here: where it was prepared, or where the studio runs, and by no participant.
function manages() {
  return remembered(PREPARED + round.code) !== null || (HERE.includes(location.hostname) && !participant);
}

async function resumed(code) {
  const secret = remembered(code);
  if (!secret) return null;
  try {
    return await get(`${API}/${code}/participants/${encodeURIComponent(secret)}`);
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}

// What comes next for who looks at this page: a name, a pair, or the end.
async function go() {
  const closed = Boolean(round.closed_at);
  const next = participant && round.hidden.find(({ number }) => !participant.answered.includes(number));
  $("#join").hidden = closed || Boolean(participant);
  $("#pair").hidden = closed || !next;
  $("#finished").hidden = !participant || participant.right === null;
  $("#round-words").textContent = `${counted(round.pairs, "pair")}, code ${round.code}${participant ? `, as ${participant.name}` : ""}`;
  stopPair();
  if (closed || !next) showEnd();
  else await showPair(next, participant.answered.length, round.pairs, tried(answer));
  if (closed || (participant && !next)) $("#results").open = true;
  if ($("#results").open) await count();
}

async function answer(number, human, seconds) {
  participant = await post(`${API}/${round.code}/pairs/${number}/answers`, { secret: participant.secret, human, seconds });
  await go();
}

function showEnd() {
  if (participant?.right == null) return;
  $("#own-right").textContent = `${participant.right} of ${round.pairs} right`;
  $("#own-words").textContent = `By guessing one gets about ${round.pairs / 2}.`;
  $("#own-right").focus();
}

async function count() {
  const results = await get(`${API}/${round.code}/results`);
  showResults($("#figures"), results, round);
  $("[data-action=close]").hidden = results.closed || !manages();
  $("[data-action=delete]").hidden = !manages();
  $("#csv").hidden = !results.closed;
  $("#csv").href = `${API}/${round.code}/results.csv`;
}

async function join(event) {
  event.preventDefault();
  participant = await post(`${API}/${round.code}/participants`, { name: event.target.elements.name.value });
  remember(round.code, participant.secret);
  say("");
  await go();
}

async function showJoining() {
  if (!$("#class").open) return;
  const { address, hint } = await get(`${API}/${round.code}/joining`);
  const code = element("p", { className: "caption", textContent: `Code: ${round.code}` });
  if (!address) return $("#joining").replaceChildren(element("p", { textContent: hint }), code);
  const picture = element("img", { src: `${API}/${round.code}/qr.svg`, alt: "QR code of the address", className: "qr" });
  $("#joining").replaceChildren(picture, element("div", {}, element("p", { textContent: "Point a telephone in the same network at the code, or open:" }), element("p", { className: "address", textContent: address }), code));
}

const ACTIONS = {
  refresh: count,
  close: async () => {
    await post(`${API}/${round.code}/close`, {});
    await showRound(round.code);
  },
  delete: async () => {
    if (!window.confirm(`Delete ${round.title} with all its answers, for good?`)) return;
    await send("DELETE", `${API}/${round.code}`);
    location.hash = "";
  },
};

const route = tried(async () => {
  say("");
  const code = location.hash.slice(1);
  stopPair();
  if (code) await showRound(code);
  else await showStart();
});

$("#prepare").addEventListener("submit", tried(prepare));
$("#prepare [name=source]").addEventListener("change", ({ target }) => {
  $("#file-field").hidden = target.value !== "file";
});
$("#prepare [name=pairs]").addEventListener("input", ({ target }) => {
  $("#prepare [type=submit]").textContent = target.value === "10" ? "Listen to ten pairs" : `Listen to ${counted(Number(target.value) || 10, "pair")}`;
});
$("#join-code").addEventListener("submit", (event) => {
  event.preventDefault();
  const code = $("#code").value.trim().toLowerCase();
  if (code) location.hash = code;
});
$("#join").addEventListener("submit", tried(join));
$("#results").addEventListener("toggle", tried(async () => {
  if ($("#results").open && round) await count();
}));
$("#class").addEventListener("toggle", tried(showJoining));
$("#leave").addEventListener("click", (event) => {
  event.preventDefault();
  location.hash = "";
});
for (const button of document.querySelectorAll("[data-action]")) button.addEventListener("click", tried(ACTIONS[button.dataset.action]));
window.addEventListener("hashchange", route);
route();
