"""The concepts that neurons are compared with: each has one value for every character of a tune.

A value describes the text up to and including the character, as the network has read it when its state is recorded;
those of `phrase` look ahead, and say so. NaN stands where a concept is undefined. `carried_by` names the inputs from
which the value, or its essence, can be read at once: what such a neuron does is passed on rather than computed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from songrnn.errors import SettingsError
from songrnn.model.settings import ModelSettings
from songrnn.neurons.facts import Numbers, TuneFacts, beat_strength, interval, only, whole_notes
from songrnn.neurons.recording import Recording
from songrnn.neurons.results import Kind
from songrnn.tracking.state import NONE, TextKind

COPIED = 8
"""A character is being copied if it and those before it, so many in all, repeat an earlier stretch of the tune."""
NEAR_END = 2
"""Bars that are left when the end is near."""
PHRASE = 4
"""Bars of a phrase, counted from the beginning of the part."""
FIELDS = "XTRMLKQCZNVP"
TOKENS = tuple(kind.name.lower().replace("_", " ") for kind in TextKind)
PLACE_IN_BAR = "time elapsed in the bar"


@dataclass(frozen=True)
class Concept:
    """One concept.

    definition: of its value, in words. kind: what values it has: 0 and 1, numbers, or classes 0..len(classes)-1.
    low, high: the range of its values. unit: of a number. carried_by: see above. conditioned: whether it is confounded
    with the place in the bar, so that association is measured within places.
    """

    name: str
    definition: str
    kind: Kind
    value: Callable[[TuneFacts], Numbers]
    carried_by: tuple[str, ...] = ()
    low: float = 0
    high: float = 1
    unit: str = ""
    classes: tuple[str, ...] = ()
    conditioned: bool = False

    def carriers(self, model: ModelSettings) -> tuple[str, ...]:
        """Those of `carried_by` that a network of these settings reads."""
        read = {
            "character": True,
            "position": model.position,
            "lookback": model.lookback,
            "copying": model.copying,
            "pitch heads": model.pitch_heads,
        }
        return tuple(name for name in self.carried_by if read[name])


CHARACTER, POSITION, COPYING = ("character",), ("position",), ("copying",)


def _yes_no(
    name: str,
    definition: str,
    value: Callable[[TuneFacts], Numbers],
    carried_by: tuple[str, ...] = (),
    *,
    conditioned: bool = False,
) -> Concept:
    return Concept(name, definition, "yes_no", value, carried_by, conditioned=conditioned)


def _number(
    name: str,
    definition: str,
    value: Callable[[TuneFacts], Numbers],
    limits: tuple[float, float],
    unit: str = "",
    carried_by: tuple[str, ...] = (),
) -> Concept:
    return Concept(name, definition, "number", value, carried_by, *limits, unit=unit)


def _class(
    name: str,
    definition: str,
    value: Callable[[TuneFacts], Numbers],
    classes: Sequence[str],
    carried_by: tuple[str, ...] = (),
) -> Concept:
    return Concept(name, definition, "class", value, carried_by, 0, len(classes) - 1, classes=tuple(classes))


def _true(values: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Numbers:
    return values.astype(np.float64)


def _field(facts: TuneFacts) -> Numbers:
    """The letter's index in FIELDS; then another one, and none."""
    index = np.full(len(facts.ids), len(FIELDS))
    for number, letter in enumerate(FIELDS):
        index[facts["first"] == ord(letter)] = number
    return np.where(facts.is_kind(TextKind.FIELD), index, len(FIELDS) + 1).astype(np.float64)


TEXT = (
    _yes_no("header", "the character belongs to the header", lambda f: _true(f["header"] == 1), POSITION),
    _class("field", "the field that is being written", _field, [*FIELDS, "other", "none"]),
    _class("token", "what kind of token is being written", lambda f: f["kind"].astype(float), TOKENS),
    _yes_no(
        "note letter",
        "the character is the letter of a note",
        lambda f: _true(f.is_kind(TextKind.NOTE) & f.among("ABCDEFGabcdefg")),
        CHARACTER,
    ),
    _yes_no(
        "note length",
        "the character is part of the length of a note or rest",
        lambda f: _true(f.is_kind(TextKind.NOTE, TextKind.REST) & f.among("0123456789/")),
        CHARACTER,
    ),
    _yes_no(
        "accidental sign",
        "the character is an accidental of a note",
        lambda f: _true(f.music & f.among("^_=")),
        CHARACTER,
    ),
    _yes_no("space", "the character is a space in the body", lambda f: _true(f.body & f.among(" ")), CHARACTER),
    _yes_no("line end", "the character ends a line", lambda f: _true(f.among("\n")), CHARACTER),
    _yes_no(
        "bar line",
        "the character is part of a bar line",
        lambda f: _true(f.is_kind(TextKind.BAR)),
        (*CHARACTER, *POSITION),
    ),
    _yes_no(
        "chord symbol or text", "inside quotation marks in the body", lambda f: only(f.is_kind(TextKind.TEXT), f.body)
    ),
    _yes_no("grace notes", "inside grace notes", lambda f: only(f["in_grace"] == 1, f.body), POSITION),
    _yes_no("chord", "inside a chord of notes", lambda f: only(f["in_chord"] == 1, f.body), POSITION),
    _yes_no("tuplet", "notes of a tuplet are left", lambda f: only(f["tuplet_left"] > 0, f.body), POSITION),
    _yes_no("tie", "the last note is tied to the next", lambda f: only(f["tied"] == 1, f.body)),
    _yes_no("slur", "a slur is open", lambda f: only(f["slurs"] > 0, f.body), POSITION),
)
TIME = (
    _number(PLACE_IN_BAR, "share of the bar that has elapsed", lambda f: f.share, (0, 1), "bars", POSITION),
    _number(
        "time left in the bar",
        "of the bar, in whole notes",
        lambda f: only(whole_notes(f["bar"] - f["elapsed"]), f.metered),
        (0, 2),
        "whole notes",
        POSITION,
    ),
    _number(
        "beat strength",
        "of the time elapsed: 3 beginning of the bar, 2 its middle, 1 another beat, 0 between beats",
        beat_strength,
        (0, 3),
        "",
        POSITION,
    ),
    _number(
        "bar of the part",
        "full bars that have ended in this part",
        lambda f: only(f["bars"], f.metered),
        (0, 32),
        "bars",
        POSITION,
    ),
    _number(
        "bar of the tune",
        "full bars that have ended in the tune",
        lambda f: only(f["tune_bars"], f.metered),
        (0, 64),
        "bars",
        POSITION,
    ),
    _class(
        "bar of four",
        f"bars that have ended in the phrase of {PHRASE}",
        lambda f: only(f["bars"] % PHRASE, f.metered),
        ("first", "second", "third", "fourth"),
        POSITION,
    ),
    _number(
        "bars since the phrase began",
        f"a phrase has {PHRASE} bars; with the share of this bar",
        lambda f: f["bars"] % PHRASE + f.share,
        (0, PHRASE),
        "bars",
        POSITION,
    ),
    _number("part", "parts that have ended", lambda f: only(f["part"], f.body), (0, 8), "parts", POSITION),
    _yes_no("open repeat", "a repeat has begun and not ended", lambda f: only(f["repeat"] == 1, f.body), POSITION),
    _yes_no("ending", "in a first or later ending", lambda f: only(f["ending"] > 0, f.body), POSITION),
)
PHRASES = (
    _yes_no(
        "last bar of the part",
        "looks ahead: the part ends with this bar (cadence)",
        TuneFacts.last_bar_of_part,
        conditioned=True,
    ),
    _yes_no(
        "end is near",
        f"looks ahead: at most {NEAR_END} bars of the tune are left",
        lambda f: f.near_end(NEAR_END),
        conditioned=True,
    ),
)
NOTES = (
    _number(
        "pitch",
        "of the last note, as a MIDI number",
        lambda f: only(f["pitch"], f.pitched),
        (0, 127),
        "semitones",
        POSITION,
    ),
    _class(
        "scale degree",
        "letters from the tonic to the last note",
        lambda f: only(f["degree"], f.pitched & (f["degree"] != NONE)),
        ("tonic", "second", "third", "fourth", "fifth", "sixth", "seventh"),
        POSITION,
    ),
    _number(
        "octave",
        "of the last note; 4 for the capital letters",
        lambda f: only(f["octave"], f.pitched),
        (0, 9),
        "octaves",
        POSITION,
    ),
    _number(
        "interval", "diatonic steps from the note before the last to the last", interval, (-21, 21), "steps", POSITION
    ),
    _class(
        "contour",
        "whether the last note is below, at or above the one before",
        lambda f: np.sign(interval(f)) + 1,
        ("down", "same", "up"),
        POSITION,
    ),
    _yes_no(
        "tonic",
        "the last note has the tonic's letter",
        lambda f: only(f["degree"] == 0, f.pitched & (f["degree"] != NONE)),
        POSITION,
    ),
    _yes_no(
        "chord tone",
        "the last note is a third, a fifth or octaves above the first note of the bar",
        lambda f: only(
            np.isin((f["degree"] - f["downbeat"]) % 7, (0, 2, 4)),
            f.pitched & (f["degree"] != NONE) & (f["downbeat"] != NONE),
        ),
    ),
    _yes_no(
        "altered note",
        "the last note is raised or lowered against the key",
        lambda f: only(f["altered"] != 0, f.pitched),
        POSITION,
    ),
    _number(
        "duration",
        "of the last note or rest, in whole notes",
        lambda f: only(whole_notes(f["duration"]), f.body & (f["duration"] != NONE)),
        (0, 2),
        "whole notes",
        POSITION,
    ),
)
NETWORK = (
    _yes_no(
        "being copied",
        f"the last {COPIED} characters repeat an earlier stretch of the tune",
        lambda f: only(f.matched >= COPIED, f.body),
        COPYING,
    ),
    _number(
        "length of the repetition",
        "log2 of 1 + characters that repeat an earlier stretch",
        lambda f: only(np.log2(1.0 + f.matched), f.body),
        (0, 11),
        "doublings",
        COPYING,
    ),
    _number("surprisal", "of this character, which the network had predicted", lambda f: f.bits, (0, 20), "bits"),
)

CONCEPTS = MappingProxyType({concept.name: concept for concept in (*TEXT, *TIME, *PHRASES, *NOTES, *NETWORK)})
"""All concepts by name."""
DEFAULT = tuple(CONCEPTS)


def concept_named(name: str) -> Concept:
    """The concept of this name; hyphens and underscores count as spaces. Raises SettingsError naming all there are."""
    spaced = name.strip().lower().replace("-", " ").replace("_", " ")
    if spaced not in CONCEPTS:
        raise SettingsError(f"there is no concept {name!r}; there are {', '.join(CONCEPTS)}")
    return CONCEPTS[spaced]


def concept_columns(concepts: Sequence[Concept], facts: TuneFacts) -> Numbers:
    """[T, C]: the value of each concept at each character; NaN where it is undefined."""
    return np.stack([concept.value(facts) for concept in concepts], axis=1)


@dataclass(frozen=True)
class ConceptValues:
    """The value of every concept at every character of a recording: [T, C], NaN where undefined."""

    concepts: tuple[Concept, ...]
    values: Numbers

    def of(self, name: str) -> Numbers:
        """[T] of one concept."""
        return self.values[:, [concept.name for concept in self.concepts].index(name)]


def concept_values(recording: Recording, names: Sequence[str] = ()) -> ConceptValues:
    """names: of the concepts; all of them if none is named."""
    concepts = tuple(CONCEPTS[name] for name in names or CONCEPTS)
    rows = [
        concept_columns(concepts, TuneFacts.of(text, np.asarray(recording.bits[begin:end], dtype=np.float64)))
        for text, begin, end in zip(recording.texts, recording.begins, recording.begins[1:], strict=False)
    ]
    return ConceptValues(concepts, np.concatenate(rows))
