r"""Clean music -> one spelling of it, where the books from which it was transcribed have several.

It is the spelling of `notation.write`, with one more rule for bar lines and one for lines:

- no blanks beside bar lines, in slurs, or after grace notes; blanks between notes stay, because they end a beam
- lengths in lowest terms, those of a chord after its bracket: `A//` is `A/4`, `[c2e2]` is `[ce]2`
- before a note: tuplet, slurs, grace notes (without lengths), chord symbols, ornaments, in this order
- `|1 A` or, without a bar line before it, `[1 A`
- a repeat has one bar line: `:||` is `:|`, `||:` is `|:`, `:|:` is `::`
- a line does not begin with a bar line that repeats the one that ends the line before it
- a line of the text ends where a bar ends: what continues a bar is moved up to the line in which the bar begins

Reading gives the same notes, lengths, repeats, slurs, ties and beams as before. The rules work on the text and not on a
`Tune`, because a prompt is spelled by them as well and may end anywhere, and because reading every tune of a corpus
twice would take ten times as long.
"""

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache

from songrnn.notation.grammar import PITCH_PATTERN
from songrnn.notation.scan import bar_line_style, read_length
from songrnn.notation.write import length_text

# What no rule changes is one character of the text while the rules are applied: texts, named decorations, inline
# fields and lines that are fields. Rules keep the order of those of one kind.
_TEXT, _DECORATION, _INLINE_FIELD, _FIELD_LINE = _STAND_INS = "\ue000\ue001\ue002\ue003"
_UNCHANGED = re.compile(r'("[^"\n]*")|(![^!\s|"]+!)|(\[[A-Za-z]:[^\]\n]{0,500}\])|(^[MLK]:(?![|:\]]).*)', re.MULTILINE)

_BAR = r"(?:::++|:*+(?:\[\|\]|\[?\|++\]?|\.\|):*+)"
_LENGTH = r"(?:\d+/*\d*|/+\d*)"
_NOTE = rf"{PITCH_PATTERN}{_LENGTH}?"
_PREFIX = rf"(?:\((?:\d[\d:]*)?|\{{[^{{}}\n]*\}}|[{_TEXT}{_DECORATION}.~HLMOPSTuv])"
_MOST_PASSES = 20  # two are enough for all but a few texts
_NEVER_JOINED = f"{_FIELD_LINE}0123456789/,'-<>"  # lines that begin so: fields, and what would change the note before
_STRENGTH = ("|", "||", "|]", ":|", "::", "|:")

_BAR_LINE = re.compile(_BAR)
_BAR_LINE_ENDS = ("|", "|]", "|:", "::")
_ENDING = re.compile(rf"(?<!:)({_BAR})\[(\d[\d,-]*) ")

Replacement = str | Callable[[re.Match[str]], str]
Rule = tuple[str, str, re.Pattern[str], Replacement]


def one_spelling(music: str, changed: Counter[str] | None = None) -> str:
    """Clean music in the one spelling; spelled again, it stays as it is.

    changed: kind of rule -> characters by which the music became shorter, to which those of this music are added.
    """
    unchanged: tuple[list[str], ...] = tuple([] for _ in _STAND_INS)

    def stand_in(found: re.Match[str]) -> str:
        kind = int(found.lastindex or 0) - 1
        unchanged[kind].append(found[0])
        return _STAND_INS[kind]

    spelled = _spelled(_UNCHANGED.sub(stand_in, music), Counter() if changed is None else changed)
    if not any(unchanged):
        return spelled
    left = {character: iter(texts) for character, texts in zip(_STAND_INS, unchanged, strict=True)}
    return re.sub(f"[{_STAND_INS}]", lambda found: next(left[found[0]]), spelled)


def _spelled(text: str, changed: Counter[str]) -> str:
    """The rules, again and again until they change nothing."""
    for _ in range(_MOST_PASSES):
        before = text
        for kind, sign, pattern, replacement in _RULES:
            if sign in text:
                length = len(text)
                text = pattern.sub(replacement, text)
                if len(text) != length:
                    changed[kind] += length - len(text)
        text = _with_whole_bars(text)
        text = _ENDING.sub(r"\1\2 ", text) if "[" in text else text
        if text == before:
            break
    return text


def _with_whole_bars(music: str) -> str:
    """The lines of `music`, each up to the end of a bar; before a field and at the end of the tune as they are."""
    lines: list[str] = []
    begun: list[str] = []
    for line in music.removesuffix("\n").split("\n"):
        if not line or line[0] in _NEVER_JOINED:
            lines += [" ".join(begun), line]
            begun = []
            continue
        if begun and (first := _BAR_LINE.search(line)):
            lines.append(" ".join([*begun, line[: first.end()]]))
            begun, line = [], line[first.end() :].strip()
        if line.endswith(_BAR_LINE_ENDS):
            lines.append(line)
        elif line:
            begun.append(line)
    return "".join(f"{line}\n" for line in [*lines, " ".join(begun)] if line)


def _bar_line(found: re.Match[str]) -> str:
    """One spelling of a bar line; one of more than two passes keeps its own."""
    text = found[0]
    ends, starts = len(text) - len(text.lstrip(":")), len(text) - len(text.rstrip(":"))
    if not text.strip(":") or max(ends, starts) > 1:
        return text
    if ends and starts:
        return "::"
    return ":|" if ends else "|:" if starts else bar_line_style(text)


def _merged_bar_lines(found: re.Match[str]) -> str:
    """Two bar lines with nothing between them: the stronger one, at the place of the first."""
    first, between, second = found["first"], found["between"], found["second"]
    if (first, second) == (":|", "|:") and "\n" not in between:
        return "::"
    if first in ("|", "||") and second in (":|", "::"):
        return second + ("\n" if "\n" in between else "")
    if second not in ("|", "||", "|]") or first not in _STRENGTH:
        return found[0]
    return max(first, second, key=_STRENGTH.index) + ("\n" if "\n" in between else "")


def _ending(found: re.Match[str]) -> str:
    """`[1 ` for `|1`, whose bar line may be moved; back in `_with_whole_bars`."""
    return found["tuplet"] or f"{found['before'] or ''}[{found['numbers']} "


@lru_cache(maxsize=4096)
def _length_text(text: str) -> str:
    length = read_length(text)
    return text if length is None else length_text(length)


def _length(found: re.Match[str]) -> str:
    return found["sound"] + _length_text(found["length"])


def _chord(found: re.Match[str]) -> str:
    """A chord with the length that all its notes have written after it."""
    lengths = {read_length(length) for length in re.findall(rf"[A-Ga-g][,']*({_LENGTH}?)", found["members"])}
    outer = read_length(found["outer"] or "")
    if len(lengths) > 1 or None in lengths or outer is None:
        return found[0]
    [length] = lengths
    assert length is not None
    members = re.sub(rf"(?<=[A-Ga-g,']){_LENGTH}", "", found["members"])
    return f"[{members}]{length_text(length * outer)}"


def _grace_notes(found: re.Match[str]) -> str:
    """The grace notes of one note in one pair of braces, without lengths: they have no time of the bar."""
    slash = "/" if found[0].startswith("{/") else ""
    return " " * found[0].endswith(" ") + "{" + slash + re.sub(r"[\d/\s{}]", "", found[0]) + "}"


def _ordered_prefix(found: re.Match[str]) -> str:
    parts = re.findall(_PREFIX, found["prefix"])
    kinds = [_prefix_kind(part) for part in parts]
    if kinds.count(0) > 1 or kinds.count(2) > 1:
        return found[0]
    return "".join(sorted(parts, key=_prefix_kind))


def _prefix_kind(part: str) -> int:
    """The place of a tuplet (0), slur (1), grace notes (2), text (3) and ornament (4) before a note."""
    if part[0] == "(":
        return 0 if len(part) > 1 else 1
    return 2 if part[0] == "{" else 3 if part[0] == _TEXT else 4


def _opened_slurs(found: re.Match[str]) -> str:
    return " " + found[0].replace(" ", "") if " " in found[0] else found[0]


def _closed_slurs(found: re.Match[str]) -> str:
    return found[0].replace(" ", "") + " " if " )" in found[0] else found[0]


_BLANKS, _BARS, _LENGTHS, _ORDER = "blanks", "bar lines", "lengths", "order of signs"


def _rule(kind: str, sign: str, pattern: str, replacement: Replacement) -> Rule:
    """sign: a string in every text that the rule can change."""
    return kind, sign, re.compile(pattern, re.MULTILINE), replacement


_RULES: tuple[Rule, ...] = (
    _rule(
        _BARS, "", r"(?P<tuplet>\(\d[\d:]*)|(?:\[ ?|(?P<before>[|:]))(?P<numbers>\d+(?:[,-]\d+)*)(?![\d/,]) *", _ending
    ),
    _rule(_BARS, "|", rf"(?<![:|])(?=:|\|[|:\]]|\[\|){_BAR}(?![:|])", _bar_line),
    _rule(_BARS, "|", rf"(?<!:)(?P<first>{_BAR})(?P<between>\s++)(?P<second>{_BAR})(?![:|\]])", _merged_bar_lines),
    _rule(_ORDER, "-", rf"(?<=[A-Ga-g\d,'/])((?:[ <>]|{_BAR})+)-", r"-\1"),
    _rule(_ORDER, ">)", r"(?<![<>])([<>]++)(\)++)", r"\2\1"),
    _rule(_ORDER, ")-", r"(?<!\))(\)++)-", r"-\1"),
    _rule(_BLANKS, " )", r"(?<![ )])[ )]++", _closed_slurs),
    _rule(_BLANKS, "( ", r"\([( ]*+", _opened_slurs),
    _rule(_BLANKS, "(", r"(\(\d[\d:]*) +", r"\1"),
    _rule(_ORDER, "(3:", r"\(3:2?(?::3?)?(?![\d:])", "(3"),
    _rule(_LENGTHS, "{", r"\{[^{}\n]*\}(?: *\{[^{}\n/]*\})*+ *", _grace_notes),
    _rule(_LENGTHS, "[", rf"\[(?P<members>(?:{_NOTE}){{2,}})\](?P<outer>{_LENGTH})?", _chord),
    _rule(_LENGTHS, "/", r"(?P<sound>[A-Ga-gxz\]][,']*)(?P<length>\d*/+\d*)", _length),
    _rule(_LENGTHS, "1", r"(?P<sound>[A-Ga-gxz\]][,']*)(?P<length>1)(?![\d/])", _length),
    _rule(
        _ORDER,
        "",
        rf"(?<![.~HLMOPSTuv(}}{_TEXT}{_DECORATION}])(?P<prefix>{_PREFIX}{{2,}}+)(?=[_^=]*[A-Ga-gxz]|\[[^\d|])",
        _ordered_prefix,
    ),
    _rule(_BLANKS, "|", rf"(?<![|:])(?<!\|\]) +({_BAR})", r"\1"),
    _rule(_BLANKS, "|", rf"(?<!:)({_BAR}) +(?![|:]|\[\|)", r"\1"),
    _rule(_BLANKS, " [", r" +(?=\[\d)", ""),
    _rule(_BLANKS, "  ", r" {2,}", " "),
    _rule(_BLANKS, " ", r"^ +| +$", ""),
)
