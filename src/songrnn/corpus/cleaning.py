"""A tune as it is in its file -> the text that a network learns from, in one of two text forms.

raw       the tune exactly as in its file, between a `<start>` and an `<end>` line.
tunebook  R (if the tune has one), M, L and K with canonical values, in this order, then the music; titles, names,
          comments, lyrics and layout are dropped, and by default marks that do not affect the notes as well; the rest
          gets one spelling. Such a text begins like a prompt that requests a kind of tune.
"""

from collections import Counter
from collections.abc import Sequence

from songrnn.corpus.body import clean_body, has_notes
from songrnn.corpus.fields import FIELD_LINE, FIELD_ORDER, Dropped, canonical_field, default_unit_note_length
from songrnn.corpus.markers import END, START
from songrnn.corpus.marks import without_marks
from songrnn.corpus.spelling import one_spelling
from songrnn.notation.lines import tune_lines, without_comment
from songrnn.notation.signs import usual_lines

__all__ = ["FIELD_ORDER", "Dropped", "canonical_field", "plain_music", "raw_text", "tunebook_text", "voices"]


def tunebook_text(text: str, *, keep_marks: bool = False, left_out: Counter[str] | None = None) -> str:
    """The tunebook form of one tune; its own tunebook form stays as it is.

    keep_marks: leave the marks (`marks.py`) and the spelling of the body as they are.
    left_out: what else was left out -> characters, to which those of this tune are added.

    A missing M becomes "M:none" (ABC's free meter) and a missing L the standard's default for the meter. Of several
    R the first counts, of several M or L the last before the first K, which ends the header.
    Raises Dropped: no K: field, no notes, several voices, unknown key, meter or unit note length, text among the
    notes, open quotation mark, control characters.
    """
    header, body = _divide(list(usual_lines(tune_lines(text))))
    if len(voices([*header, *body])) > 1:
        raise Dropped("several voices")
    fields = _canonical_header(header)
    music = clean_body(body, _explained_letters([*header, *body]))
    if not keep_marks:
        music = plain_music(music, left_out)
    if not has_notes(music):
        raise Dropped("no notes")
    tune = "".join(f"{letter}:{fields[letter]}\n" for letter in FIELD_ORDER if fields[letter]) + music
    if not tune.replace("\n", "").isprintable():
        raise Dropped("control characters")
    return tune


def plain_music(music: str, left_out: Counter[str] | None = None) -> str:
    """A clean body without marks, in one spelling."""
    return one_spelling(without_marks(music, left_out), left_out)


def raw_text(text: str) -> str:
    """The tune exactly as in its file, between its markers; raises Dropped when it is empty."""
    if not text.strip():
        raise Dropped("empty tune")
    return f"{START}\n{text}" + ("" if text.endswith("\n") else "\n") + f"{END}\n"


def _divide(lines: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Header lines up to and with the first K:, and the lines of the body."""
    for index, line in enumerate(lines):
        field = FIELD_LINE.match(line)
        if field is not None and field["letter"] == "K":
            return lines[: index + 1], lines[index + 1 :]
    raise Dropped("no K: field")


def _canonical_header(lines: Sequence[str]) -> dict[str, str]:
    """Letter -> canonical value, for every letter of FIELD_ORDER; R may be ""."""
    fields: dict[str, str] = {}
    for line in map(without_comment, lines):
        field = FIELD_LINE.match(line)
        if field is None or field["letter"] not in FIELD_ORDER:
            continue
        value = canonical_field(field["letter"], field["value"])
        fields[field["letter"]] = (fields.get("R") or value) if field["letter"] == "R" else value
    fields.setdefault("R", "")
    fields.setdefault("M", "none")
    fields.setdefault("L", default_unit_note_length(fields["M"]))
    return fields


def _explained_letters(lines: Sequence[str]) -> set[str]:
    """The letters to which U: fields give a meaning."""
    fields = (field for line in lines if (field := FIELD_LINE.match(line)))
    return {field["value"].strip()[:1] for field in fields if field["letter"] == "U"}


def voices(lines: Sequence[str]) -> set[str]:
    """The names of the voices that V: lines and inline [V:...] fields have."""
    names = set()
    for line in lines:
        field = FIELD_LINE.match(line)
        if field is not None and field["letter"] == "V":
            names.add(_first_word(field["value"]))
        names.update(_first_word(part.partition("]")[0]) for part in line.split("[V:")[1:])
    return names


def _first_word(value: str) -> str:
    return (value.split() or [""])[0]
