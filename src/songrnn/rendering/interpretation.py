"""Tune -> timeline as it is to sound: with the requested or usual tempo, and swing if requested."""

from dataclasses import dataclass, replace
from fractions import Fraction

from songrnn.errors import RenderingError
from songrnn.notation.tune import Tune
from songrnn.performance.dance_tempo import requested_tempo, tempo_of, tempo_text
from songrnn.performance.swing import is_swung, swung
from songrnn.performance.tempo import Tempo
from songrnn.performance.timeline import Timeline, timeline
from songrnn.rendering.limits import check_duration


@dataclass(frozen=True)
class Interpretation:
    """The notes to sound, and the tempo in words, such as "1/4=168, swung"."""

    timeline: Timeline
    words: str


def interpret(tune: Tune, *, tempo: str, swing: bool) -> Interpretation:
    """The tune as it is to sound, at its own tempos, or throughout at the requested `tempo`, "" for none.

    Raises RenderingError for a tune that would last too long, or a `tempo` that is none.
    """
    played = timeline(tune)
    check_duration(played.duration)
    tempos = _tempos(tune, played, tempo)
    swings = swing and is_swung(tune)
    notes = swung(tune, played.notes) if swings else played.notes
    words = tempo_text(tempos[0][1]) + (", swung" if swings else "")
    return Interpretation(replace(played, notes=notes, tempos=tempos), words)


def _tempos(tune: Tune, played: Timeline, requested: str) -> tuple[tuple[Fraction, Tempo], ...]:
    """The tempos that have beats; the first begins with the tune."""
    if requested:
        tempo = requested_tempo(requested, tune.header.meter_in_force)
        if tempo is None:
            raise RenderingError(f"the tempo {requested!r} is none")
        return ((Fraction(0), tempo),)
    written = tuple((time, tempo) for time, tempo in played.tempos if tempo.beats_per_minute is not None)
    begins = written and written[0][0] == 0
    return written if begins else ((Fraction(0), tempo_of(tune)), *written)
