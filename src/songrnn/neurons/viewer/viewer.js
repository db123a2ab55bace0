
// ---- the page of neurons: reads the data that the page carries and draws one neuron at a time
(async () => {
  const $ = (id) => document.getElementById(id);
  const SVG = "http://www.w3.org/2000/svg";
  const BARS_SHOWN = 4, BINS = 24, UNDEFINED = -1, STEPS = 1000, OCTILES = 8, LISTED = 6;

  // -- data

  async function inflated(text) {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).arrayBuffer();
  }
  const textOf = async (packed) => new TextDecoder().decode(await inflated(packed));
  async function array(packed) {
    const buffer = await inflated(packed.data);
    return { shape: packed.shape, scale: packed.scale, of: packed.bytes === 1 ? new Int8Array(buffer) : new Int16Array(buffer) };
  }
  const data = JSON.parse(await textOf(JSON.parse($("data").textContent)));
  const [values, path, conceptValues] = [await array(data.values), await array(data.path), await array(data.concepts.values)];
  const output = data.output && await array(data.output);
  const total = values.shape[1];
  for (const tune of data.tunes) tune.end = tune.begin + tune.text.length;
  const byIndex = new Map(data.neurons.map((one) => [one.index, one]));
  const value = (neuron, place) => values.of[neuron * total + place] * values.scale;
  const concept = (number, place) => conceptValues.of[number * total + place];
  const state = { neuron: null, tune: 0, place: null, order: [] };

  // -- colours: blue, white, orange for -1, 0, 1; white to purple for a gate's 0 to 1 (both safe for colour-blind eyes)

  const mix = (from, to, share) => from.map((c, i) => Math.round(c + (to[i] - c) * share));
  const BLUE = [33, 102, 172], WHITE = [255, 255, 255], ORANGE = [201, 106, 22], PURPLE = [84, 39, 143];
  const [lowest, highest] = data.what.gate ? [0, 1] : [-1, 1];
  function colour(v) {
    const share = Math.min(1, Math.abs(v));
    return `rgb(${mix(WHITE, data.what.gate ? PURPLE : v < 0 ? BLUE : ORANGE, share).join(",")})`;
  }
  const needsWhite = (v) => Math.abs(v) > (data.what.gate ? 0.55 : v < 0 ? 0.7 : 0.85);

  // -- small things

  function element(name, properties = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, content] of Object.entries(properties)) {
      if (key in made) made[key] = content; else made.setAttribute(key, content);
    }
    made.append(...children);
    return made;
  }
  function drawn(name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, content] of Object.entries(attributes)) made.setAttribute(key, content);
    if (text !== undefined) made.textContent = text;
    return made;
  }
  const figure = (x, digits = 2) => x === null || x === undefined ? "undefined" : x.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "−");
  const interval = ([v, low, high], digits = 2) => `${figure(v, digits)} (${figure(low, digits)} to ${figure(high, digits)})`;
  const beyond = (one) => one.explained - Math.max(one.chance, one.untrained); // what chance and an untrained network do not
  const share = (x) => `${(100 * x).toFixed(0)} %`;
  const visible = (c) => ({ "\n": "↵", " ": "·" }[c] ?? c);
  const named = (c) => ({ "\n": "line end", " ": "space" }[c] ?? c);

  // A chart of horizontal bars around 0: rows of [label, value, low, high, title].
  function bars(rows, unit, digits = 2, left = 150) {
    const width = 290 + left, right = 86, step = 20, most = Math.floor(left / (innerWidth <= 820 ? 8.2 : 6.5)); // letters are larger on a telephone
    const ends = rows.flatMap(([, v, low, high]) => [v, low ?? v, high ?? v, 0]);
    const [min, max] = [Math.min(...ends), Math.max(...ends)];
    const x = (v) => left + (v - min) / (max - min || 1) * (width - left - right);
    const svg = drawn("svg", { viewBox: `0 0 ${width} ${rows.length * step + 6}`, role: "img", "aria-label": rows.map((r) => `${r[0]} ${figure(r[1], digits)} ${unit}`).join(", ") });
    rows.forEach(([label, v, low, high], i) => {
      const y = i * step + 4;
      svg.append(drawn("text", { x: left - 8, y: y + 12, "text-anchor": "end" }, label.length > most ? `${label.slice(0, most - 1)}…` : label));
      svg.append(drawn("rect", { class: v < 0 ? "low" : "high", x: Math.min(x(0), x(v)), y, width: Math.max(1, Math.abs(x(v) - x(0))), height: 14 }));
      if (low !== undefined && low !== null) svg.append(drawn("line", { class: "interval", x1: x(low), x2: x(high), y1: y + 7, y2: y + 7 }));
      svg.append(drawn("text", { class: "quiet", x: width - right + 8, y: y + 12 }, `${v > 0 && unit !== "%" ? "+" : ""}${figure(v, digits)} ${unit}`));
    });
    svg.append(drawn("line", { class: "axis", x1: x(0), x2: x(0), y1: 0, y2: rows.length * step + 4 }));
    return svg;
  }

  // -- the list of neurons

  function listed() {
    const wanted = $("search").value.trim().toLowerCase();
    const order = $("order").value;
    const found = data.neurons.filter((one) => !wanted || String(one.index).startsWith(wanted) || (one.found && one.concept.includes(wanted)));
    const strongest = new Map();
    for (const one of found) if (one.found) strongest.set(one.concept, Math.max(strongest.get(one.concept) ?? -1, beyond(one)));
    const rank = (one) => order === "index" ? [one.index] : order === "explained" ? [one.found ? 0 : 1, -one.explained]
      : [one.found ? 0 : 1, one.found ? -strongest.get(one.concept) : 0, one.found ? one.concept : "", -one.explained];
    return found.map((one) => [rank(one), one]).sort(([a], [b]) => {
      for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
      return 0;
    }).map(([, one]) => one);
  }
  function showList() {
    const shown = listed();
    state.order = shown.map((one) => one.index);
    const rows = [];
    let group = null;
    for (const one of shown) {
      const heading = one.found ? one.concept : "nothing found";
      if ($("order").value === "concept" && heading !== group) {
        rows.push(element("li", { className: "group", role: "presentation", textContent: heading }));
        group = heading;
      }
      const meter = element("i");
      meter.style.width = `${100 * Math.min(1, one.explained)}%`;
      rows.push(element("li", { className: one.found ? "" : "none", role: "option", id: `n${one.index}`, title: one.sentence, onclick: () => choose(one.index) },
        element("span", { className: "number", textContent: one.index }), element("span", { className: "meter" }, meter),
        element("small", { textContent: one.found ? `${$("order").value === "concept" ? "" : `${one.concept}, `}${share(one.explained)} explained` : "—" })));
    }
    $("neurons").replaceChildren(...rows);
    const found = shown.filter((one) => one.found).length;
    $("count").textContent = `${shown.length} neurons, ${found} with a label`;
    mark();
  }
  function mark() {
    for (const one of $("neurons").querySelectorAll("[aria-selected]")) one.removeAttribute("aria-selected");
    const row = $(`n${state.neuron}`);
    if (!row) return;
    row.setAttribute("aria-selected", "true");
    const list = $("neurons");
    const offset = row.offsetTop - list.offsetTop;
    if (offset < list.scrollTop + 30 || offset > list.scrollTop + list.clientHeight - 50) list.scrollTop = offset - list.clientHeight / 3;
  }

  // -- the table of concepts

  function showConcepts() {
    const probes = new Map(data.probes.map((one) => [one.concept, one]));
    const of = (name) => data.neurons.filter((one) => one.found && one.concept === name).sort((a, b) => b.explained - a.explained);
    const rows = data.concepts.described.map((one) => ({ ...one, own: of(one.name), probe: probes.get(one.name) }))
      .sort((a, b) => (b.own[0] ? beyond(b.own[0]) : -1) - (a.own[0] ? beyond(a.own[0]) : -1));
    const head = [["Concept", ""], ["Neurons", "number"], ["Best neuron", ""], ["Variance explained", "number"], ["Untrained", "number"], ["Its score, 95 % interval", ""], ["Probe, 95 % interval", ""], ["Control", "number"], ["Selectivity", "number"], ["Read", ""]];
    const cell = (content, className = "") => element("td", { className }, content);
    $("concepts").replaceChildren(
      element("thead", {}, element("tr", {}, ...head.map(([name, className]) => element("th", { className, scope: "col" }, name)))),
      element("tbody", {}, ...rows.map(({ name, definition, own: [best, ...rest], probe }) => {
        const row = element("tr", { title: definition }, cell(name), cell(best ? String(1 + rest.length) : "none", "number"),
          cell(best ? element("button", { type: "button", className: "inline", textContent: best.index }) : "—"),
          cell(best ? share(best.explained) : "—", "number"), cell(best ? share(best.untrained) : "—", "number"), cell(best ? `${best.measure} ${interval(best.score)}` : "—"),
          cell(probe ? `${probe.measure} ${interval(probe.score)}` : "—"), cell(probe ? figure(probe.control) : "—", "number"),
          cell(probe ? figure(probe.selectivity) : "—", "number"), cell(probe?.carriedBy.join(", ") || best?.carriedBy.join(", ") || ""));
        if (best) {
          row.dataset.concept = name;
          row.onclick = () => { choose(best.index); $("explorer").scrollIntoView({ behavior: "smooth" }); };
        }
        return row;
      })));
  }

  // -- one neuron

  function choose(neuron) {
    state.neuron = neuron;
    const one = byIndex.get(neuron);
    $("name").textContent = `Neuron ${neuron}`;
    const low = one.found && one.inverted ? " It is low where the concept is high." : "";
    $("sentence").textContent = `${one.sentence[0].toUpperCase()}${one.sentence.slice(1)}.${low}`;
    const facts = [[share(one.explained), "of its variance explained, on unseen tunes"], [share(one.chance), "by chance (tunes permuted)"],
      [share(one.untrained), "by an untrained network's best neuron"], [interval(one.score), `${one.measure}, 95 % interval; ${one.chanceScore} knows nothing`],
      [figure(one.accuracy[2]), `selectivity: balanced accuracy ${figure(one.accuracy[0])} less ${figure(one.accuracy[1])} for random values`]];
    if (!one.found) facts.unshift([one.concept, "the nearest concept, which does not count"]);
    $("facts").replaceChildren(...facts.map(([v, what]) => element("div", {}, element("b", { textContent: v }), element("span", { textContent: what }))));
    const places = data.concepts.described.map((c) => c.name);
    $("concept").value = places.indexOf(one.concept);
    showResponse(); showHistogram(); showTune(); showBars(); showRaises(); showAbsence(); mark();
    history.replaceState(null, "", `#neuron-${neuron}`);
  }

  function showHistogram() {
    const counts = new Array(BINS).fill(0);
    for (let t = 0; t < total; t++) counts[Math.min(BINS - 1, Math.max(0, Math.floor((value(state.neuron, t) - lowest) / (highest - lowest) * BINS)))]++;
    const most = Math.max(...counts), svg = drawn("svg", { viewBox: "0 0 420 190", role: "img", "aria-label": "Histogram of the neuron's values" });
    counts.forEach((n, i) => {
      const x = 10 + i * 400 / BINS, height = 150 * n / most, middle = lowest + (i + 0.5) / BINS * (highest - lowest);
      const bar = drawn("rect", { x, y: 160 - height, width: 400 / BINS - 1, height, fill: colour(middle), stroke: "#8a8f97", "stroke-width": 0.6 });
      bar.append(drawn("title", {}, `${n} characters around ${figure(middle)}`));
      svg.append(bar);
    });
    svg.append(drawn("line", { class: "axis", x1: 10, x2: 410, y1: 160, y2: 160 }));
    for (const v of [lowest, (lowest + highest) / 2, highest]) svg.append(drawn("text", { x: 10 + 400 * (v - lowest) / (highest - lowest), y: 178, "text-anchor": v === lowest ? "start" : v === highest ? "end" : "middle" }, figure(v, 1)));
    $("histogram").replaceChildren(svg);
  }

  // The neuron's mean at each value of a concept; octiles of a number.
  function groups(number) {
    const { kind, classes, range } = data.concepts.described[number];
    const known = [];
    for (let t = 0; t < total; t++) if (concept(number, t) !== UNDEFINED) known.push(t);
    if (kind !== "number") {
      const names = kind === "yes_no" ? ["no", "yes"] : classes;
      return names.map((name, i) => [name, known.filter((t) => concept(number, t) === i)]).filter(([, own]) => own.length);
    }
    const real = (t) => range[0] + concept(number, t) / STEPS * (range[1] - range[0]);
    known.sort((a, b) => concept(number, a) - concept(number, b));
    const found = [];
    for (let i = 0; i < OCTILES && known.length; i++) {
      const own = known.slice(Math.floor(i * known.length / OCTILES), Math.floor((i + 1) * known.length / OCTILES));
      if (!own.length) continue;
      const [from, to] = [real(own[0]), real(own[own.length - 1])].map((v) => +v.toFixed(2));
      const name = from === to ? `${from}` : `${from}–${to}`;
      if (found.length && found[found.length - 1][0] === name) found[found.length - 1][1].push(...own); else found.push([name, own]);
    }
    return found;
  }
  function showResponse() {
    const number = +$("concept").value, found = groups(number), described = data.concepts.described[number];
    const row = Math.max(15, Math.min(24, 190 / Math.max(1, found.length))), left = 110, width = 420;
    const x = (v) => left + (v - lowest) / (highest - lowest) * (width - left - 12);
    const svg = drawn("svg", { viewBox: `0 0 ${width} ${found.length * row + 24}`, role: "img", "aria-label": `Mean of the neuron by ${described.name}` });
    const zero = x(Math.max(lowest, 0));
    svg.append(drawn("line", { class: "axis", x1: zero, x2: zero, y1: 0, y2: found.length * row }));
    found.forEach(([name, own], i) => {
      const all = own.map((t) => value(state.neuron, t)), mean = all.reduce((a, b) => a + b, 0) / all.length;
      const deviation = Math.sqrt(all.reduce((a, b) => a + (b - mean) ** 2, 0) / all.length), y = i * row + row / 2;
      const spread = drawn("line", { class: "axis", "stroke-width": Math.min(9, row - 6), x1: x(Math.max(lowest, mean - deviation)), x2: x(Math.min(highest, mean + deviation)), y1: y, y2: y });
      const dot = drawn("circle", { cx: x(mean), cy: y, r: 5, fill: colour(mean), stroke: "#555", "stroke-width": 1 });
      dot.append(drawn("title", {}, `${name}: mean ${figure(mean)}, ${own.length} characters`));
      svg.append(drawn("text", { x: left - 8, y: y + 4, "text-anchor": "end" }, name), spread, dot);
    });
    for (const v of [lowest, (lowest + highest) / 2, highest]) svg.append(drawn("text", { class: "quiet", x: x(v), y: found.length * row + 18, "text-anchor": v === highest ? "end" : "middle" }, figure(v, 1)));
    $("response").replaceChildren(svg);
    $("responds").textContent = `${described.name[0].toUpperCase()}${described.name.slice(1)}: ${described.definition}. Dot: the neuron's mean where the concept has this value; band: one standard deviation to either side.`;
  }

  // -- scores with heat, and sound

  const addresses = new Map();
  async function address(tune) {
    if (!addresses.has(tune)) addresses.set(tune, `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await textOf(tune.svg))}`);
    return addresses.get(tune);
  }
  async function sheet(tune, box, neuron) {
    if (!tune.svg) {
      box.replaceChildren(element("p", { className: "caption", textContent: "This tune cannot be engraved." }));
      return;
    }
    const image = element("img", { alt: "The score of the tune", src: await address(tune) });
    if (box === $("sheet") && (tune !== data.tunes[state.tune] || neuron !== state.neuron)) return; // another was chosen meanwhile
    const canvas = element("canvas", { width: 1600, height: Math.round(1600 * tune.height) });
    box.replaceChildren(canvas, image);
    heat(tune, canvas, neuron);
  }
  function heat(tune, canvas, neuron, sounding = null) {
    const context = canvas.getContext("2d"), w = canvas.width;
    context.clearRect(0, 0, w, canvas.height);
    for (const [place, x, y] of tune.heads) {
      if (neuron !== undefined) {
        context.fillStyle = colour(value(neuron, tune.begin + place));
        context.beginPath(); context.roundRect((x - 0.0035) * w, (y - 0.016) * w, 0.0175 * w, 0.032 * w, 6); context.fill();
      }
      if (place === sounding) {
        context.strokeStyle = "#111"; context.lineWidth = 4;
        context.beginPath(); context.roundRect((x - 0.0055) * w, (y - 0.018) * w, 0.0215 * w, 0.036 * w, 8); context.stroke();
      }
    }
  }

  let playing = null;
  function stop() {
    if (!playing) return;
    cancelAnimationFrame(playing.frame);
    playing.context.close();
    playing.button.textContent = "Play";
    const { done } = playing;
    playing = null;
    done();
  }
  // Plays the sounds of a tune at places from..to, once; `follow(place)` is called as notes begin.
  function play(tune, button, { from = 0, to = Infinity, follow = () => {}, done = () => {} } = {}) {
    const again = playing?.button === button;
    stop();
    if (again) return;
    let sounds = tune.sounds.filter(([, , , place]) => place >= from && place < to);
    if (to !== Infinity) { // a repeat brings a bar back: once is enough
      const cut = sounds.findIndex(([begin], i) => i && begin - sounds[i - 1][1] > 0.5);
      if (cut > 0) sounds = sounds.slice(0, cut);
    }
    if (!sounds.length) { done(); return; }
    const context = new AudioContext(), loudness = context.createGain(), first = sounds[0][0], begins = context.currentTime + 0.1;
    loudness.gain.value = 0.25;
    loudness.connect(context.destination);
    for (const [begin, end, pitch] of sounds) {
      const tone = context.createOscillator(), envelope = context.createGain(), at = begins + begin - first, until = begins + end - first;
      tone.type = "triangle";
      tone.frequency.value = 440 * 2 ** ((pitch - 69) / 12);
      envelope.gain.setValueAtTime(0, at);
      envelope.gain.linearRampToValueAtTime(1, at + 0.012);
      envelope.gain.exponentialRampToValueAtTime(0.25, until);
      envelope.gain.linearRampToValueAtTime(0, until + 0.03);
      tone.connect(envelope).connect(loudness);
      tone.start(at); tone.stop(until + 0.05);
    }
    const last = sounds[sounds.length - 1][1] - first;
    button.textContent = "Stop";
    playing = { context, button, done, frame: 0 };
    let next = 0;
    const tick = () => {
      const now = context.currentTime - begins;
      let place = null;
      while (next < sounds.length && sounds[next][0] - first <= now) place = sounds[next++][3];
      if (place !== null) follow(place);
      if (now > last + 0.1) stop(); else playing.frame = requestAnimationFrame(tick);
    };
    tick();
  }

  // -- one tune under the neuron

  async function showTune() {
    const tune = data.tunes[state.tune], neuron = state.neuron;
    stop();
    const rows = [];
    let row = element("div");
    [...tune.text].forEach((c, place) => {
      const v = value(neuron, tune.begin + place), cell = element("span", { textContent: visible(c), title: `${named(c)}: ${figure(v)}`, onclick: () => explain(place) });
      cell.dataset.place = place;
      cell.style.background = colour(v);
      if (needsWhite(v)) cell.className = "white";
      row.append(cell);
      if (c === "\n" || row.childElementCount === 56) { rows.push(row); row = element("div"); }
    });
    if (row.childElementCount) rows.push(row);
    $("grid").replaceChildren(...rows);
    $("play").disabled = !tune.sounds.length;
    if (state.place !== null) explain(state.place);
    showPath();
    await sheet(tune, $("sheet"), neuron);
  }
  const cell = (place) => $("grid").querySelector(`[data-place="${place}"]`);
  function follow(place) {
    const tune = data.tunes[state.tune];
    $("grid").querySelector(".sounding")?.classList.remove("sounding");
    if (place !== null) cell(place)?.classList.add("sounding");
    $("here").textContent = place === null ? "" : `${named(tune.text[place])}: ${figure(value(state.neuron, tune.begin + place))}`;
    const canvas = $("sheet").querySelector("canvas");
    if (canvas) heat(tune, canvas, state.neuron, place);
    showPath(place);
  }
  const playTune = () => play(data.tunes[state.tune], $("play"), { follow, done: () => follow(null) });

  function showPath(sounding = null) {
    const canvas = $("path"), context = canvas.getContext("2d"), { begin, end } = data.tunes[state.tune], edge = 16;
    const at = (t, axis) => path.of[2 * t + axis];
    const ranges = [0, 1].map((axis) => {
      let low = Infinity, high = -Infinity;
      for (let t = 0; t < total; t++) { low = Math.min(low, at(t, axis)); high = Math.max(high, at(t, axis)); }
      return [low, high - low || 1];
    });
    const x = (t) => edge + (at(t, 0) - ranges[0][0]) / ranges[0][1] * (canvas.width - 2 * edge);
    const y = (t) => canvas.height - edge - (at(t, 1) - ranges[1][0]) / ranges[1][1] * (canvas.height - 2 * edge);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.strokeStyle = "rgba(90,96,105,0.35)"; context.lineWidth = 0.8; context.beginPath();
    for (let t = begin; t < end; t++) context.lineTo(x(t), y(t));
    context.stroke();
    for (let t = begin; t < end; t++) {
      context.fillStyle = colour(value(state.neuron, t)); context.strokeStyle = "#777";
      context.beginPath(); context.arc(x(t), y(t), 3.6, 0, 2 * Math.PI); context.fill(); context.stroke();
    }
    const chosen = sounding ?? state.place;
    if (chosen !== null && begin + chosen < end) {
      context.strokeStyle = "#111"; context.lineWidth = 2.5;
      context.beginPath(); context.arc(x(begin + chosen), y(begin + chosen), 8, 0, 2 * Math.PI); context.stroke();
    }
  }

  // -- why this character?

  function explain(place) {
    const tune = data.tunes[state.tune];
    place = Math.max(0, Math.min(tune.text.length - 1, place));
    state.place = place;
    $("grid").querySelector(".chosen")?.classList.remove("chosen");
    cell(place)?.classList.add("chosen");
    showPath();
    const box = $("why"), why = tune.why[place], c = tune.text[place];
    box.hidden = false;
    if (!why) { box.replaceChildren(element("p", { textContent: "The network did not predict this character: it is the first." })); return; }
    const [probability, alternatives, contributions] = why;
    const parts = contributions.slice(0, 8).map(([source, detail, v]) => [detail ? `${source}, ${detail}` : source, v]);
    const columns = [
      element("div", {}, element("h4", { textContent: "What raised it, and what lowered it" }), bars(parts, "logit", 2, 250)),
      element("div", {}, element("h4", { textContent: "What was likely here" }),
        bars(alternatives.map(([id, p]) => [named(data.characters[id]), 100 * p]), "%", 1)),
    ];
    if (output && place > 0) columns.push(element("div", {}, element("h4", { textContent: "The neurons that did most" }), bars(strongest(tune, place, c), "logit")));
    box.replaceChildren(element("h4", { textContent: `Why “${named(c)}”?` }),
      element("p", { textContent: `The network gave it ${(100 * probability).toFixed(1)} %. A logit is a sum; above 0 a part raises this character over the others, below 0 it lowers it.` }),
      element("div", { className: "cards" }, ...columns));
  }
  function strongest(tune, place, c) {
    const id = data.characters.indexOf(c), size = output.shape[1], found = [];
    for (let n = 0; n < size; n++) found.push([n, output.of[id * size + n] * output.scale * value(n, tune.begin + place - 1)]);
    return found.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, LISTED)
      .map(([n, v]) => [byIndex.get(n)?.found ? `${n}: ${byIndex.get(n).concept}` : String(n), v]);
  }

  // -- bars, effects

  async function showBars() {
    const neuron = state.neuron, found = [];
    data.tunes.forEach((tune, number) => tune.svg && tune.bars.forEach((bar) => {
      let sum = 0;
      for (let t = bar[0]; t < bar[1]; t++) sum += value(neuron, tune.begin + t);
      found.push({ tune, number, bar, mean: sum / (bar[1] - bar[0]) });
    }));
    found.sort((a, b) => b.mean - a.mean);
    const one = (list) => { // one bar a tune
      const seen = new Set();
      return list.filter(({ number }) => !seen.has(number) && seen.add(number)).slice(0, BARS_SHOWN);
    };
    const heading = (textContent) => element("h4", { textContent });
    const [high, low] = await Promise.all([one(found), one([...found].reverse())].map((list) => Promise.all(list.map(barFigure))));
    if (neuron === state.neuron) $("bars").replaceChildren(heading("Highest"), ...high, heading("Lowest"), ...low);
  }
  async function barFigure({ tune, number, bar: [begin, end, x, y, w, h], mean }) {
    const inner = element("div", { className: "sheet" }), crop = element("div", { className: "crop", title: "Open this tune" }, inner);
    const scale = Math.min(230 / (w + 0.02), 900);
    crop.style.width = `${Math.max(70, (w + 0.02) * scale)}px`;
    inner.style.width = `${scale}px`;
    inner.style.left = `${-(x - 0.01) * scale}px`;
    inner.style.top = `${60 - (y + h / 2) * scale}px`;
    await sheet(tune, inner, state.neuron);
    crop.onclick = () => { state.tune = number; $("tune").value = number; state.place = begin; showTune(); $("reading").scrollIntoView({ behavior: "smooth" }); };
    const button = element("button", { type: "button", textContent: "Play" });
    button.onclick = () => play(tune, button, { from: begin, to: end });
    return element("figure", {}, crop, element("figcaption", {}, button, `${figure(mean)}, tune ${number + 1}`));
  }

  function showRaises() {
    if (!output) {
      $("raises").replaceChildren();
      $("raising").textContent = "Only the hidden state of the top layer acts on the next character directly.";
      return;
    }
    const size = output.shape[1], deviation = data.deviations[state.neuron];
    const all = data.characters.map((c, id) => [named(c), output.of[id * size + state.neuron] * output.scale * deviation]).sort((a, b) => b[1] - a[1]);
    $("raises").replaceChildren(bars([...all.slice(0, LISTED), ...all.slice(-LISTED)], "logit"));
    $("raising").textContent = "When the neuron rises by one standard deviation, by its output weights alone.";
  }

  async function showAbsence() {
    const box = $("absence"), own = data.absences[state.neuron];
    if (!own) {
      const measured = Object.keys(data.absences);
      box.replaceChildren(element("h3", { textContent: "Without it" }), element("p", { className: "caption" },
        measured.length ? "What is lost without a neuron was measured for " : "What is lost without a neuron was not measured.",
        ...measured.flatMap((n) => [element("button", { type: "button", className: "inline", textContent: n, onclick: () => choose(+n) }), " "])));
      return;
    }
    const [all, ...rest] = own.effects;
    const rows = [all, ...rest].map(({ where, beyond }) => [where, 1000 * beyond[0], 1000 * beyond[1], 1000 * beyond[2]]);
    const side = element("div", { className: "side" });
    box.replaceChildren(element("h3", { textContent: "Without it" }), bars(rows, "mbit", 1),
      element("p", { className: "caption", textContent: `Surprisal with the neuron held at its mean, less the same for other neurons one by one (thousandths of a bit a character, 95 % interval over tunes); above 0 the network misses it more than others. ${rest.length ? "By concept: where the interval does not hold 0." : "By concept no interval leaves 0 out."}` }),
      element("h3", { textContent: "Composed with and without it, same seed" }), side);
    if (data.composed) side.replaceChildren(await composedSide("With all neurons", data.composed, own.tune), await composedSide(`Without neuron ${state.neuron}`, own.tune, data.composed));
  }
  async function composedSide(title, tune, other) {
    const box = element("div", { className: "sheet" }), button = element("button", { type: "button", className: "inline", textContent: "Play" });
    let same = 0;
    while (same < tune.text.length && tune.text[same] === other.text[same]) same++;
    await sheet(tune, box);
    const canvas = box.querySelector("canvas");
    button.onclick = () => play(tune, button, { follow: (place) => canvas && heat(tune, canvas, undefined, place), done: () => canvas && heat(tune, canvas, undefined) });
    const text = element("pre", {}, tune.text.slice(0, same), element("mark", { className: "shared", textContent: tune.text.slice(same) }));
    return element("div", {}, element("h4", { textContent: same === tune.text.length && tune.text === other.text ? `${title} (the same tune)` : title }),
      element("p", { className: "controls" }, button), element("div", { className: "score" }, box), text);
  }

  // -- directions

  // A line of values over strengths, with intervals.
  function doseCurve(doses, unit) {
    const width = 420, height = 190, left = 52, bottom = 34, top = 12;
    const ends = doses.flatMap(({ value: [v, low, high] }) => [v, low ?? v, high ?? v]).filter((v) => v !== null);
    const [min, max] = [Math.min(...ends), Math.max(...ends)], strengths = doses.map((one) => one.strength);
    const x = (v) => left + (v - strengths[0]) / (strengths[strengths.length - 1] - strengths[0] || 1) * (width - left - 20);
    const y = (v) => height - bottom - (v - min) / (max - min || 1) * (height - bottom - top);
    const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": doses.map((one) => `strength ${one.strength}: ${figure(one.value[0])} ${unit}`).join(", ") });
    for (const v of [min, max]) {
      svg.append(drawn("line", { class: "axis", x1: left - 6, x2: width - 8, y1: y(v), y2: y(v) }));
      svg.append(drawn("text", { x: left - 10, y: y(v) + 4, "text-anchor": "end", class: "quiet" }, figure(v, max - min > 3 ? 1 : 2)));
    }
    const known = doses.filter((one) => one.value[0] !== null);
    svg.append(drawn("polyline", { class: "curve", points: known.map((one) => `${x(one.strength)},${y(one.value[0])}`).join(" ") }));
    for (const { strength, value: [v, low, high] } of known) {
      if (low !== null) svg.append(drawn("line", { class: "interval", x1: x(strength), x2: x(strength), y1: y(low), y2: y(high) }));
      svg.append(drawn("circle", { cx: x(strength), cy: y(v), r: 4.5, class: "high" }));
      svg.append(drawn("text", { x: x(strength), y: height - 14, "text-anchor": "middle" }, signed(strength)));
    }
    return svg;
  }
  const signed = (v) => v > 0 ? `+${v}` : String(v).replace("-", "−");
  function doseTable({ doses, unit }) {
    const cell = (content) => element("td", { className: "number", textContent: content });
    const heads = ["Strength", `Mean${unit ? `, ${unit}` : ""}`, "Bits a character", "Valid", "Bars shared"];
    return element("div", { className: "wide", tabIndex: 0 }, element("table", {},
      element("thead", {}, element("tr", {}, ...heads.map((name) => element("th", { className: "number", scope: "col", textContent: name })))),
      element("tbody", {}, ...doses.map((one) => element("tr", {}, cell(signed(one.strength)), cell(figure(one.value[0])), cell(figure(one.bits[0])),
        cell(one.valid[0] === null ? "undefined" : share(one.valid[0])), cell(one.shared[0] === null ? "unknown" : figure(one.shared[0], 1)))))));
  }
  function showDirections() {
    $("directions").hidden = !data.directions.length;
    $("directed").replaceChildren(...data.directions.map(({ concept: name, what, control, effects, doses }) => {
      const rows = effects.map(({ where, beyond }) => [where, 1000 * beyond[0], 1000 * beyond[1], 1000 * beyond[2]]);
      const columns = [element("div", {}, element("h4", { textContent: "Without it" }), bars(rows, "mbit", 0, 215),
        element("p", { className: "caption", textContent: `${what}, held at the mean, less ${control}; thousandths of a bit a character, 95 % interval over the tunes of this page; by concept where the interval does not hold 0.` }))];
      if (doses) columns.push(element("div", {}, element("h4", { textContent: `Steered along it: mean of ${name}${doses.unit ? `, ${doses.unit}` : ""}, by strength` }), doseCurve(doses.doses, doses.unit),
        element("p", { className: "caption", textContent: `Mean of ${name} in ${doses.tunes} composed tunes of one seed at each strength${doses.monotonic ? "" : "; not monotonic"}. Bits are those of the unchanged network; shared: the longest run that training tunes have too, common stock apart.` }), doseTable(doses)));
      return element("div", { className: "card" }, element("h3", { textContent: name[0].toUpperCase() + name.slice(1) }), element("div", { className: "cards" }, ...columns));
    }));
  }

  // -- begin

  data.concepts.described.forEach((one, i) => $("concept").append(element("option", { value: i, textContent: one.name })));
  data.tunes.forEach((tune, i) => {
    const field = (letter) => tune.text.match(new RegExp(`^${letter}:\\s*(.+)$`, "m"))?.[1].trim() ?? "";
    const name = field("T") || [field("R"), field("M"), field("K")].filter(Boolean).join(", ");
    $("tune").append(element("option", { value: i, textContent: `${i + 1}. ${name}${tune.reported ? "" : " (label chosen on it)"}` }));
  });
  const scale = element("canvas", { width: 128, height: 1 });
  for (let i = 0; i < 128; i++) {
    const context = scale.getContext("2d");
    context.fillStyle = colour(lowest + i / 127 * (highest - lowest));
    context.fillRect(i, 0, 1, 1);
  }
  $("scale").append(String(lowest).replace("-", "−"), scale, String(highest));
  const step = (by) => {
    const place = state.order.indexOf(state.neuron);
    if (state.order.length) choose(state.order[Math.max(0, Math.min(state.order.length - 1, place + by))]);
  };
  const turn = (by) => {
    state.tune = (state.tune + by + data.tunes.length) % data.tunes.length;
    $("tune").value = state.tune;
    state.place = null; $("why").hidden = true;
    showTune();
  };
  $("search").oninput = () => { showList(); if (state.order.length && !state.order.includes(state.neuron)) choose(state.order[0]); };
  $("order").onchange = showList;
  $("concept").onchange = showResponse;
  $("tune").onchange = () => turn(+$("tune").value - state.tune);
  $("play").onclick = playTune;
  const keys = {
    ArrowDown: () => step(1), ArrowUp: () => step(-1), ArrowRight: () => turn(1), ArrowLeft: () => turn(-1), " ": playTune,
    "/": () => $("search").focus(), "[": () => explain((state.place ?? 1) - 1), "]": () => explain((state.place ?? -1) + 1),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === $("search")) {
      if (event.key === "Escape" || event.key === "Enter") { $("search").blur(); event.preventDefault(); }
      else if (event.key.startsWith("Arrow") && "UpDown".includes(event.key.slice(5))) { keys[event.key](); event.preventDefault(); }
      return;
    }
    if (event.target.matches("select") || (event.key === " " && event.target.matches("button"))) return;
    if (keys[event.key]) { keys[event.key](); event.preventDefault(); }
  });
  showConcepts();
  showDirections();
  showList();
  const addressed = location.hash.match(/^#neuron-(\d+)$/);
  choose(addressed && byIndex.has(+addressed[1]) ? +addressed[1] : state.order[0]);
  document.body.dataset.ready = "true";
})();
