"""The metrics of single tunes, in the order in which they are shown; the module of each defines it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from songrnn.evaluation.analysed import AnalysedTune
from songrnn.evaluation.form import bar_count, form_of, longest_run, loops, self_similarity, similarity_at
from songrnn.evaluation.notation_noise import notation_noise
from songrnn.evaluation.notes import long_part_ends, pitch_range, repeated_eighths, repeated_notes, rest_share
from songrnn.evaluation.tonality import accidentals, ends_on_tonic, in_key, phrase_cadences, strain_cadences
from songrnn.evaluation.validity import bars_add_up, reads_strictly

Better = Literal["higher", "lower", "near human"]


@dataclass(frozen=True)
class Metric:
    """A figure of single tunes.

    better: the direction. percent: whether it is a share, 0..1 here, which is shown in percent. compute: the value of a
    tune, NaN where undefined; None where other processes compute it for many tunes at once. binary:
    whether each tune has 0 or 1.
    """

    name: str
    title: str
    better: Better
    percent: bool
    compute: Callable[[AnalysedTune], float] | None
    binary: bool = False


PLAYS = "plays"
METRICS = (
    Metric(PLAYS, "plays, without an error", "higher", True, None, binary=True),
    Metric("reads", "reads, by the standard", "higher", True, reads_strictly, binary=True),
    Metric("bars_add_up", "all bars add up", "higher", True, bars_add_up, binary=True),
    Metric("in_key", "time on notes of its key", "near human", True, in_key),
    Metric("accidentals", "notes outside its key", "near human", True, accidentals),
    Metric("ends_on_tonic", "ends on the tonic", "near human", True, ends_on_tonic, binary=True),
    Metric("phrase_cadences", "phrases of four bars that end on 1, 2, 5", "near human", True, phrase_cadences),
    Metric("strain_cadences", "strains of eight bars that end on 1, 2, 5", "near human", True, strain_cadences),
    Metric("long_part_ends", "parts that end on a long note", "near human", True, long_part_ends),
    Metric("pitch_range", "range, semitones", "near human", False, pitch_range),
    Metric("repeated_notes", "notes that repeat the one before", "near human", True, repeated_notes),
    Metric("repeated_eighths", "three repeated eighths", "near human", True, repeated_eighths, binary=True),
    Metric("rests", "rests", "near human", True, rest_share),
    Metric("notation_noise", "notation noise, a bar", "near human", False, notation_noise),
    Metric("bars", "bars, as played", "near human", False, lambda tune: bar_count(tune.bars)),
    Metric("self_similarity", "similarity of bars", "near human", True, lambda tune: self_similarity(tune.bars)),
    Metric(
        "similarity_at_4", "similarity of bars 4 apart", "near human", True, lambda tune: similarity_at(tune.bars, 4)
    ),
    Metric(
        "similarity_at_8", "similarity of bars 8 apart", "near human", True, lambda tune: similarity_at(tune.bars, 8)
    ),
    Metric("longest_run", "the same bar in a row", "near human", False, lambda tune: longest_run(tune.bars)),
    Metric("loops", "the same bar over four times in a row", "lower", True, lambda tune: loops(tune.bars), binary=True),
    Metric(
        "has_form",
        "strains of eight bars",
        "near human",
        True,
        lambda tune: float(form_of(tune.bars) != ""),
        binary=True,
    ),
    Metric("aabb", "the form AABB", "near human", True, lambda tune: float(form_of(tune.bars) == "AABB"), binary=True),
)
