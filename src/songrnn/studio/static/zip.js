// Reads the tunes of a ZIP that the tunebook exported: of its files only tunes.abc is unpacked.

const TUNES = "tunes.abc";
const [END, ENTRY] = [0x06054b50, 0x02014b50];
const END_SIZE = 22;

// The file tunes.abc of the archive; the file itself if it is no ZIP. Throws an Error for one without tunes.abc.
export async function tunesOf(file) {
  const bytes = await file.arrayBuffer();
  const view = new DataView(bytes);
  if (bytes.byteLength < END_SIZE || view.getUint16(0) !== 0x504b) return file;
  const entry = entryOf(view);
  if (!entry) throw new Error(`${file.name} has no file ${TUNES}: choose a ZIP that a tunebook exported, or an ABC file.`);
  const { method, size, header } = entry;
  const begin = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
  const packed = new Blob([bytes.slice(begin, begin + size)]);
  if (method === 0) return packed;
  return new Response(packed.stream().pipeThrough(new DecompressionStream("deflate-raw"))).blob();
}

// How tunes.abc is packed, and where: from the directory at the end of the archive; null if it is not there.
function entryOf(view) {
  let end = view.byteLength - END_SIZE;
  while (end > 0 && view.getUint32(end, true) !== END) end -= 1;
  let place = view.getUint32(end + 16, true);
  while (place + 46 < view.byteLength && view.getUint32(place, true) === ENTRY) {
    const [length, extra, comment] = [28, 30, 32].map((at) => view.getUint16(place + at, true));
    const name = new TextDecoder().decode(new Uint8Array(view.buffer, place + 46, length));
    if (name === TUNES) return { method: view.getUint16(place + 10, true), size: view.getUint32(place + 20, true), header: view.getUint32(place + 42, true) };
    place += 46 + length + extra + comment;
  }
  return null;
}
