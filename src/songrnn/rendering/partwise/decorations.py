"""The table of decorations: name in ABC (standard 2.1, 4.14) -> element of MusicXML.

A decoration of a note is one of its notations, in the group that the table names. One outside the staff is a
direction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from xml.etree.ElementTree import Element

from songrnn.rendering.partwise.xml import child


@dataclass(frozen=True, slots=True)
class Notation:
    """An element inside <notations>. group: the element around it, or "" for none."""

    group: str
    tag: str
    text: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    also: tuple[str, str] | None = None  # the tag and type of an element that goes with it


def _technical(tag: str, text: str | None = None) -> Notation:
    return Notation("technical", tag, text)


def _articulation(tag: str, text: str | None = None) -> Notation:
    return Notation("articulations", tag, text)


def _ornament(tag: str, *attributes: tuple[str, str]) -> Notation:
    return Notation("ornaments", tag, None, attributes)


_TRILL_BEGINS = Notation("ornaments", "trill-mark", also=("wavy-line", "start"))
_TRILL_ENDS = _ornament("wavy-line", ("type", "stop"))

NOTATIONS: Mapping[str, Notation] = MappingProxyType(
    {
        "staccato": _articulation("staccato"),
        "tenuto": _articulation("tenuto"),
        "accent": _articulation("accent"),
        ">": _articulation("accent"),
        "emphasis": _articulation("accent"),
        "wedge": _articulation("staccatissimo"),
        "slide": _articulation("scoop"),
        "breath": _articulation("breath-mark", "comma"),
        "shortphrase": _articulation("breath-mark", "tick"),
        "mediumphrase": _articulation("breath-mark", "tick"),
        "longphrase": _articulation("caesura", "normal"),
        "trill": _ornament("trill-mark"),
        "trill(": _TRILL_BEGINS,
        "trill)": _TRILL_ENDS,
        "mordent": _ornament("mordent"),
        "lowermordent": _ornament("mordent"),
        "uppermordent": _ornament("inverted-mordent"),
        "pralltriller": _ornament("inverted-mordent"),
        "turn": _ornament("turn"),
        "turnx": _ornament("turn", ("slash", "yes")),
        "invertedturn": _ornament("inverted-turn"),
        "invertedturnx": _ornament("inverted-turn", ("slash", "yes")),
        "roll": _ornament("turn"),  # the sign of a roll is a tilde, as that of a turn nearly is; MusicXML has none
        "fermata": Notation("", "fermata", attributes=(("type", "upright"),)),
        "invertedfermata": Notation("", "fermata", attributes=(("type", "inverted"),)),
        "arpeggio": Notation("", "arpeggiate"),
        "upbow": _technical("up-bow"),
        "downbow": _technical("down-bow"),
        "open": _technical("open-string"),
        "thumb": _technical("thumb-position"),
        "snap": _technical("snap-pizzicato"),
        "+": _technical("stopped"),
        "plus": _technical("stopped"),
        **{str(finger): _technical("fingering", str(finger)) for finger in range(6)},
    }
)
GROUPS = ("ornaments", "technical", "articulations", "")

DYNAMICS = ("pppp", "ppp", "pp", "p", "mp", "mf", "f", "ff", "fff", "ffff", "sfz")
HAIRPINS: Mapping[str, str] = MappingProxyType(
    {
        "crescendo(": "crescendo",
        "<(": "crescendo",
        "diminuendo(": "diminuendo",
        ">(": "diminuendo",
        "crescendo)": "stop",
        "<)": "stop",
        "diminuendo)": "stop",
        ">)": "stop",
    }
)
NAVIGATION: Mapping[str, str] = MappingProxyType(
    {
        "D.C.": "D.C.",
        "D.S.": "D.S.",
        "dacapo": "Da Capo",
        "dacoda": "Da Coda",
        "fine": "Fine",
    }
)
SIGNS = ("segno", "coda")


def notations_of(names: Sequence[str], notations: Element) -> None:
    """Write the decorations of a note into its <notations>."""
    found = [NOTATIONS[name] for name in names if name in NOTATIONS]
    for group in GROUPS:
        mine = [notation for notation in found if notation.group == group]
        parent = child(notations, group) if group and mine else notations
        for notation in mine:
            child(parent, notation.tag, notation.text, **dict(notation.attributes))
            if notation.also is not None:
                child(parent, notation.also[0], type=notation.also[1])


def is_hairpin_end(name: str) -> bool:
    """Whether this decoration ends a hairpin, and so comes after its note."""
    return HAIRPINS.get(name) == "stop"


def direction_of(name: str) -> Element | None:
    """The <direction> of a decoration outside the staff; None for any other."""
    if name in DYNAMICS:
        direction, kind = _direction("below")
        child(child(kind, "dynamics"), name)
        return direction
    if name in HAIRPINS:
        direction, kind = _direction("below")
        child(kind, "wedge", type=HAIRPINS[name])
        return direction
    if name in NAVIGATION:
        return words(NAVIGATION[name], "above", **{"font-style": "italic"})
    if name in SIGNS:
        direction, kind = _direction("above")
        child(kind, name)
        return direction
    return None


def words(text: str, placement: str, **attributes: str) -> Element:
    """A <direction> of words above or below the staff."""
    direction, kind = _direction(placement)
    child(kind, "words", text, **attributes)
    return direction


def rehearsal(text: str) -> Element:
    """A <direction> with the label of a part."""
    direction, kind = _direction("above")
    child(kind, "rehearsal", text)
    return direction


def _direction(placement: str) -> tuple[Element, Element]:
    direction = Element("direction", placement=placement)
    return direction, child(direction, "direction-type")
