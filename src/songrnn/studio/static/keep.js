// The action "Keep" at the tune on the desk: it goes into the tunebook. What was made from a tune that is kept becomes a
// version of it.

import { addAction } from "/static/actions.js";
import { get, post, send } from "/static/api.js";

const TUNES = "/api/tunebook/tunes";

addAction({
  label: "Keep",
  title: "Keep this tune in the tunebook (k)",
  async run(tune, button) {
    button.disabled = true;
    try {
      const before = await inTunebook(tune.kept);
      if (!before) await keepNew(tune);
      else if (tune.kept.abc === tune.abc) say("This is in the tunebook already: ", linkTo(before), ".");
      else await keepVersion(tune, before);
    } catch (error) {
      failed(error);
    } finally {
      button.disabled = false;
    }
  },
});

// The tune, null if it was never kept, or is deleted.
async function inTunebook(kept) {
  if (!kept) return null;
  try {
    const tune = await get(`${TUNES}/${kept.tune}`);
    return tune.deleted_at ? null : tune;
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}

async function keepNew(tune) {
  const kept = await post(TUNES, content(tune));
  tune.keptAs({ tune: kept.id, version: kept.current, abc: tune.abc });
  say("Kept in the tunebook as ", linkTo(kept), ": there it gets tags, notes, and another title.");
}

async function keepVersion(tune, before) {
  const kept = await post(`${TUNES}/${before.id}/versions`, { ...content(tune), parent: tune.kept.version });
  tune.keptAs({ tune: kept.id, version: kept.current, abc: tune.abc });
  const apart = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: "Keep it as a tune of its own" });
  apart.addEventListener("click", () => keepApart(tune, before).catch(failed));
  say(`Kept as version ${kept.current} of `, linkTo(kept), ". ", apart);
}

// As a new tune; the other one goes back to the version that it had.
async function keepApart(tune, before) {
  await send("PATCH", `${TUNES}/${before.id}`, { current: before.current });
  await keepNew(tune);
}

function content({ abc, origin, request, model }) {
  return request ? { abc, origin, request, tune_number: request.first, model } : { abc, origin };
}

function linkTo({ id, title }) {
  return Object.assign(document.createElement("a"), { href: `/tunebook#${id}`, textContent: title });
}

function say(...words) {
  const status = document.querySelector("#status");
  status.className = "status";
  status.replaceChildren(...words);
}

function failed(error) {
  say(error.message);
  document.querySelector("#status").classList.add("failure");
}
