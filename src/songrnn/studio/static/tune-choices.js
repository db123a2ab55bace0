// <tune-choices>: the tunes of one request side by side, the best first; one of them is chosen.

import { post } from "/static/api.js";
import { heading } from "/static/abc.js";
import "/static/tune-score.js";

const NARROW = 800;

class TuneChoices extends HTMLElement {
  tunes = [];

  connectedCallback() {
    this.setAttribute("role", "radiogroup");
    this.setAttribute("aria-label", "The composed tunes, best first");
    this.addEventListener("keydown", (event) => this.#key(event));
  }

  // tunes: the best first. chosen: the place of one of them.
  show(tunes, chosen = 0) {
    this.tunes = tunes;
    this.hidden = tunes.length < 2; // there is nothing to choose
    this.replaceChildren(...tunes.map((tune, place) => this.#card(tune, place)));
    this.choose(chosen, false);
  }

  choose(place, say = true) {
    if (!this.tunes[place]) return;
    this.chosen = place;
    [...this.children].forEach((card, index) => {
      card.setAttribute("aria-checked", String(index === place));
      card.tabIndex = index === place ? 0 : -1;
    });
    if (say) this.dispatchEvent(new CustomEvent("choose", { detail: this.tunes[place] }));
  }

  #card(tune, place) {
    const card = document.createElement("button");
    Object.assign(card, { type: "button", className: "choice" });
    card.setAttribute("role", "radio");
    const rank = Object.assign(document.createElement("span"), { className: "rank", textContent: place ? String(place + 1) : "1 · best" });
    const name = Object.assign(document.createElement("span"), { className: "name", textContent: heading(tune.abc) });
    const score = document.createElement("tune-score");
    score.setAttribute("aria-hidden", "true");
    const shared = Object.assign(document.createElement("span"), { className: "shared-words", textContent: short(tune.originality) });
    shared.title = tune.originality;
    card.setAttribute("aria-label", [`${place + 1}: ${name.textContent}`, tune.originality].filter(Boolean).join(", "));
    card.append(rank, name, score, shared);
    card.addEventListener("click", () => this.choose(place));
    return card;
  }

  // Draws what is not drawn yet: called when the chosen tune is there, which must not wait for these.
  async draw() {
    const tunes = this.tunes;
    for (const [place, score] of [...this.querySelectorAll("tune-score")].entries()) {
      if (score.isConnected && !score.firstChild && !score.dataset.failed) await this.#draw(score, tunes[place]);
    }
  }

  // The first line of the tune, or that of its new bars.
  async #draw(score, { abc, selection = null }) {
    try {
      score.show(await post("/api/render", { abc, page_width: NARROW }), abc);
      const bar = selection && score.measures.get(selection[0])?.[0];
      if (selection) score.select(selection);
      score.crop([(bar ?? score).closest("g.system") ?? score.querySelector("g.system")]);
    } catch {
      score.clear(); // the card still says what it is
      score.dataset.failed = ""; // and is not drawn again with every change of the tune
    }
  }

  #key(event) {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const place = (this.chosen + step + this.tunes.length) % this.tunes.length;
    this.choose(place);
    this.children[place].focus();
  }
}

// "longest shared run: 1.7 bars (9 notes), bars 4-5, as in ..." -> "shares 1.7 bars".
function short(originality) {
  const bars = /longest shared run: ([\d.]+) bars/.exec(originality);
  if (bars) return originality.endsWith("common stock") ? "common stock" : `shares ${bars[1]} bars`;
  return originality ? "shares nothing" : "";
}

customElements.define("tune-choices", TuneChoices);
