// The results of a round: the share of right answers with its 95 % interval, of all and of each participant.

import { heading } from "/static/abc.js";
import { element } from "/static/element.js";

const percent = (share) => `${Math.round(share * 100)} %`;

export function showResults(place, results, round) {
  const parts = [summary(results)];
  if (results.participants.length) parts.push(people(results));
  if (results.closed) parts.push(pairs(results, round));
  place.replaceChildren(...parts);
}

function summary({ all, closed }) {
  if (!all.answers) {
    const text = closed ? "Nobody has answered." : "Nobody has answered every pair yet; until then answers are not counted, so that none is given away.";
    return element("p", { textContent: text });
  }
  const chance = all.low <= 0.5 && 0.5 <= all.high ? "Guessing, 50 %, lies within." : all.low > 0.5 ? "That is more than guessing gives." : "That is less than guessing gives.";
  return element("p", { className: "lead" }, element("b", { textContent: `${percent(all.share)} right` }), `: ${all.right} of ${all.answers} answers, 95 % interval ${percent(all.low)} to ${percent(all.high)}. ${chance}`);
}

function people({ participants }) {
  const rows = participants.map((one) => [one.name, one.answers ? `${one.right} of ${one.answers}` : `${one.answered} answered`, interval(one)]);
  return table(["Participant", "Right", "95 % interval, and guessing"], rows);
}

function pairs({ pairs: answered }, round) {
  const rows = answered.map((one) => {
    const abc = round.hidden.find(({ number }) => number === one.number).first;
    return [`${one.number}: ${heading(abc)}`, `${one.human === "first" ? "A" : "B"}${one.human_title ? `, ${one.human_title}` : ""}`, one.answers ? `${one.right} of ${one.answers}` : "–"];
  });
  return table(["Pair", "Human", "Right"], rows);
}

function table(headings, rows) {
  const head = element("thead", {}, element("tr", {}, ...headings.map((textContent) => element("th", { textContent, scope: "col" }))));
  const cells = (row) => element("tr", {}, ...row.map((value) => element("td", {}, value)));
  return element("table", {}, head, element("tbody", {}, ...rows.map(cells)));
}

// A line from low to high, the share as a dot, and a mark at one half.
function interval({ share, low, high }) {
  if (share === null) return "";
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("viewBox", "0 0 100 12");
  drawing.setAttribute("class", "interval");
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", `${percent(low)} to ${percent(high)}`);
  drawing.append(
    shape("line", { x1: 50, x2: 50, y1: 0, y2: 12, class: "chance" }),
    shape("line", { x1: 100 * low, x2: 100 * high, y1: 6, y2: 6, class: "range" }),
    shape("circle", { cx: 100 * share, cy: 6, r: 3 }),
  );
  return drawing;
}

function shape(name, values) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(values)) made.setAttribute(key, value);
  return made;
}
