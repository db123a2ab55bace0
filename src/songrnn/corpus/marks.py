"""Marks that do not affect the notes: bowings, fingerings, dynamics, directions and annotations.

They are printed for the player of one book, come at random places, and few of them can be learned from a few hundred
tunes. Ornaments and articulation (trill, roll, fermata, staccato, accent), grace notes and chord symbols are music and
are no such marks.
"""

import re
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from songrnn.notation.grammar import SHORTHANDS

# kind -> names of decorations of that kind, as `grammar.DECORATIONS` has them
KINDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "bowings": frozenset(("upbow", "downbow")),
        "fingerings": frozenset(["0", "1", "2", "3", "4", "5", "+", "plus", "snap", "thumb", "open"]),
        "directions": frozenset(
            [
                "segno",
                "coda",
                "D.S.",
                "D.C.",
                "dacoda",
                "dacapo",
                "fine",
                "breath",
                "shortphrase",
                "mediumphrase",
                "longphrase",
            ]
        ),
        "dynamics": frozenset(
            [
                "pppp",
                "ppp",
                "pp",
                "p",
                "mp",
                "mf",
                "f",
                "ff",
                "fff",
                "ffff",
                "sfz",
                "crescendo(",
                "crescendo)",
                "diminuendo(",
                "diminuendo)",
                "<(",
                "<)",
                ">(",
                ">)",
            ]
        ),
    }
)
ANNOTATIONS = "annotations"

_KIND_OF = {name: kind for kind, names in KINDS.items() for name in names}
_KIND_OF_LETTER = {letter: _KIND_OF[name] for letter, name in SHORTHANDS.items() if name in _KIND_OF}
_MARK = re.compile(
    rf"""
      (?P<kept>^[MLK]:(?![|:\]]).*|\[[A-Za-z]:[^\]\n]*\])
    | "(?P<annotation>[\^_<>@])?[^"\n]*"
    | !(?P<name>[^!|\s"]+)!
    | (?P<letter>[{"".join(_KIND_OF_LETTER)}])
    """,
    re.VERBOSE | re.MULTILINE,
)


def without_marks(music: str, left_out: Counter[str] | None = None) -> str:
    """Clean music without its marks. left_out: kind -> characters, to which those of this music are added."""

    def kept(mark: re.Match[str]) -> str:
        kind = ANNOTATIONS if mark["annotation"] else _KIND_OF.get(mark["name"] or "")
        kind = kind or _KIND_OF_LETTER.get(mark["letter"] or "")
        if kind is None:
            return mark[0]
        if left_out is not None:
            left_out[kind] += len(mark[0])
        return ""

    return _MARK.sub(kept, music)
