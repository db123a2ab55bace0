"""Requests for `strict.py forms`, the form of a tune, and which tunes meet a request.

A request has the keyword arguments of `compose`. It is known where at least LEAST_MEETING training tunes of its rhythm
meet it, such as it is: in its key, within its range, with its bars and parts.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Self

from songrnn.evaluation.analysed import AnalysedTune, analyse
from songrnn.evaluation.tonality import ends_on_tonic, tonic_of
from songrnn.notation.read import read_tune
from songrnn.notation.tune import Chord, Ending, Note, Rest, Tune
from songrnn.performance.timeline import perform
from songrnn.tracking.plan import TunePlan

LEAST_MEETING = 5
VALUES = {
    "meter": ("meter",),
    "key": ("key",),
    "bars and parts": ("bars", "parts"),
    "range": ("pitch_range",),
}
"""The values of a request that are compared by themselves, each with the arguments that make it."""
EVERY = ("meter", "key", "bars", "parts", "pitch_range", "end_on_tonic")


@dataclass(frozen=True)
class TuneForm:
    """What a request can ask of a tune.

    meter: in whole notes; None for none. key: tonic and mode. sections: of each part its bars, and whether it is
    repeated. low, high: MIDI numbers. last: the MIDI number of the last note. rhythm: its R: field, or "".
    """

    rhythm: str
    meter: Fraction | None
    key: tuple[str | None, str | None]
    sections: tuple[tuple[int, bool], ...]
    low: int
    high: int
    last: int

    @classmethod
    def of(cls, tune: Tune, rhythm: str = "") -> Self:
        """The form of a tune; raises ValueError where it has no notes."""
        notes = perform(tune, repeats=False)
        pitches = [note.pitch for note in notes]
        meter, key = tune.header.meter_in_force.duration, tune.header.key
        sections = tuple(sections_of(tune)) if meter else ()
        last = max(notes, key=lambda note: (note.onset, -note.pitch)).pitch
        return cls(rhythm, meter, (key.tonic, key.mode), sections, min(pitches), max(pitches), last)


def forms_of(texts: Iterable[str]) -> Iterator[TuneForm]:
    """The forms of the tunes in `tunebook` form that can be read and have notes."""
    for text in texts:
        analysed = analyse(text)
        if analysed.tune is not None and analysed.melody:
            yield TuneForm.of(analysed.tune, fields_of(text).get("R", ""))


def fields_of(text: str) -> dict[str, str]:
    """The rhythm, meter and key of a tune in `tunebook` form, by letter."""
    return {line[0]: line[2:] for line in text.split("\n") if line[:2] in ("R:", "M:", "K:")}


def meeting(forms: Sequence[TuneForm], request: Mapping[str, Any]) -> int:
    """How many tunes of the rhythm of a request meet it; of any rhythm where it names none."""
    rhythm = request.get("rhythm", "")
    return sum(rhythm in ("", form.rhythm) and not unmet(form, request) for form in forms)


def only(request: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """A request for the rhythm and the named values of another."""
    return {name: request[name] for name in ("rhythm", *names) if name in request}


def unmet(form: TuneForm, request: Mapping[str, Any]) -> str:
    """What a tune does not have as requested, the first of it; "" if it has all."""
    if "meter" in request and form.meter != Fraction(request["meter"]):
        return "meter"
    if "key" in request and form.key != key_of(request["key"])[0]:
        return "key"
    if "parts" in request and form.sections != requested_sections(request["bars"], request["parts"]):
        return f"parts: {form.sections}"
    if request.get("pitch_range"):
        low, high = (pitch_of(note) for note in request["pitch_range"].split("-"))
        if form.low < low or form.high > high:
            return "range"
    ends = request.get("end_on_tonic") and (form.last - key_of(request["key"])[1]) % 12
    return "tonic" if ends else ""


def requested_sections(bars: int, parts: str) -> tuple[tuple[int, bool], ...]:
    """Of each requested part its bars, and whether it is repeated."""
    names = list(dict.fromkeys(parts))
    return tuple((bars // len(names), parts.count(name) == 2) for name in names)


@lru_cache
def key_of(name: str) -> tuple[tuple[str | None, str | None], int]:
    """Tonic and mode of a key, and its tonic in semitones above C; that is 0 for a key without one."""
    key = read_tune(f"X:1\nK:{name}\n").header.key
    return (key.tonic, key.mode), tonic_of(key) or 0


@lru_cache
def pitch_of(note: str) -> int:
    """The MIDI number of a note in ABC, without a key."""
    return perform(read_tune(f"X:1\nK:C\n{note}|\n"))[0].pitch


def random_request(rng: random.Random) -> dict[str, Any]:
    parts = rng.choice(["AABB", "AB", "AABBCC", "AA", "A", "ABB", "ABCD"])
    return {
        "meter": rng.choice(["4/4", "6/8", "3/4", "2/4", "9/8", "2/2", "12/8", "5/4", "7/8", "3/2"]),
        "key": rng.choice(["G", "D", "Ador", "Emin", "Bmin", "C", "F", "Bb", "Amix", "F#min", "Eb", "Clyd"]),
        "bars": len(set(parts)) * rng.choice([2, 4, 5, 8, 16]),
        "parts": parts,
        "pitch_range": rng.choice(["", "D-b", "G,-g", "A,-d'", "E-^f"]),
        "end_on_tonic": rng.random() < 0.5,
    }


def request_of_tune(analysed: AnalysedTune) -> dict[str, Any]:
    """The request for a tune of the same form; none where its parts are of different lengths, or its bars unknown."""
    plan = TunePlan.of(analysed.text).parts
    fields = fields_of(analysed.text)
    lengths = {part.bars for part in plan}
    if len(lengths) != 1 or analysed.tune is None or not analysed.melody or not (bars := next(iter(lengths))):
        return {}
    if tonic_of(analysed.tune.header.key) is None:
        return {}
    parts = "".join(chr(ord("A") + place) * (1 + bool(part.repeated)) for place, part in enumerate(plan))
    pitches = [note.pitch for note in analysed.melody]
    return {
        "meter": fields["M"],
        "key": fields["K"],
        "rhythm": fields.get("R", ""),
        "bars": bars * len(plan),
        "parts": parts,
        "pitch_range": f"{note_name(min(pitches))}-{note_name(max(pitches))}",
        "end_on_tonic": ends_on_tonic(analysed) == 1,
    }


def note_name(pitch: int) -> str:
    """In ABC, without a key."""
    octave, step = divmod(pitch - 60, 12)
    name = ("C", "^C", "D", "^D", "E", "F", "^F", "G", "^G", "A", "^A", "B")[step]
    return name + "," * -octave if octave < 0 else name if not octave else name.lower() + "'" * (octave - 1)


def sections_of(tune: Tune) -> list[tuple[int, bool]]:
    """Of each section how many bars it has, pickups and second endings not counted, and whether it is repeated."""
    whole = tune.header.meter_in_force.duration
    assert whole is not None
    found: list[tuple[int, bool]] = []
    count, second = 0, False
    for index, bar in enumerate(tune.voices[0].bars):
        length = length_of(bar.elements)
        if any(isinstance(element, Ending) and 2 in element.numbers for element in bar.elements):
            second = True
        begins = count == 0 and not second
        count += bool(length) and not second and (length == whole or not begins)
        last = index + 1 == len(tune.voices[0].bars)
        if length and bar.line is not None and (bar.line.divides or last):
            if second:
                second, count = False, 0
            elif count:
                found.append((count, bool(bar.line.ends_repeat)))
                count = 0
    return found


def length_of(elements: Iterable[object]) -> Fraction:
    return sum((e.duration for e in elements if isinstance(e, Note | Chord | Rest)), Fraction(0))
