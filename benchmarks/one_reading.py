"""Is there one reading of a tune: do the MIDI file and the MusicXML file say what `notation` says?

tunes N  The tunes of the four collections of music21 (12,762) and N strict tunes composed by `folk`. MIDI: each file is
         read back by mido, and its onsets, pitches and durations are compared with `perform`, exactly. MusicXML: each
         file is read back by music21, and pitches, durations, order, repeats and endings are compared with the
         Tune (`tests/musicxml_reading.py`). One JSON line a corpus: tunes; tunes with notes; equal; classes of those
         that differ.
speed N OTHER_PYTHON
         Seconds to render N tunes of `folk` to MIDI, WAV, MusicXML and SVG: this checkout, and the one whose
         interpreter is OTHER_PYTHON (another checkout's .venv/bin/python), in turn, three times.

`--every K` looks at every Kth tune only; `--formats midi` or `musicxml` at one of the two; `--corpora oneills composed`
at some of the corpora (oneills, ryans, airds, essenFolksong, composed). Half an hour on two cores, most by music21.

Run: python benchmarks/one_reading.py tunes 10000        (needs pip install 'songrnn[collections]' and mido)
"""

import argparse
import io
import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import mido

from composing_speed import processor
from reading import COLLECTIONS, path_of, read
from songrnn.composing.composer import load
from songrnn.cores import usable_cores
from songrnn.corpus.sources import read_sources
from songrnn.errors import AbcSyntaxError, RenderingError
from songrnn.performance.timeline import timeline
from songrnn.rendering.midi import midi_from_timeline
from songrnn.rendering.musicxml import musicxml_of

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # for musicxml_reading.py

SEED = 11
ROUNDS = 3
FORMATS = ("midi", "musicxml")
CORPORA = (*COLLECTIONS, "composed")

Notes = Counter[tuple[Fraction, int, Fraction]]  # onset, pitch, duration in whole notes -> how often

_RENDERING = """
import sys, time
from songrnn.corpus.sources import read_sources
from songrnn.rendering.render import Renderer
texts = [tune.text for tune in read_sources(["folk"]).tunes][:: max(1, 4248 // int(sys.argv[1]))][: int(sys.argv[1])]
with Renderer() as renderer:
    renderer.render(texts[0])
    begun = time.perf_counter()
    for text in texts:
        renderer.render(text)
    print((time.perf_counter() - begun) / len(texts))
"""


def main() -> None:
    """One JSON line a row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("tunes", "speed"))
    parser.add_argument("count", type=int)
    parser.add_argument("other_python", nargs="?")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS)
    parser.add_argument("--corpora", nargs="+", choices=CORPORA, default=CORPORA)
    given = parser.parse_args()
    if given.what == "speed" and given.other_python is None:
        parser.error("speed needs the Python interpreter of another checkout")
    rows = (
        agreement(given.corpora, given.count, given.every, given.formats)
        if given.what == "tunes"
        else speed(given.count, given.other_python)
    )
    for row in rows:
        print(json.dumps({"name": f"one reading: {given.what}", **row}), flush=True)


# ---- agreement


def agreement(names: Sequence[str], composed: int, every: int, formats: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Both formats of every corpus, over all cores."""
    with ProcessPoolExecutor(usable_cores()) as pool:
        for name in names:
            looked_at = list(islice(texts_of(name, composed), 0, None, every))
            for form in formats:
                begun = time.perf_counter()
                check = midi_difference if form == "midi" else musicxml_difference
                classes = Counter(pool.map(check, looked_at, chunksize=8))
                equal, silent = classes.pop("", 0), classes.pop("no notes", 0)
                yield {
                    "corpus": name,
                    "format": form,
                    "tunes": len(looked_at),
                    "with_notes": len(looked_at) - silent,
                    "equal": equal,
                    "share": equal / max(1, len(looked_at) - silent),
                    "classes": dict(classes.most_common()),
                    "seconds": round(time.perf_counter() - begun),
                }


def texts_of(name: str, composed: int) -> Iterator[str]:
    """The texts of a collection, or of so many composed tunes."""
    if name == "composed":
        return (made.abc() for made in load("folk").compose_many(count=composed, seed=SEED, best_of=1))
    return (tune.text for tune in read_sources([path_of(name)]).tunes)


def midi_difference(text: str) -> str:
    """What differs between the MIDI file and `perform`; "" for nothing, "no notes" where there are none."""
    tune = read(text)
    if isinstance(tune, AbcSyntaxError):
        return "no notes"
    played = timeline(tune)
    expected = Counter((note.onset, note.pitch, note.duration) for note in played.notes)
    if not expected:
        return "no notes"
    try:
        midi = midi_from_timeline(played, title="", voices=[voice.name for voice in tune.voices], program=0)
    except RenderingError as error:
        return f"refused: {error}"
    found = notes_of_midi(midi)
    if found == expected:
        return ""
    for place, name in ((0, "onset"), (1, "pitch"), (2, "duration")):
        if Counter(note[place] for note in found.elements()) != Counter(note[place] for note in expected.elements()):
            return name
    return "which note goes where"


def notes_of_midi(content: bytes) -> Notes:
    """The notes of a MIDI file, as mido reads it."""
    file = mido.MidiFile(file=io.BytesIO(content))
    notes: Notes = Counter()
    for track in file.tracks:
        now, sounding = 0, dict[tuple[int, int], list[int]]()
        for message in track:
            now += message.time
            if message.type not in ("note_on", "note_off"):
                continue
            begun = sounding.setdefault((message.channel, message.note), [])
            if message.type == "note_on" and message.velocity:
                begun.append(now)
            else:
                first = begun.pop(0)
                whole = 4 * file.ticks_per_beat
                notes[Fraction(first, whole), message.note, Fraction(now - first, whole)] += 1
    return notes


def musicxml_difference(text: str) -> str:
    """What differs between the MusicXML file, as music21 reads it, and the Tune; "" for nothing."""
    reading = import_module("musicxml_reading")
    tune = read(text)
    if isinstance(tune, AbcSyntaxError) or not timeline(tune).notes:
        return "no notes"
    try:
        found = reading.read_by_music21(musicxml_of(tune))
    except RenderingError as error:
        return f"refused: {error}"
    except music21_errors() as error:
        return f"music21 refuses it: {type(error).__name__}"
    expected = reading.read_by_perform(tune)
    if found == expected:
        return ""
    if found.notes == expected.notes:
        return "repeats or endings"
    for place, name in ((0, "onset"), (1, "pitch"), (2, "duration")):
        if column(found.notes, place) != column(expected.notes, place):
            return name
    return "which note goes where"


def music21_errors() -> tuple[type[Exception], ...]:
    """What music21 raises for a file that it does not take."""
    import music21

    return (music21.exceptions21.Music21Exception, ValueError, IndexError)


def column(parts: Sequence[Sequence[tuple[Any, ...]]], place: int) -> list[list[Any]]:
    """One figure of every note of every part, sorted."""
    return [sorted(note[place] for note in part) for part in parts]


# ---- speed


def speed(count: int, other_python: str) -> Iterator[dict[str, Any]]:
    """Milliseconds a tune of both checkouts, and their ratio."""
    sides = {"this": sys.executable, "other": other_python}
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, python in sides.items():
            run = [python, "-c", _RENDERING, str(count)]
            seconds[name].append(float(subprocess.run(run, capture_output=True, text=True, check=True).stdout))
    ratios = [this / other for this, other in zip(seconds["this"], seconds["other"], strict=True)]
    yield {
        "tunes": count,
        **{f"{name}_ms_a_tune": round(1000 * statistics.median(values), 1) for name, values in seconds.items()},
        "ratio": round(statistics.median(ratios), 3),
        "spread": [round(min(ratios), 3), round(max(ratios), 3)],
        "processor": processor(),
    }


if __name__ == "__main__":
    main()
