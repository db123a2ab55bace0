"""A tempo -> its <direction>: words, a metronome mark, and <sound> for playback."""

from fractions import Fraction
from xml.etree.ElementTree import Element

from songrnn.performance.tempo import Tempo
from songrnn.rendering.partwise.lengths import SIGNS
from songrnn.rendering.partwise.xml import child, text_content

NO_BREAK_SPACE = "\u00a0"  # verovio writes the metronome mark directly after the words


def tempo_direction(tempo: Tempo) -> Element:
    """The mark of a tempo. A beat that no single sign shows is written in words: "1/4 3/8 = 40"."""
    direction = Element("direction", placement="above")
    if tempo.text:
        text = text_content(tempo.text) + NO_BREAK_SPACE * (tempo.beats_per_minute is not None)
        child(child(direction, "direction-type"), "words", text, **{"font-weight": "bold"})
    if tempo.beats_per_minute is not None:
        _write_beats(child(direction, "direction-type"), tempo)
    write_sound(direction, tempo)
    return direction


def write_sound(parent: Element, tempo: Tempo) -> None:
    """<sound> with quarters a minute, where the tempo has a number."""
    if (quarters := tempo.quarters_per_minute) is not None:
        child(parent, "sound", tempo=f"{float(quarters):.6g}")


def write_swing(parent: Element, beat: Fraction) -> None:
    """In the <sound> of `parent`: of two equal notes on a beat the first lasts two thirds of it."""
    sound = parent.find("sound")
    assert sound is not None
    swing = child(sound, "swing")
    child(swing, "first", 2)
    child(swing, "second", 1)
    child(swing, "swing-type", SIGNS[beat / 2][0])


def _write_beats(kind: Element, tempo: Tempo) -> None:
    number = f"{float(tempo.beats_per_minute or 0):g}"
    if len(tempo.beats) == 1 and tempo.beats[0] in SIGNS:
        metronome = child(kind, "metronome")
        name, dots = SIGNS[tempo.beats[0]]
        child(metronome, "beat-unit", name)
        for _ in range(dots):
            child(metronome, "beat-unit-dot")
        child(metronome, "per-minute", number)
    else:
        child(kind, "words", f"{' '.join(map(str, tempo.beats))} = {number}")
