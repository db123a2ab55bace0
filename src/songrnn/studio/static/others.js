// Writes all bars but the selected ones anew, a phrase at a time: each new phrase continues the new text before it, and is
// the one after which the rest, as it is, is most probable.

import { post } from "/static/api.js";

const CANDIDATES = 16; // of each phrase: a tune has many

// abc: the tune of so many bars. kept: [first, last], which stays to the letter. phraseOf(bar): [first, last] of its phrase.
// ask: what else /api/rewrite is asked. tell(bars): called before each phrase.
// Returns the last answer's tune, null if no phrase could be written, and the phrases for which nothing was found.
export async function rewriteOthers({ abc, bars, kept, phraseOf, ask, model, tell }) {
  const stayed = [];
  let tune = null;
  for (const [first, last] of await phrasesBeside(bars, kept, phraseOf)) {
    tell([first, last]);
    const made = await post(`/api/rewrite?model=${encodeURIComponent(model)}`, { ...ask, abc: tune?.abc ?? abc, first, last, count: 1, candidates: CANDIDATES });
    if (made.tunes.length) tune = { ...made.tunes[0], model: made.model };
    else stayed.push([first, last]);
  }
  return { tune, stayed };
}

// The phrases of the bars 0..bars-1, without the kept ones.
async function phrasesBeside(bars, [keptFirst, keptLast], phraseOf) {
  const phrases = [];
  for (let bar = 0; bar < bars; bar += 1) {
    if (bar === keptFirst) {
      bar = keptLast;
      continue;
    }
    const [, end] = (await phraseOf(bar)) ?? [bar, bar];
    const last = Math.max(bar, bar < keptFirst ? Math.min(end, keptFirst - 1) : end);
    phrases.push([bar, last]);
    bar = last;
  }
  return phrases;
}
