"""The text of one tune as the tunebook keeps it: `X:1` first, one title, then the rest as it was given."""

import hashlib
import re
from dataclasses import dataclass, replace

from songrnn.corpus.fields import RHYTHMS
from songrnn.corpus.sources import tunes_in
from songrnn.errors import RenderingError, SettingsError
from songrnn.notation.read import read_tune
from songrnn.notation.text_strings import encode_text, title_of
from songrnn.notation.tune import Header
from songrnn.notation.values import value_text
from songrnn.rendering.limits import check_text

_MODES = {
    "maj": "major",
    "min": "minor",
    "dor": "dorian",
    "phr": "phrygian",
    "lyd": "lydian",
    "mix": "mixolydian",
    "loc": "locrian",
}
_NUMBER = re.compile(r"\A\s*X:.*\n")
_TITLE = re.compile(r"^T:.*\n", re.MULTILINE)


@dataclass(frozen=True)
class Facts:
    """What the header says: rhythm, key and meter in one spelling each ("jig", "Ador", "6/8"), "" for none."""

    title: str
    rhythm: str
    key: str
    meter: str

    @property
    def key_words(self) -> str:
        """Such as "A dorian"; "" without a mode."""
        tonic, mode = self.key[:-3], self.key[-3:]
        return f"{tonic} {_MODES[mode]}" if mode in _MODES else ""


def one_tune(text: str) -> str:
    """The one tune in `text`, from `X:1` to a line end. Raises SettingsError for more or less than one."""
    stripped = text.strip()
    tunes = list(tunes_in(stripped if re.search(r"^\s*X:", stripped, re.MULTILINE) else f"X:1\n{stripped}", "text"))
    if len(tunes) != 1:
        raise SettingsError(f"expected the ABC text of one tune, found {len(tunes)} tunes; import reads several", "abc")
    return "X:1\n" + _NUMBER.sub("", tunes[0].text).rstrip() + "\n"


def facts_of(abc: str) -> Facts:
    """The facts of one tune. Raises AbcSyntaxError for a text without a key and without music, SettingsError for one
    that is too long."""
    try:
        check_text(abc)
    except RenderingError as error:
        raise SettingsError(str(error), "abc") from error
    header = read_tune(abc, strict=False).header
    return Facts(
        title=title_of(abc),
        rhythm=_rhythm(header),
        key=value_text(replace(header.key, clef="")) if header.key.tonic else "",
        meter=value_text(replace(header.meter, symbol="")) if header.meter is not None else "",
    )


def titled(abc: str, title: str) -> str:
    """`abc` with `title` as its first title; its other titles stay."""
    line = f"T:{encode_text(title)}\n"
    header, key, rest = abc.partition("\nK:")
    if _TITLE.search(header + "\n"):
        return _TITLE.sub(lambda _: line, header + "\n", count=1).removesuffix("\n") + key + rest
    first, _, others = abc.partition("\n")
    return f"{first}\n{line}{others}"


def numbered(abc: str, number: int) -> str:
    """`abc` with `number` in its X: field."""
    return f"X:{number}\n" + _NUMBER.sub("", abc)


def music_digest(abc: str) -> str:
    """The SHA-256 of the text without number, titles, notes (N:), comments, and blanks at the ends of lines."""
    lines = (line.rstrip() for line in abc.split("\n") if not line.startswith(("X:", "T:", "N:", "%")))
    return hashlib.sha256("\n".join(filter(None, lines)).encode("utf-8")).hexdigest()


def _rhythm(header: Header) -> str:
    words = " ".join((header.values("R") or ("",))[0].lower().split())
    return RHYTHMS.get(words, words)
