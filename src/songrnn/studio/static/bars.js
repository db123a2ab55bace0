// Stretches of bars: what they are called, and when they sound.

// Such as "Bars 2 to 5" for the bars at these indices, in a tune of which the first is called `firstBar`.
export function numbered([first, last], firstBar) {
  const [from, to] = [first + firstBar, last + firstBar];
  return first === last ? (from ? `Bar ${from}` : "Pickup") : `Bars ${from} to ${to}`;
}

// The seconds of bars when they are first played, [begin, end]; null for none, or where nothing of them sounds.
export function secondsOf(bars, score, notes) {
  if (!bars || !notes.length) return null;
  const [first, last] = bars;
  const within = ({ note }) => {
    const bar = score.barOf(note);
    return first <= bar && bar <= last;
  };
  const begin = notes.findIndex(within);
  if (begin < 0) return null;
  let end = begin;
  while (end + 1 < notes.length && within(notes[end + 1])) end += 1;
  return [notes[begin].begin, Math.max(...notes.slice(begin, end + 1).map((note) => note.end))];
}
