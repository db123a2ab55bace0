// The little that the page itself knows of ABC: header fields for headings, and places in a text.

const MODES = { maj: "major", min: "minor", m: "minor", dor: "dorian", phr: "phrygian", lyd: "lydian", mix: "mixolydian", loc: "locrian" };

export function field(abc, letter) {
  const found = new RegExp(`^${letter}:\\s*(.*?)\\s*(?:%.*)?$`, "m").exec(abc);
  return found ? found[1] : "";
}

export function keyInWords(key) {
  const found = /^([A-G])([#b]?)\s*([A-Za-z]*)/.exec(key);
  if (!found) return key;
  const sign = { "#": "♯", b: "♭", "": "" }[found[2]];
  const mode = MODES[found[3].toLowerCase().slice(0, 3)] ?? "major";
  return `${found[1]}${sign} ${mode}`;
}

// Such as "Slip jig in A dorian".
export function heading(abc) {
  const rhythm = field(abc, "R") || "tune";
  const key = field(abc, "K");
  const text = key && key !== "none" ? `${rhythm} in ${keyInWords(key)}` : rhythm;
  return text[0].toUpperCase() + text.slice(1);
}

// "n3-12" -> its place in the text.
export function offsets(abc) {
  const starts = [0];
  for (let place = abc.indexOf("\n"); place >= 0; place = abc.indexOf("\n", place + 1)) starts.push(place + 1);
  return (line, column) => (starts[line - 1] ?? abc.length) + column - 1;
}

export function offsetOfNote(note, offset) {
  const [line, column] = note.replace(/^n/, "").split("-").map(Number);
  return offset(line, column);
}
