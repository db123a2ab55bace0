// The page of the tunebook: the list that is searched, one tune of it, sets, and files in and out.

import { get, post, send, settled } from "/static/api.js";
import { keyInWords } from "/static/abc.js";
import { linkTo, toDesk } from "/static/link.js";
import { drawVersions } from "/static/kept-versions.js";
import "/static/menus.js";
import "/static/tune-player.js";
import "/static/tune-score.js";
import { tunesOf } from "/static/zip.js";

const API = "/api/tunebook";
const PAGE = 50;
const FORMATS = { abc: "ABC", pdf: "PDF", midi: "MIDI", mp3: "MP3", wav: "WAV", musicxml: "MusicXML", svg: "Score (SVG)", html: "One page to share" };

const $ = (selector) => document.querySelector(selector);
const [list, filters, status, score, player] = ["#list", "#filters", "#status", "tune-score", "tune-player"].map($);
const narrow = window.matchMedia("(max-width: 40rem)");

let found = []; // the tunes in the list
let tune = null; // the open one
let set = null; // the set that is shown
const chosen = new Set(); // numbers of the tunes that are ticked, in that order

function element(name, values = {}, ...children) {
  const made = Object.assign(document.createElement(name), values);
  made.append(...children);
  return made;
}

function say(text, kind = "", ...more) {
  status.className = `status ${kind}`;
  status.replaceChildren(text, ...more);
}

// An action that failed says why.
function tried(work) {
  return async (...values) => {
    try {
      await work(...values);
    } catch (error) {
      if (error.name !== "AbortError") say(error.message, "failure");
    }
  };
}

// Says what was done, with a button that undoes it.
function sayUndo(text, undo) {
  const button = element("button", { type: "button", className: "link", textContent: "Undo" });
  button.addEventListener("click", tried(undo));
  say(`${text} `, "", button);
  button.focus(); // what had it is not there any more
}

// ---- the list

function query(extra = {}) {
  const values = [...new FormData(filters)].filter(([, value]) => value !== "");
  return new URLSearchParams([...values, ...Object.entries(extra)]);
}

const search = tried(async (offset = 0) => {
  const page = await get(`${API}/tunes?${query({ offset, limit: PAGE })}`);
  found = offset ? [...found, ...page.tunes] : page.tunes;
  list.replaceChildren(...found.map(row));
  $("#total").textContent = page.total;
  $("#more").hidden = found.length >= page.total;
  $("#empty").hidden = found.length > 0;
  $("#empty").textContent = filtered() ? "No tune is like that." : "Nothing is kept yet. Compose a tune and press Keep, or import an ABC file, or a ZIP that a tunebook exported.";
  await showSet();
  showChosen();
});

const searchSoon = settled(150, () => search());

function filtered() {
  return [...new FormData(filters)].some(([name, value]) => name !== "order" && value && value !== "0");
}

function row(one) {
  const tick = element("input", { type: "checkbox", checked: chosen.has(one.id), ariaLabel: `Choose ${one.title}` });
  tick.addEventListener("change", () => {
    if (tick.checked) chosen.add(one.id);
    else chosen.delete(one.id);
    showChosen();
  });
  const what = [inWords(one), ...one.tags].filter(Boolean).join(" · ");
  const button = element("button", { type: "button" }, element("span", { className: "name", textContent: one.title }), element("span", { className: "what", textContent: what }));
  button.addEventListener("click", tried(() => open(one.id)));
  const stars = element("span", { className: "starred", textContent: "★".repeat(one.stars), ariaLabel: `${one.stars} stars` });
  const made = element("li", {}, tick, button, stars);
  made.dataset.tune = one.id;
  made.classList.toggle("open", tune?.id === one.id);
  return made;
}

function inWords({ rhythm, key, meter }) {
  const words = [rhythm && rhythm[0].toUpperCase() + rhythm.slice(1), key && key !== "none" && `in ${keyInWords(key)}`].filter(Boolean).join(" ");
  return [words, meter].filter(Boolean).join(", ");
}

async function showFilters() {
  const [rhythms, tags, sets] = await Promise.all([get(`${API}/rhythms`), get(`${API}/tags`), get(`${API}/sets`)]);
  const fill = (name, first, options) => {
    const before = filters[name].value;
    filters[name].replaceChildren(new Option(first, ""), ...options.map(([value, label]) => new Option(label, value)));
    filters[name].value = options.some(([value]) => String(value) === before) ? before : "";
  };
  const counted = ({ value, tunes }) => [value, `${value} (${tunes})`];
  fill("rhythm", "Any rhythm", rhythms.map(counted));
  fill("tag", "Any tag", tags.map(counted));
  fill("set", "All tunes", sets.map(({ id, title }) => [id, `Set: ${title}`]));
}

async function refresh() {
  await showFilters();
  await search();
}

function showChosen() {
  $("#chosen").hidden = chosen.size === 0;
  $("#chosen-text").textContent = chosen.size === 1 ? "1 tune" : `${chosen.size} tunes`;
  const tunes = chosen.size ? [...chosen] : filtered() && !set ? found.map(({ id }) => id) : [];
  $("#export-label").textContent = chosen.size ? `Export ${chosen.size}` : set ? "Export set" : filtered() ? "Export these" : "Export all";
  for (const link of document.querySelectorAll("#exports a")) {
    const which = set && !chosen.size ? [["set", set.id]] : tunes.map((id) => ["tune", id]);
    link.href = `${API}/export/${link.dataset.format}?${new URLSearchParams(which)}`;
  }
}

// ---- one tune

async function open(id) {
  show(await get(`${API}/tunes/${id}`));
  $(".shelf").classList.add("reading");
  history.replaceState(null, "", `#${id}`);
  if (narrow.matches) $("[data-action=back]").focus(); // the list is hidden
}

function show(opened) {
  tune = opened;
  $("#tune").hidden = false;
  $("#title").value = tune.title;
  $("#facts").textContent = inWords(tune);
  $("#tags").value = tune.tags.join(", ");
  $("#notes").value = tune.notes;
  $("#abc").textContent = tune.abc;
  $("#open").href = toDesk(tune.id);
  for (const name of ["delete", "restore", "remove"]) $(`[data-action=${name}]`).hidden = (name === "delete") === Boolean(tune.deleted_at);
  showStars();
  drawVersions(tune, tried((number) => change({ current: number })));
  $("#downloads").replaceChildren(...Object.entries(FORMATS).map(([format, label]) => element("a", { href: `${API}/export/${format}?tune=${tune.id}`, textContent: label })), copyLink());
  for (const one of list.children) one.classList.toggle("open", Number(one.dataset.tune) === tune.id);
  draw(tune.abc);
}

function copyLink() {
  const link = element("a", { href: linkTo(tune.abc), textContent: "Copy a link" });
  link.addEventListener("click", tried(async (event) => {
    event.preventDefault();
    await navigator.clipboard.writeText(new URL(link.href, location.href).href);
    say("The link is copied. It holds the whole tune.");
  }));
  return link;
}

const draw = settled(40, tried(async (signal, abc) => {
  const rendered = await post("/api/render", { abc, page_width: narrow.matches ? 900 : 1500, instrument: player.instrument }, signal);
  score.show(rendered, abc);
  player.load(rendered, abc);
}));

function showStars() {
  const stars = [1, 2, 3, 4, 5].map((count) => {
    const button = element("button", { type: "button", textContent: count <= tune.stars ? "★" : "☆" });
    button.classList.toggle("on", count <= tune.stars);
    button.setAttribute("aria-pressed", String(count === tune.stars));
    button.setAttribute("aria-label", count === 1 ? "1 star" : `${count} stars`);
    button.addEventListener("click", tried(() => change({ stars: count === tune.stars ? 0 : count })));
    return button;
  });
  $("#stars").replaceChildren(...stars);
}

async function change(values) {
  const focused = document.activeElement?.getAttribute("aria-label");
  show(await send("PATCH", `${API}/tunes/${tune.id}`, values));
  if (values.stars !== undefined) $("#stars").querySelector(`[aria-label="${focused}"]`)?.focus();
  await refresh();
}

async function remove() {
  const { id, title } = tune;
  await send("DELETE", `${API}/tunes/${id}`);
  close();
  chosen.delete(id);
  await refresh();
  sayUndo(`${title} is deleted.`, async () => {
    await send("POST", `${API}/tunes/${id}/restore`);
    say("");
    await refresh();
    await open(id);
  });
}

function close() {
  tune = null;
  $("#tune").hidden = true;
  $(".shelf").classList.remove("reading");
  history.replaceState(null, "", location.pathname);
  for (const one of list.children) one.classList.remove("open");
}

// ---- sets

async function showSet() {
  const number = filters.set.value;
  set = number ? await get(`${API}/sets/${number}`) : null;
  $("#set").hidden = !set;
  if (!set) return;
  $("#set-title").textContent = set.title;
  $("#set-tunes").replaceChildren(...set.tunes.map(place));
}

function place({ title }, index) {
  const move = (label, step) => {
    const button = element("button", { type: "button", textContent: label, ariaLabel: `${title}: ${step < 0 ? "up" : "down"}` });
    button.disabled = index + step < 0 || index + step >= set.tunes.length;
    button.addEventListener("click", tried(() => reorder(index, index + step)));
    return button;
  };
  return element("li", {}, title, element("span", { className: "pair" }, move("↑", -1), move("↓", 1)));
}

async function reorder(from, to) {
  const tunes = set.tunes.map(({ id }) => id);
  tunes.splice(to, 0, ...tunes.splice(from, 1));
  await saveSet({ tunes });
}

async function saveSet(values) {
  const content = { title: set.title, notes: set.notes, tunes: set.tunes.map(({ id }) => id), ...values };
  await send("PUT", `${API}/sets/${set.id}`, content);
  await refresh();
}

async function makeSet() {
  const made = await post(`${API}/sets`, { title: `Set of ${chosen.size}`, tunes: [...chosen] });
  chosen.clear();
  await showFilters();
  filters.set.value = made.id;
  await search();
  say("The set is kept; give it a name with Rename.");
}

async function deleteSet() {
  const { id, title } = set;
  await send("DELETE", `${API}/sets/${id}`);
  await refresh();
  sayUndo(`${title} is deleted; its tunes stay.`, async () => {
    await send("POST", `${API}/sets/${id}/restore`);
    say("");
    await showFilters();
    filters.set.value = id;
    await search();
  });
}

// ---- files

async function importFile(file) {
  say(`Reading ${file.name} …`);
  const report = await send("POST", `${API}/import`, await tunesOf(file));
  await refresh();
  const faulty = report.kept.filter(({ problems }) => problems.length);
  const lines = [
    ...report.left_out.map(({ number, title, reason }) => `Left out: tune ${number}, ${title}: ${reason}`),
    ...faulty.map(({ title, problems }) => `${title}: ${problems[0]}${problems.length > 1 ? `, and ${problems.length - 1} more` : ""}`),
  ];
  const more = lines.length ? [element("ul", { className: "problems" }, ...lines.slice(0, 20).map((textContent) => element("li", { textContent })))] : [];
  say(`Imported ${report.kept.length} of ${report.kept.length + report.left_out.length} tunes from ${file.name}.`, "", ...more);
}

// ---- connecting

const ACTIONS = {
  back: close,
  delete: remove,
  restore: async () => {
    show(await send("POST", `${API}/tunes/${tune.id}/restore`));
    await refresh();
  },
  remove: async () => {
    await send("DELETE", `${API}/deleted/${tune.id}`);
    close();
    await refresh();
    say("The tune is removed for good.");
  },
  "make-set": makeSet,
  "choose-none": () => {
    chosen.clear();
    search();
  },
  "rename-set": async () => {
    const title = window.prompt("The name of the set", set.title);
    if (!title?.trim()) return;
    await saveSet({ title });
    say(`The set is called ${title} now.`);
  },
  "delete-set": deleteSet,
  "compose-again": async () => {
    say("Composing it again …");
    const { same, model } = await send("POST", `${API}/tunes/${tune.id}/versions/${tune.current}/compose`);
    say(same ? `Composed again with ${model}: the same, to the character.` : `Composed again with ${model}: another tune, so the program or its engine has changed since.`);
  },
};

// The tune in another key or meter, as another version.
async function changeMusic(path, how) {
  if (!tune) return;
  const { abc } = await post(path, { abc: tune.abc, ...how });
  show(await post(`${API}/tunes/${tune.id}/versions`, { abc, origin: "edited" }));
  await refresh();
}

function connect() {
  filters.addEventListener("input", searchSoon);
  filters.addEventListener("submit", (event) => event.preventDefault());
  $("#exports").addEventListener("click", () => say("The file is being made; it comes as a download."));
  $("#more").addEventListener("click", () => search(found.length));
  $("#title").addEventListener("change", tried(({ target }) => (target.value.trim() ? change({ title: target.value }) : show(tune))));
  $("#tags").addEventListener("change", tried(({ target }) => change({ tags: target.value.split(",").map((tag) => tag.trim()).filter(Boolean) })));
  $("#notes").addEventListener("change", tried(({ target }) => change({ notes: target.value })));
  $("#import").addEventListener("change", tried(async ({ target }) => {
    const [file] = target.files;
    target.value = "";
    if (file) await importFile(file);
  }));
  for (const button of document.querySelectorAll("[data-action]")) button.addEventListener("click", tried(() => ACTIONS[button.dataset.action]()));
  score.addEventListener("playfrom", ({ detail }) => player.playFrom(detail));
  player.addEventListener("notes", ({ detail }) => score.sound(detail));
  player.addEventListener("instrument", () => tune && draw(tune.abc));
  player.addEventListener("transpose", tried(({ detail }) => changeMusic("/api/transpose", { semitones: detail })));
  player.addEventListener("meter", tried(({ detail }) => changeMusic("/api/meter", { meter: detail })));
  player.addEventListener("failure", ({ detail }) => say(detail.message, "failure"));
}

async function begin() {
  connect();
  await refresh();
  const number = /^#(\d+)$/.exec(location.hash)?.[1];
  if (number) await open(number);
  else if (!narrow.matches && found.length) await open(found[0].id);
  const { instruments } = await get("/api/settings");
  player.instruments = instruments;
}

tried(begin)();
