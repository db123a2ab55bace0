"""What a score shows and lytk's MusicXML leaves out.

lytk writes pitches and durations, which is all that sound needs. A reader of the score also needs the clef, the dots,
the accidentals, where a tie ends, and the tuplet's number. All of it follows from what is there:

- a note's sign: duration / divisions, times actual/normal notes in a tuplet, is a power of two times 1, 3/2 or 7/4
  quarters; other durations (5 eighths) become two signs with a tie;
- an accidental: where a note differs from the key and from what was written before on its line in the same bar;
- a tie's end: the next note in the same voice, if it has the same pitch (if not, the tie goes: in many tunebooks the
  hyphen between two pitches is a slip);
- a tuplet's extent: from its first note to where the time adds up to `normal` plain notes.
"""

import copy
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from xml.etree.ElementTree import Element

SIGNS = {
    Fraction(8): "breve",
    Fraction(4): "whole",
    Fraction(2): "half",
    Fraction(1): "quarter",
    Fraction(1, 2): "eighth",
    Fraction(1, 4): "16th",
    Fraction(1, 8): "32nd",
    Fraction(1, 16): "64th",
    Fraction(1, 32): "128th",
}
DOTS = {Fraction(1): 0, Fraction(3, 2): 1, Fraction(7, 4): 2}
# length in quarters -> (sign, number of dots)
SIGN_OF = {quarters * longer: (sign, dots) for quarters, sign in SIGNS.items() for longer, dots in DOTS.items()}
ACCIDENTALS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}
SHARPS_IN_ORDER = "FCGDAEB"
# the order that MusicXML prescribes inside <note>
NOTE_ORDER = (
    *("grace", "chord", "pitch", "rest", "unpitched", "duration", "tie", "voice", "type", "dot", "accidental"),
    *("time-modification", "stem", "notehead", "staff", "beam", "notations", "lyric"),
)

Place = tuple[str, str]  # step and octave: a line or a space of the staff
Pitch = tuple[str, str, str]  # step, octave, alter
Chord = list[Element]  # the <note> elements that sound together; a single note is a chord of one


@dataclass
class PartState:
    """What the notes read so far mean for the next ones."""

    divisions: int = 1
    key: dict[str, int] = field(default_factory=dict)  # step -> alter
    written: dict[Place, int] = field(default_factory=dict)  # accidentals of this bar
    tied: dict[str, dict[Pitch, Element]] = field(default_factory=dict)  # voice -> notes whose tie is open


def complete(musicxml: str) -> str:
    """`musicxml` as lytk writes it, with everything that a printed score shows; sound is unchanged."""
    root = ElementTree.fromstring(musicxml)
    for name in root.iter("part-name"):
        name.text = ""  # lytk's invention: "Part 1"
    for part in root.iter("part"):
        _complete_part(part)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _complete_part(part: Element) -> None:
    attributes = part.find("measure/attributes")
    if attributes is not None and attributes.find("clef") is None:
        clef = ElementTree.SubElement(attributes, "clef")
        ElementTree.SubElement(clef, "sign").text = "G"
        ElementTree.SubElement(clef, "line").text = "2"
    state = PartState()
    for measure in part.iter("measure"):
        state.written = {}
        for attributes in measure.iter("attributes"):
            _read_divisions(attributes, state)
        _split_unwritable(measure, state.divisions)
        for item in _items(measure):
            if isinstance(item, Element):
                _read_key(item, state)
                continue
            _close_ties(item, state)
            for note in item:
                _write_sign(note, state.divisions)
                _write_accidental(note, state)
        _bracket_tuplets(measure, state.divisions)
    for open_ties in state.tied.values():
        for note in open_ties.values():
            _remove_tie(note)


def _items(measure: Element) -> Iterator[Element | Chord]:
    """The chords of a bar, and the <attributes> between them, in order."""
    chord: Chord = []
    for element in list(measure):
        if element.tag == "note" and element.find("chord") is not None:
            chord.append(element)
            continue
        if chord:
            yield chord
        chord = [element] if element.tag == "note" else []
        if element.tag == "attributes":
            yield element
    if chord:
        yield chord


def _read_divisions(attributes: Element, state: PartState) -> None:
    state.divisions = int(attributes.findtext("divisions", str(state.divisions)))


def _read_key(attributes: Element, state: PartState) -> None:
    key = attributes.find("key")
    if key is None:
        return
    fifths = int(key.findtext("fifths", "0"))
    steps = SHARPS_IN_ORDER if fifths > 0 else SHARPS_IN_ORDER[::-1]
    state.key = dict.fromkeys(steps[: abs(fifths)], 1 if fifths > 0 else -1)
    for step, alter in zip(key.findall("key-step"), key.findall("key-alter"), strict=False):
        state.key[step.text or ""] = int(alter.text or 0)


def _quarters(note: Element, divisions: int) -> Fraction:
    """The length of a note's sign in quarters: in a tuplet longer than it sounds. 0 for a grace note."""
    change = note.find("time-modification")
    actual, normal = (
        ("1", "1") if change is None else (change.findtext("actual-notes"), change.findtext("normal-notes"))
    )
    return Fraction(int(note.findtext("duration", "0")), divisions) * int(actual or 1) / int(normal or 1)


def _split_unwritable(measure: Element, divisions: int) -> None:
    """Make two tied chords of each chord that no single sign can show."""
    for chord in [item for item in _items(measure) if isinstance(item, list)]:
        quarters = _quarters(chord[0], divisions)
        if quarters in SIGN_OF or quarters == 0 or chord[0].find("type") is not None:
            continue
        first = next((part for part in sorted(SIGN_OF, reverse=True) if quarters - part in SIGN_OF), None)
        if first is None:
            continue
        at = list(measure).index(chord[-1]) + 1
        for note in chord:
            rest_of_it = copy.deepcopy(note)
            duration = int(note.findtext("duration", "0"))
            share = int(duration * first / quarters)
            _set_duration(note, share)
            _set_duration(rest_of_it, duration - share)
            if note.find("pitch") is not None and note.find("tie[@type='start']") is None:
                _add_tie(note, "start")
                for tie in rest_of_it.findall("tie"):
                    rest_of_it.remove(tie)
            measure.insert(at, rest_of_it)
            at += 1


def _set_duration(note: Element, duration: int) -> None:
    element = note.find("duration")
    assert element is not None
    element.text = str(duration)


def _close_ties(chord: Chord, state: PartState) -> None:
    """Write the ends of the ties that the chord before left open in this voice; a tie to another pitch is none."""
    if chord[0].find("grace") is not None:
        return
    voice = chord[0].findtext("voice", "1")
    open_ties = state.tied.get(voice, {})
    for note in chord:
        if open_ties.pop(_pitch(note), None) is not None and note.find("tie[@type='stop']") is None:
            _add_tie(note, "stop")
    for note in open_ties.values():
        _remove_tie(note)
    state.tied[voice] = {_pitch(note): note for note in chord if note.find("tie[@type='start']") is not None}


def _pitch(note: Element) -> Pitch:
    return (note.findtext("pitch/step", ""), note.findtext("pitch/octave", ""), note.findtext("pitch/alter", "0"))


def _add_tie(note: Element, kind: str) -> None:
    _insert(note, Element("tie", type=kind))
    _notations(note).append(Element("tied", type=kind))


def _remove_tie(note: Element) -> None:
    notations = _notations(note)
    for parent, path in ((note, "tie[@type='start']"), (notations, "tied[@type='start']")):
        for element in parent.findall(path):
            parent.remove(element)
    if len(notations) == 0:
        note.remove(notations)


def _write_sign(note: Element, divisions: int) -> None:
    """<type> and its dots, for the notes that lytk gave none."""
    sign = SIGN_OF.get(_quarters(note, divisions))
    if sign is None or note.find("type") is not None:
        return
    kind = Element("type")
    kind.text = sign[0]
    _insert(note, kind)
    for _ in range(sign[1]):
        _insert(note, Element("dot"))


def _write_accidental(note: Element, state: PartState) -> None:
    step, octave, alter_text = _pitch(note)
    alter = int(alter_text)
    if not step or state.written.get((step, octave), state.key.get(step, 0)) == alter:
        return
    if note.find("tie[@type='stop']") is not None:  # held over the bar line: its sign stands in the bar before
        return
    state.written[(step, octave)] = alter
    if alter in ACCIDENTALS and note.find("accidental") is None:
        accidental = Element("accidental")
        accidental.text = ACCIDENTALS[alter]
        _insert(note, accidental)


def _bracket_tuplets(measure: Element, divisions: int) -> None:
    """<tuplet> at both ends of every tuplet, so that its number is drawn."""
    group: list[Element] = []
    for chord in [item for item in _items(measure) if isinstance(item, list)]:
        note = chord[0]
        if note.find("grace") is not None:
            continue
        if group and _ratio(note) != _ratio(group[0]):
            _bracket(group)
            group = []
        if note.find("time-modification") is not None:
            group.append(note)
            if _is_whole(group, divisions):
                _bracket(group)
                group = []
    _bracket(group)


def _ratio(note: Element) -> tuple[str | None, str | None]:
    return note.findtext("time-modification/actual-notes"), note.findtext("time-modification/normal-notes")


def _is_whole(group: list[Element], divisions: int) -> bool:
    """Whether the signs add up to `actual` notes of one plain length, none shorter than the shortest of them."""
    lengths = [_quarters(note, divisions) for note in group]
    unit = sum(lengths, Fraction(0)) / int(_ratio(group[0])[0] or 1)
    return len(group) > 1 and unit in SIGNS and unit >= min(lengths)


def _bracket(group: list[Element]) -> None:
    if group and group[0].find("notations/tuplet") is None:
        _notations(group[0]).append(Element("tuplet", type="start"))
        _notations(group[-1]).append(Element("tuplet", type="stop"))


def _notations(note: Element) -> Element:
    notations = note.find("notations")
    if notations is None:
        notations = Element("notations")
        _insert(note, notations)
    return notations


def _insert(note: Element, element: Element) -> None:
    """Put `element` where MusicXML wants it: behind everything that goes before it or has its own name."""
    rank = NOTE_ORDER.index(element.tag)
    at = sum(child.tag in NOTE_ORDER and NOTE_ORDER.index(child.tag) <= rank for child in note)
    note.insert(at, element)
