"""How tunebooks are read, and whether abc2midi, an independent reader, hears the same notes.

Reads the four collections of music21 (12 762 tunes), writes every tune and reads that again, plays it, and compares
onset, pitch and duration of every note with the MIDI file that abc2midi makes of the same text: once as written, every
bar once, and once with repeats and endings played out. Where a repeat has no |:, programs guess where it begins, so
tunes that disagree as played are compared a third time, with |: written where `notation` begins the repeat.

abc2midi gets the text without what it plays in its own way and `notation` does not play at all: R: (it swings
hornpipes), decorations (rolls and trills), grace notes, fermatas, chord symbols; and for the comparison as written
without the signs of repeats and endings. Times may differ by its rounding.

Prints one JSON line a collection: tunes; read strictly; read tolerantly with nothing of the music lost; with music
lost; no tune at all; unequal after writing and reading; of those of which nothing was lost: agreeing as written, as
played, and as played with |: where it is missing; classes of those that do not agree as written or as played; reasons
for what was skipped; milliseconds a tune and a kilobyte for reading. Five minutes on one core, most of it abc2midi's.

Run: python benchmarks/reading.py [COLLECTION ...]      (needs pip install 'songrnn[collections]')
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import symusic

from songrnn.corpus.sources import read_sources
from songrnn.errors import AbcSyntaxError
from songrnn.evaluation.abc2midi import abc2midi
from songrnn.notation.read import read_tune
from songrnn.notation.tune import Chord, Tune
from songrnn.notation.write import write_tune
from songrnn.performance.timeline import perform, unmarked_starts

COLLECTIONS = ("oneills", "ryans", "airds", "essenFolksong")
TOLERANCE = Fraction(1, 160)  # of a whole note; abc2midi rounds each note of a tuplet to 1/1920 and delays in chords
MOST_REASONS = 12

AnalysedTune = list[tuple[Fraction, int, Fraction]]  # onset, pitch, duration

_TEXT = r'"[^"\n]*"|%.*$|^[A-Za-z]:(?![|:]).*$|\[[A-Za-z]:[^\]\n]*\]'
_TUPLET = r"\(\d+(?::\d*){0,2}"  # with colons that are none of a repeat: (3::2
_DECORATIONS = re.compile(rf"(?P<rhythm>^R:.*\n)|(?P<kept>{_TEXT})|!(?:trill|roll)!|[~H-Wh-w]|\.(?!\|)", re.MULTILINE)
_REPEATS = re.compile(
    rf"(?P<parts>^P:.*\n)|(?P<kept>{_TEXT}|{_TUPLET})|(?P<bar>:*\[?\|+\]?:*|::+)[ \t]*(?:\[?\d[\d,-]*)?|\[\d[\d,-]*",
    re.MULTILINE,
)
_KEY = re.compile(r"^\s*K:.*$", re.MULTILINE)
_BAR_LINE = re.compile(r":*\[?\|+\]?:*|::+")
_ODD_TUPLET = re.compile(r"\([579](?!:)")


def main(names: Sequence[str]) -> None:
    """One line a collection."""
    for name in names:
        print(json.dumps({"name": name, **measured(name)}), flush=True)


def measured(name: str) -> dict[str, Any]:
    """All figures of one collection."""
    texts = [tune.text for tune in read_sources([path_of(name)]).tunes]
    begun = time.perf_counter()
    tunes = [read(text) for text in texts]
    seconds = time.perf_counter() - begun
    counts, reasons, classes = Counter[str](), Counter[str](), Counter[str]()
    for text, tune in zip(texts, tunes, strict=True):
        if isinstance(tune, AbcSyntaxError):
            counts["no_tune"] += 1
            reasons[tune.reason] += 1
            continue
        counts["lost" if not tune.complete else "tolerantly" if tune.skipped else "strictly"] += 1
        counts["unequal_when_written"] += read_tune(write_tune(tune)) != tune
        reasons.update({re.sub(r"\d+|found .*", "...", skipped.reason) for skipped in tune.skipped})
        if tune.complete:
            differences = compared(text, tune)
            counts.update(f"agree_{kind}" for kind, difference in differences.items() if not difference)
            if any(differences.values()):
                classes[explained(text, tune, differences)] += 1
    keys = (
        "strictly",
        "tolerantly",
        "lost",
        "no_tune",
        "unequal_when_written",
        "agree_written",
        "agree_played",
        "agree_marked",
    )
    return {
        "tunes": len(texts),
        **{key: counts[key] for key in keys},
        "classes": dict(classes.most_common()),
        "reasons": dict(reasons.most_common(MOST_REASONS)),
        "ms_per_tune": round(1000 * seconds / len(texts), 2),
        "ms_per_kilobyte": round(1e6 * seconds / sum(map(len, texts)), 2),
    }


def path_of(name: str) -> str:
    """A collection that songrnn names, or a folder of music21's corpus."""
    package = find_spec("music21")
    assert package is not None
    assert package.origin is not None
    folder = Path(package.origin).parent / "corpus" / name
    return str(folder) if folder.is_dir() else name


def read(text: str) -> Tune | AbcSyntaxError:
    """The tune, read strictly if possible, or the reason why there is none."""
    try:
        return read_tune(text)
    except AbcSyntaxError:
        try:
            return read_tune(text, strict=False)
        except AbcSyntaxError as error:
            return error


def compared(text: str, tune: Tune) -> dict[str, str]:
    """`written`, `played` and `marked` -> the first difference from what abc2midi makes of it, "" for none."""
    plain = _DECORATIONS.sub(lambda found: found["kept"] or "", text)
    once = without_repeats(plain)
    played = difference(ours(tune, repeats=True), analysed(plain))
    return {
        "written": difference(ours(tune, repeats=False), analysed(once)),
        "played": played,
        "marked": played and difference(ours(tune, repeats=True), analysed(plain_with_repeats(text, tune))),
    }


def without_repeats(text: str) -> str:
    """`text` with plain bar lines, and without endings and parts: every bar is played once."""
    return _REPEATS.sub(lambda found: found["kept"] or (found["bar"] and "|") or "", text)


def plain_with_repeats(text: str, tune: Tune) -> str:
    """What abc2midi gets, with |: after every bar line where a repeat begins without one."""
    lines = text.split("\n")
    for position in reversed(unmarked_starts(tune)):
        line, column = lines[position.line - 1], position.column - 1
        found = _BAR_LINE.match(line, column)
        assert found is not None
        lines[position.line - 1] = f"{line[: found.end()]} |:{line[found.end() :]}"
    return _DECORATIONS.sub(lambda found: found["kept"] or "", "\n".join(lines))


def ours(tune: Tune, *, repeats: bool) -> AnalysedTune:
    """What `notation` plays."""
    return [(note.onset, note.pitch, note.duration) for note in perform(tune, repeats=repeats)]


def analysed(text: str) -> AnalysedTune:
    """What abc2midi plays; nothing when it makes no file."""
    header = _KEY.search(text)
    if header is not None:
        text = f"{text[: header.end()]}\n%%MIDI chordattack 0{text[header.end() :]}"
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "tune.abc"), Path(folder, "tune.mid")
        source.write_text(text, "utf-8")
        command = [abc2midi(), source.name, "-o", target.name, "-silent", "-NGRA", "-NFER", "-NGUI"]
        subprocess.run(
            command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=20
        )
        if not target.exists():
            return []
        score: Any = symusic.Score.from_midi(target.read_bytes())
    ticks = 4 * score.ticks_per_quarter  # its notes begin a tick late, and end in time
    return [
        (Fraction(max(0, note.time - 1), ticks), note.pitch, Fraction(note.duration + 1, ticks))
        for track in score.tracks
        for note in track.notes
    ]


def difference(mine: AnalysedTune, theirs: AnalysedTune) -> str:
    """What differs first: onset, pitch, duration, or the number of notes."""
    for own, other in zip(sorted(mine, key=in_order), sorted(theirs, key=in_order), strict=False):
        if own[1] != other[1]:
            return "pitch"
        if abs(own[0] - other[0]) > TOLERANCE:
            return "onset"
        if abs(own[2] - other[2]) > TOLERANCE:
            return "duration"
    return "" if len(mine) == len(theirs) else "number of notes"


def in_order(note: tuple[Fraction, int, Fraction]) -> tuple[int, int, Fraction]:
    """By time in steps that rounding does not cross, then pitch."""
    return round(96 * note[0]), note[1], note[2]


def explained(text: str, tune: Tune, differences: dict[str, str]) -> str:
    """The class of a disagreement, by what the tune has that abc2midi is known to take in another way."""
    chords = (element for voice in tune.voices for element in voice.elements() if isinstance(element, Chord))
    meters = "".join(re.findall(r"M:\s*(\d+)/", text))
    if "[|]" in text:
        return "[|] taken for a chord"
    if not differences["written"]:
        return "repeats without |:" if not differences["marked"] else "repeats of another kind"
    if "!" in re.sub(_TEXT, "", text, flags=re.MULTILINE):
        return "line breaks written !"
    if any("plus signs" in skipped.reason for skipped in tune.skipped):
        return "chords in plus signs"
    if _ODD_TUPLET.search(text) and "3" in meters:
        return "tuplets of 5, 7 or 9 in 3/4 and 3/8, which abc2midi calls compound"
    if any(len({note.duration for note in chord.notes}) > 1 for chord in chords):
        return "chords with notes of several lengths"
    if re.search(r"[<>]", re.sub(_TEXT, "", text, flags=re.MULTILINE)):
        return "broken rhythm between notes that are not equally long"
    return f"other: {differences['written']}"


if __name__ == "__main__":
    main(sys.argv[1:] or COLLECTIONS)
