"""Which signs break lines of the score and enclose decorations: `I:linebreak` and `I:decoration` (6.1.1, 4.14).

A tune that declares other signs than the usual ones is turned into one with the usual ones, character for character,
so that its lines are read, and cleaned, like those of any other tune.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from songrnn.notation.lines import without_comment

END_OF_LINE, NO_BREAK = "<EOL>", "<none>"
LINE_BREAKS = (END_OF_LINE, NO_BREAK, "$", "!")
DECORATION_SIGNS = ("!", "+")
USUAL_BREAK = "$"
NOTHING = "`"  # a back-quote separates notes visually and has no meaning (4.7)

_FIELD = re.compile(r"\s*([A-Za-z+]):(?!\[?\||\.\||:|\])(.*)")
_INSTRUCTION = re.compile(r"\s*(linebreak|decoration)\b(.*)", re.DOTALL)
_SIGN = re.compile(r'"[^"]*"?|\[[A-Za-z]:[^\]]{0,999}\]|\+(?P<name>[^+|\s"]{1,40})\+|[$!]')


@dataclass(frozen=True, slots=True)
class Signs:
    """breaks: which of `LINE_BREAKS` break lines of the score; decoration: what encloses names of decorations."""

    breaks: frozenset[str] = frozenset((END_OF_LINE, USUAL_BREAK))
    decoration: str = "!"

    @property
    def ends_break(self) -> bool:
        """Whether the end of a line of the text ends a line of the score."""
        return END_OF_LINE in self.breaks

    def declared(self, instruction: str) -> "Signs | None":
        """These signs after the value of an I: field; None for an impossible declaration."""
        found = _INSTRUCTION.fullmatch(instruction)
        if found is None:
            return self
        words = found[2].split()
        if found[1] == "decoration":
            return replace(self, decoration=words[0]) if len(words) == 1 and words[0] in DECORATION_SIGNS else None
        if not words or not set(words) <= set(LINE_BREAKS) or (NO_BREAK in words and len(words) > 1):
            return None
        decoration = "+" if "!" in words else self.decoration  # one sign cannot be both
        return Signs(frozenset(words) - {NO_BREAK}, decoration)

    def usual(self, line: str) -> str:
        """A line of music with `$` for every line break within it, and `!` around names of decorations."""
        return line if self == USUAL_SIGNS else _SIGN.sub(self._usual_sign, line)

    def _usual_sign(self, found: re.Match[str]) -> str:
        sign = found[0]
        if found["name"] is not None:
            return f"!{found['name']}!" if self.decoration == "+" else sign
        if sign in self.breaks:
            return USUAL_BREAK
        return NOTHING if sign == USUAL_BREAK else sign


USUAL_SIGNS = Signs()


def is_declaration(letter: str, text: str) -> bool:
    """Whether a field declares how the text is read, and nothing about the tune."""
    return letter == "I" and _INSTRUCTION.fullmatch(text) is not None


def usual_lines(lines: Iterable[str]) -> Iterator[str]:
    """The lines of a tune, with the usual signs in those of music after a field that declares others."""
    signs = USUAL_SIGNS
    for line in lines:
        if found := _FIELD.match(line):
            signs = (found[1] == "I" and signs.declared(without_comment(found[2]))) or signs
            yield line
        else:
            yield signs.usual(line)
