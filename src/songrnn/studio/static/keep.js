// The action "Keep" at the tune on the desk: it goes into the tunebook; what is kept again becomes a version of it.

import { addAction } from "/static/actions.js";
import { post } from "/static/api.js";

const keptAs = new Map(); // text -> number of the tune in the tunebook

addAction({
  label: "Keep",
  title: "Keep this tune in the tunebook",
  async run(tune, button) {
    const status = document.querySelector("#status");
    if (keptAs.has(tune.abc)) return;
    button.disabled = true;
    try {
      const composed = tune.request ? { origin: "composed", request: tune.request, tune_number: tune.request.first, model: tune.model } : { origin: "edited" };
      const kept = await post("/api/tunebook/tunes", { abc: tune.abc, ...composed });
      keptAs.set(tune.abc, kept.id);
      const link = Object.assign(document.createElement("a"), { href: `/tunebook#${kept.id}`, textContent: kept.title });
      status.className = "status";
      status.replaceChildren("Kept in the tunebook as ", link, ".");
    } catch (error) {
      status.className = "status failure";
      status.textContent = error.message;
    } finally {
      button.disabled = false;
    }
  },
});
