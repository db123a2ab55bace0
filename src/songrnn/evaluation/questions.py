"""The figures of single tunes, in the order in which they are shown; the module of each has its contract."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from songrnn.evaluation.analysed import AnalysedTune
from songrnn.evaluation.bars import bars_add_up
from songrnn.evaluation.form import bar_count, form_of, longest_run, self_similarity
from songrnn.evaluation.key import ends_on_tonic, in_key
from songrnn.evaluation.pitch_range import pitch_range
from songrnn.evaluation.reads import reads_strictly
from songrnn.evaluation.rests import rest_share


@dataclass(frozen=True)
class Question:
    """A figure of single tunes.

    better: the direction. percent: whether it is a share, 0..1 here, which people read in percent. ask: the value for a
    tune, NaN where undefined; None where a tune cannot be asked alone. yes_or_no: whether each tune has 0 or 1.
    """

    name: str
    title: str
    better: Literal["higher", "near human"]
    percent: bool
    ask: Callable[[AnalysedTune], float] | None
    yes_or_no: bool = False


PLAYS = "plays"  # asked of many tunes at once: it takes other processes
QUESTIONS = (
    Question(PLAYS, "plays, without an error", "higher", True, None, yes_or_no=True),
    Question("reads", "reads, by the standard", "higher", True, reads_strictly, yes_or_no=True),
    Question("bars_add_up", "all bars add up", "higher", True, bars_add_up, yes_or_no=True),
    Question("in_key", "time on notes of its key", "near human", True, in_key),
    Question("ends_on_tonic", "ends on the tonic", "near human", True, ends_on_tonic, yes_or_no=True),
    Question("pitch_range", "range, semitones", "near human", False, pitch_range),
    Question("rests", "rests", "near human", True, rest_share),
    Question("bars", "bars, as played", "near human", False, lambda analysed: bar_count(analysed.bars)),
    Question(
        "self_similarity", "likeness of bars", "near human", True, lambda analysed: self_similarity(analysed.bars)
    ),
    Question("longest_run", "the same bar in a row", "near human", False, lambda analysed: longest_run(analysed.bars)),
    Question(
        "has_form", "strains of eight bars", "near human", True, lambda h: float(form_of(h.bars) != ""), yes_or_no=True
    ),
    Question("aabb", "the form AABB", "near human", True, lambda h: float(form_of(h.bars) == "AABB"), yes_or_no=True),
)
