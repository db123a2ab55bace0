"""The body of a tune, reduced to its music: notes, bars, decorations, chords, and changes of key, meter and length.

The tables below say what is kept. A line that ends in a backslash is joined with the next one, as the ABC standard
defines it. Line ends of quoted-printable mail (`=` and `=20`), which old collections carry, are
repaired: neither is ABC, so the repair cannot hit music.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType

from songrnn.corpus.fields import FIELD_LINE, Dropped, canonical_field, names_a_key
from songrnn.notation.grammar import DECORATIONS, PITCH_PATTERN
from songrnn.notation.lines import without_comment
from songrnn.notation.scan import LATE_LENGTH, is_decoration_name
from songrnn.notation.words import find_words

KEPT_FIELDS = "MLK"

_LONGEST_FIELD = 500  # characters of an inline field: reading stays linear where many open and none closes

_NOTE = rf"{PITCH_PATTERN}\d*/*\d*"
_CHORD_SYMBOL = re.compile(
    r"\(?[A-G][#b♯♭]?(?:maj|min|ma|mi|m|M|dim|aug|sus|add|o|\+|-|[#b]?\d+|\(|\))*(?:/[A-Ga-g][#b♯♭]?)?\)?"
)
_ANNOTATION = re.compile(r"[\^_<>@].*\w.*")
# Letters that ABC leaves to a tune's own U: fields; without those they mean nothing.
UNEXPLAINED = "I-KNQRUVWh-tw"
_TOKEN = re.compile(
    rf"""
      (?P<string>"[^"]*")
    | !(?P<decoration>[^!|\s"]+)!
    | \[(?P<field>[A-Za-z]:[^\]]{{0,{_LONGEST_FIELD}}})\]
    | \+(?P<old_chord>(?:{_NOTE}){{2,}})\+
    | (?P<spacer>y\d*)
    | (?P<blank>\s+)
    | (?P<reserved>[`\#*;?@$\\!+])
    | (?P<unexplained>[{UNEXPLAINED}]+[\d/]*)
    | (?P<bracket>\[)
    | (?P<music>[A-HLMOPSTXZa-gxzuv0-9,'/^_=<>()\]{{}}|:.\-~&]+)
    | (?P<other>.)
    """,
    re.VERBOSE,
)

_LETTERS_THAT_DECORATE = "~HLMOPSTuv"
_DECORATIONS = f"(?<![{_LETTERS_THAT_DECORATE}])[{_LETTERS_THAT_DECORATE}]++"  # a whole run or none: linear time
_OPENING = r"(?:\((?:\d(?::\d*){0,2})?)+"  # of slurs and tuplets
_MISPLACED = re.compile(
    rf"""
      "[^"]*" | ![^!\s]+! | \[[A-Za-z]:[^\]]{{0,{_LONGEST_FIELD}}}\]
    | (?P<early>(?:{_DECORATIONS}{_OPENING})+)
    | (?P<broken>(?<![<>])[<>]++)\.(?=[A-Ga-g^_=(\[{{])
    | (?P<invisible>\[\|\])
    | {LATE_LENGTH}
    | (?P<stray>{_DECORATIONS})(?![~HLMOPSTuv.A-Ga-gxz^_="!]|\[(?!\|))
    """,
    re.VERBOSE,
)


def clean_body(lines: Iterable[str], explained: Collection[str] = ()) -> str:
    """The music in these lines, each ending in "\\n". explained: letters to which U: fields give a meaning.

    Cleaning what is clean changes nothing. Raises Dropped for text among the notes, an open quotation mark, control
    characters, or an unknown key, meter or length.
    """
    text, cleaned = None, "\n".join(lines)
    while text != cleaned:  # dropping something may join two halves of a token
        text = cleaned
        cleaned = "".join(f"{line}\n" for line in _music_lines(_repaired(text), explained) if line)
    return cleaned


def has_notes(body: str) -> bool:
    """Whether a clean body has a note."""
    return re.search("[A-Ga-g]", music_alone(body)) is not None


def music_alone(body: str) -> str:
    """A body without field lines, inline fields, texts and named decorations."""
    body = re.sub(r"(?m)^\s*[A-Za-z+]:(?![|:\]]).*$", "", body)
    return re.sub(rf'"[^"\n]*"|![^!|\s"]+!|\[[A-Za-z]:[^\]\n]{{0,{_LONGEST_FIELD}}}\]', "", body)


def _repaired(text: str) -> str:
    """`text` without what quoted-printable mail did to its line ends, and with !trill! for the +trill+ of old."""
    text = re.sub(r"=(?:20|0D|09)(?=\s*$)", "", text, flags=re.MULTILINE)
    text = re.sub(r"=[ \t]*\n(?!\s*$)", "", text)
    return re.sub(r"\+([A-Za-z.]{4,})\+", lambda old: f"!{old[1]}!" if old[1] in DECORATIONS else old[0], text)


def _music_lines(text: str, explained: Collection[str]) -> Iterable[str]:
    open_line = ""
    for line in map(without_comment, text.split("\n")):
        field = FIELD_LINE.match(line)
        if not line.strip():
            continue
        if field is None:
            open_line += line
            if not open_line.rstrip().endswith("\\"):
                yield _clean_line(open_line, explained)
                open_line = ""
            else:
                open_line = open_line.rstrip()[:-1]
        elif kept := _kept_field(field["letter"], field["value"]):
            yield _clean_line(open_line, explained)
            open_line = ""
            yield kept
    yield _clean_line(open_line, explained)


def _kept_field(letter: str, value: str) -> str:
    if letter not in KEPT_FIELDS or (letter == "K" and not names_a_key(value)):
        return ""
    return f"{letter}:{canonical_field(letter, value)}"


def _clean_line(line: str, explained: Collection[str]) -> str:
    if find_words(line, explained):
        raise Dropped("text among the notes")
    return re.sub(" +", " ", _MISPLACED.sub(_placed, _TOKEN.sub(_rewritten, line))).strip()


def _placed(found: re.Match[str]) -> str:
    """The line with decorations directly before a note, inside the slur or tuplet that begins there, and nowhere else.

    The standard puts them there (2.1, section 4.20); its readers take nothing else, nor a dot after `>` and `<`.
    Invisible bar lines, which mark a new line of the score within a bar, go; so do blanks before the length of a note.
    """
    if found["early"]:
        return "".join(sorted(found["early"], key=lambda character: character in _LETTERS_THAT_DECORATE))
    if found["broken"]:
        return found["broken"]
    if found["late_length"]:
        return found["late"]
    return "" if found["stray"] or found["invisible"] else found[0]


def _rewritten(token: re.Match[str]) -> str:
    kind = str(token.lastgroup)
    return _RULES[kind](token[kind])


def _string(text: str) -> str:
    """Chord symbols and annotations stay; fingerings and directions written as if they were chords go."""
    inner = " ".join(text[1:-1].split())
    return f'"{inner}"' if _CHORD_SYMBOL.fullmatch(inner) or _ANNOTATION.fullmatch(inner) else ""


def _decoration(name: str) -> str:
    if name in DECORATIONS:
        return f"!{name}!"
    between_line_breaks = re.search("[A-Ga-g]", name) and not is_decoration_name(name)  # of old programs
    return name if between_line_breaks else ""


def _inline_field(text: str) -> str:
    kept = _kept_field(text[0], text[2:])
    return f"[{kept}]" if kept else ""


def _as_it_is(text: str) -> str:
    return text


def _nothing(_: str) -> str:
    return ""


def _blank(_: str) -> str:
    return " "


def _old_chord(notes: str) -> str:
    return f"[{notes}]"


def _other(character: str) -> str:
    if character == '"':
        raise Dropped("open quotation mark")
    raise Dropped("text among the notes" if character.isprintable() else "control characters")


_RULES: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "string": _string,
        "decoration": _decoration,
        "field": _inline_field,
        "old_chord": _old_chord,
        "spacer": _nothing,
        "blank": _blank,
        "reserved": _nothing,
        "unexplained": _nothing,
        "bracket": _as_it_is,
        "music": _as_it_is,
        "other": _other,
    }
)
