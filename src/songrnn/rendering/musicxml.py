"""Tune -> MusicXML 4.0: one <part> a voice; `partwise/` writes its elements.

All of its content comes from `notation`, so that the score shows the tune that `perform` plays.
"""

import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from xml.etree.ElementTree import Element

from songrnn.errors import RenderingError
from songrnn.notation.shift import settings_of_voices
from songrnn.notation.tune import BarRest, Chord, Field, Header, Note, Rest, Tune, Voice
from songrnn.performance.dance_tempo import tempo_of
from songrnn.performance.music_state import MusicState
from songrnn.performance.swing import swing_beat
from songrnn.performance.tempo import Tempo
from songrnn.rendering.instruments import INSTRUMENTS
from songrnn.rendering.partwise.layout import lay_out
from songrnn.rendering.partwise.measures import Measure, measures_of, number_measures
from songrnn.rendering.partwise.notes import NoteIds
from songrnn.rendering.partwise.part import PartSource, write_part
from songrnn.rendering.partwise.tempo import tempo_direction, write_sound, write_swing
from songrnn.rendering.partwise.xml import child, text_content

MOST_SIGNS = 10_000  # notes, rests, grace notes and bars of rest; the longest of 12,762 tunes has 2,000
MOST_DIVISIONS = 10_000_000  # of a quarter note; tuplets of 5, 7, 9, 11 and 13 in one tune need 720,720

_NAME = re.compile(r'\b(?:name|nm)=(?:"(?P<quoted>[^"]*)"|(?P<plain>\S+))', re.IGNORECASE)
_CREDITS = (("composer", "C", "right"), ("rhythm", "R", "left"), ("origin", "O", "right"))
_DOCTYPE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    '"http://www.musicxml.org/dtds/partwise.dtd">\n'
)


def musicxml_of(tune: Tune, *, tempo: Tempo | None = None, program: int | None = None, swing: bool = False) -> bytes:
    """A MusicXML file (UTF-8) of `tune`, which begins at `tempo`, or at its own.

    program: the General MIDI instrument of all voices, from 0; None names none. swing: of a tune that `is_swung`,
    the file tells players to swing; its notes are as written.

    Raises RenderingError for a tune without notes, and for one with more signs, or finer lengths, than a score can
    hold. The time is proportional to the number of signs.
    """
    _check_size(tune)
    settings = settings_of_voices(tune.header)
    sources = [_laid_out(voice, tune.header, settings.get(voice.name, ())) for voice in tune.voices]
    root = Element("score-partwise", version="4.0")
    _write_head(root, tune.header)
    _write_part_list(root, tune.voices, settings, program)
    numbers = _numbers(sources, tune.header)
    divisions = _divisions(sources)
    ids = NoteIds()
    for index, source in enumerate(sources):
        part = child(root, "part", id=f"P{index + 1}")
        write_part(
            part,
            source,
            tune.header,
            numbers=numbers,
            divisions=divisions,
            ids=ids,
            tempo=None if index else _opening(tune, tempo, swing=swing),
        )
        if program is not None:
            _write_concert_pitch(part)
    _break_lines(root)
    return (_DOCTYPE + ElementTree.tostring(root, encoding="unicode") + "\n").encode("utf-8")


def _break_lines(root: Element) -> None:
    """A line for each note, direction and bar line, and for each element outside the parts."""
    for parent in (root, *root.iter("part"), *root.iter("measure")):
        parent.text = "\n"
        for element in parent:
            element.tail = "\n"


# ---- the tune, measured and laid out


def _check_size(tune: Tune) -> None:
    signs = 0
    for size in chain.from_iterable(map(_sizes, tune.voices)):
        signs += size
        if signs > MOST_SIGNS:
            raise RenderingError(f"the score would have more than {MOST_SIGNS:,} notes and rests")
    if not any(isinstance(element, Note | Chord) for voice in tune.voices for element in voice.elements()):
        raise RenderingError("the tune has no notes")


def _sizes(voice: Voice) -> Iterator[int]:
    """How many signs each element takes, or a few more."""
    for element in voice.elements():
        match element:
            case Note() | Chord() | Rest():
                lasting = element.notes if isinstance(element, Chord) else (element,)
                grace = element.marks.grace.notes if element.marks.grace else ()
                yield sum(1 + int(one.duration / 4) for one in lasting) + len(grace)
            case BarRest():
                yield element.bars


def _laid_out(voice: Voice, header: Header, settings: Sequence[str]) -> PartSource:
    measures = measures_of(voice)
    return PartSource(settings, measures, lay_out(measures, header, settings))


def _numbers(sources: Sequence[PartSource], header: Header) -> Sequence[Measure]:
    """The measures of the first of the longest voices, with their numbers."""
    longest = max((source.measures for source in sources), key=len)
    number_measures(longest, header)
    return longest


def _divisions(sources: Sequence[PartSource]) -> int:
    """How many divisions a quarter note needs for every length to be a whole number of them."""
    of_whole_note = {
        slot.sign.duration.denominator for source in sources for laid in source.laid for slot in laid.slots()
    }
    divisions = math.lcm(4, *of_whole_note) // 4
    if divisions > MOST_DIVISIONS:
        raise RenderingError(f"the lengths are too fine: a quarter note would need {divisions:,} divisions")
    return divisions


def _opening(tune: Tune, requested: Tempo | None, *, swing: bool) -> Element:
    """The tempo at the beginning: a mark if it is requested or written; the usual tempo is for playback only."""
    marked = requested or MusicState.at_start(tune.header).tempo
    parent = Element("opening") if marked is None else tempo_direction(marked)
    if marked is None or marked.beats_per_minute is None:
        write_sound(parent, tempo_of(tune))
    swung_beat = swing_beat(tune) if swing else None
    if swung_beat is not None:
        write_swing(parent, swung_beat)
    return parent[0] if marked is None else parent


# ---- before the music


def _write_head(root: Element, header: Header) -> None:
    titles = [text for title in header.titles if (text := text_content(title))]
    if titles:
        child(child(root, "work"), "work-title", titles[0])
        child(root, "movement-title", titles[0])
    identification = child(root, "identification")
    for text in _shown_values(header, "C"):
        child(identification, "creator", text, type="composer")
    child(child(identification, "encoding"), "software", "songrnn")
    for text in _shown_values(header, "S")[:1]:
        child(identification, "source", text)
    for kind, texts, place in _credits(titles, header):
        for text in texts:
            credit = child(root, "credit", page="1")
            child(credit, "credit-type", kind)
            child(credit, "credit-words", text, **place)


def _credits(titles: Sequence[str], header: Header) -> Iterator[tuple[str, Sequence[str], dict[str, str]]]:
    yield "title", titles[:1], {"justify": "center", "font-weight": "bold"}
    yield "subtitle", titles[1:], {"justify": "center"}
    for kind, letter, side in _CREDITS:
        yield kind, _shown_values(header, letter), {"justify": side}


def _write_part_list(
    root: Element, voices: Sequence[Voice], settings: Mapping[str, Sequence[str]], program: int | None
) -> None:
    part_list = child(root, "part-list")
    for number, voice in enumerate(voices, 1):
        part = child(part_list, "score-part", id=f"P{number}")
        child(part, "part-name", _part_name(voice, settings.get(voice.name, ())))
        if program is not None:
            _write_instrument(part, f"P{number}-I1", program)


def _write_instrument(part: Element, name: str, program: int) -> None:
    child(child(part, "score-instrument", id=name), "instrument-name", INSTRUMENTS[program])
    child(child(part, "midi-instrument", id=name), "midi-program", program + 1)


def _write_concert_pitch(part: Element) -> None:
    """Declare that a part is not transposed: readers transpose a clarinet or trumpet by default."""
    attributes = part.find("measure/attributes")
    assert attributes is not None
    if attributes.find("transpose") is None:
        transpose = child(attributes, "transpose")
        child(transpose, "diatonic", 0)
        child(transpose, "chromatic", 0)


def _part_name(voice: Voice, of_header: Sequence[str]) -> str:
    """The name that a V: field gives a voice, or "": its number is of no use in a score."""
    inside = (one for one in voice.elements() if isinstance(one, Field))
    settings = [*of_header, *(str(one.value) for one in inside if one.letter == "V")]
    found = next((match for text in settings if (match := _NAME.search(text))), None)
    return "" if found is None else text_content(found["quoted"] or found["plain"] or "")


def _shown_values(header: Header, letter: str) -> list[str]:
    return [text for value in header.values(letter) if (text := text_content(value))]
