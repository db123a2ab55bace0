"""What music21 reads of a MusicXML file, and what `perform` says of the tune, in the same terms.

Two comparisons: the notes as written, every bar once (onset, pitch and duration, ties joined, grace notes left out);
and the structure of repeats and endings, measure by measure.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import music21

from songrnn.notation.tune import Tune
from songrnn.performance.timeline import perform
from songrnn.rendering.partwise.measures import measures_of

SoundingNote = tuple[Fraction, int, Fraction]  # onset, MIDI number, duration; in whole notes
RepeatsOfMeasure = tuple[
    bool, int, tuple[int, ...], bool
]  # |:, times played at :|, passes of an ending, whether it ends


@dataclass(frozen=True)
class Reading:
    """The notes of each part in order, and the repeats and endings of each of its measures."""

    notes: list[list[SoundingNote]]
    repeats: list[list[RepeatsOfMeasure]]


def read_by_music21(musicxml: bytes) -> Reading:
    """The parts of a MusicXML file as music21 has them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        score = music21.converter.parseData(musicxml, format="musicxml")
        sounding = score.toSoundingPitch()
    return Reading(
        [sorted(_notes(part)) for part in sounding.parts],
        [[*_repeats(part)] for part in score.parts],
    )


def read_by_perform(tune: Tune) -> Reading:
    """The voices of a tune as `perform` plays them without repeats, and the repeats that its text has."""
    notes = perform(tune, repeats=False)
    of_voices = [
        sorted((note.onset, note.pitch, note.duration) for note in notes if note.voice == voice.name)
        for voice in tune.voices
    ]
    return Reading(of_voices, [[*_written_repeats(tune, index)] for index in range(len(tune.voices))])


def _notes(part: music21.stream.Part) -> Iterator[SoundingNote]:
    """Notes with those joined that are tied."""
    open_ties: dict[int, list[tuple[Fraction, Fraction]]] = {}  # pitch -> onset and end so far
    written = [
        (_whole_notes(element.getOffsetInHierarchy(part)), note, element)
        for element in part.recurse().notes
        if not element.duration.isGrace and not isinstance(element, music21.harmony.Harmony)
        for note in (element.notes if isinstance(element, music21.chord.Chord) else [element])
    ]
    for onset, note, element in sorted(written, key=lambda one: one[0]):
        pitch, end = note.pitch.midi, onset + _whole_notes(element.duration.quarterLength)
        kind = note.tie.type if note.tie is not None else ""
        waiting = open_ties.get(pitch, [])
        begun = onset
        if kind in ("stop", "continue"):
            match = next((one for one in waiting if one[1] == onset), None)
            if match is not None:
                waiting.remove(match)
                begun = match[0]
        if kind in ("start", "continue"):
            open_ties.setdefault(pitch, []).append((begun, end))
        else:
            yield begun, pitch, end - begun
    for pitch, left in open_ties.items():
        for begun, end in left:
            yield begun, pitch, end - begun


def _whole_notes(quarters: float | Fraction) -> Fraction:
    return Fraction(quarters).limit_denominator(100_000) / 4


def _repeats(part: music21.stream.Part) -> Iterator[RepeatsOfMeasure]:
    brackets = list(part.recurse().getElementsByClass("RepeatBracket"))
    first_of = {id(bracket.getFirst()): bracket for bracket in brackets}
    last_of = {id(bracket.getLast()) for bracket in brackets}
    for measure in part.getElementsByClass("Measure"):
        left, right = measure.leftBarline, measure.rightBarline
        starts = isinstance(left, music21.bar.Repeat) and left.direction == "start"
        ends = isinstance(right, music21.bar.Repeat) and right.direction == "end"
        passes = tuple(first_of[id(measure)].numberRange) if id(measure) in first_of else ()
        yield starts, (right.times or 2) if ends else 0, passes, id(measure) in last_of


def _written_repeats(tune: Tune, voice: int) -> Iterator[RepeatsOfMeasure]:
    measures = measures_of(tune.voices[voice])
    for measure in measures:
        yield bool(measure.starts_repeat), measure.times, measure.ending_begins, bool(measure.ending_ends)
    longest = max(len(measures_of(other)) for other in tune.voices)
    yield from [(False, 0, (), False)] * (longest - len(measures))  # a voice that ends early is silent
