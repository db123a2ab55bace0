// Stretches of bars: what they are called, and when they sound.

// Such as "Bars 2 to 5" for the bars at these indices, in a tune whose bars have these numbers, 0 for a pickup.
export function numbered([first, last], numbers) {
  const whole = numbers.slice(first, last + 1).filter((number) => number);
  if (!whole.length) return "Pickup";
  const [from, to] = [whole[0], whole.at(-1)];
  const bars = from === to ? `ar ${from}` : `ars ${from} to ${to}`;
  const ending = numbers[last] ? "" : " and the next pickup";
  return (numbers[first] ? `B${bars}` : `Pickup and b${bars}`) + ending;
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
