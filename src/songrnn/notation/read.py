"""ABC text -> Tune, by the ABC standard 2.1.

A strict reading accepts what the standard defines, and raises AbcSyntaxError at the first place where it expected
something else. A tolerant one continues with the likeliest meaning, and lists in `Tune.skipped` what it left out, or
accepted although it is not in the standard.

Beyond the letter of the standard both take a tune without X: or T:, as a network composes them. Macros (m:) are not
expanded; the `%%` directives of programs, and text between `%%begintext` and `%%endtext` and the like, are not
part of a tune and are left out. So are fields that the standard does not define, with a remark. I:linebreak and
I:decoration say how the text is to be read: they take effect, and are not part of the tune either.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import cast

from songrnn.errors import AbcSyntaxError
from songrnn.notation.grammar import FIELDS, UNDEFINED_FIELDS
from songrnn.notation.lines import MusicLine, tune_lines, without_comment
from songrnn.notation.music import MusicReader, voice_name
from songrnn.notation.scan import is_decoration_name
from songrnn.notation.signs import USUAL_SIGNS, is_declaration
from songrnn.notation.tune import NO_KEY, Field, Header, Key, Meter, Position, Skipped, Tune
from songrnn.notation.values import EXPECTED, read_value

_HEADER_FIELD = re.compile(rf"\s*+([{''.join(FIELDS)}+]):")
_NO_BAR_LINE = r"(?!\[?\||\.\||:|\])"  # not the bar lines of "A:| B:[| C:.|"
_BODY_FIELD = re.compile(rf"\s*+([{''.join([*FIELDS, *UNDEFINED_FIELDS])}+]):{_NO_BAR_LINE}")
_ANY_FIELD = re.compile(rf"\s*+([A-Za-z+]):{_NO_BAR_LINE}")
_MAIL_END = re.compile(r"=(?:20|0D|09)?+$")  # what quoted-printable mail did to the ends of lines; none of it is ABC
_USER_DEFINED = re.compile(r"([H-Wh-w~])\s*=\s*[!+]?([^!+]*)[!+]?")
_NO_KEY = "expected the field K:, which ends the header and begins the music"
_NO_MACROS = "expected music without macros: m: is not expanded"
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)


_Words = tuple[str, list[str], Position]  # a field's letter, its text in pieces, and where it begins


def read_tune(text: str, *, strict: bool = True) -> Tune:
    """The tune in `text`; it ends at the first blank line after its K: field.

    Raises AbcSyntaxError when `strict`, at the first thing that is not in the standard; else only for a text without
    any K: field and without any music. Nothing else is ever raised. The time is proportional to the length.
    """
    return _Reading(text, strict=strict).tune()


class _Reading:
    """One text on its way to a Tune."""

    def __init__(self, text: str, *, strict: bool) -> None:
        self._lines = tune_lines(text)
        self._strict = strict
        self._skipped: list[Skipped] = []
        self._remarks: list[Skipped] = []
        self._signs = USUAL_SIGNS
        self._has_lyrics = any(line.startswith("w:") for line in self._lines)
        self._open_line: list[tuple[int, str]] = []  # numbers and texts of the lines that continue in the next
        self._music: MusicReader | None = None
        self._last_field: _Words | None = None

    def tune(self) -> Tune:
        header, first_line = self._read_header()
        self._music = music = MusicReader(header, self._report, self._inline_field)
        for number, line in self._body_lines(first_line):
            self._read_body_line(line, number)
        self._end_field()
        self._end_line(goes_on=True)
        voices = music.finish(Position(len(self._lines), len(self._lines[-1]) + 1))
        return Tune(header, voices, _in_order(self._skipped), _in_order(self._remarks))

    def _report(self, position: Position, reason: str, music: bool) -> None:
        """Raise in a strict reading, note in a tolerant one."""
        if self._strict:
            raise AbcSyntaxError(position.line, position.column, reason)
        self._skipped.append(Skipped(position, reason, music))

    def _ignore(self, letter: str, position: Position) -> None:
        """Remark a field that the standard does not define."""
        self._remarks.append(Skipped(position, f"the field {letter}: is none of the standard and is ignored", False))

    def _value(self, letter: str, text: str) -> Key | Meter | Fraction | str | None:
        """The value of a field; an empty K: is no signature (3.1.14)."""
        return NO_KEY if letter == "K" and not text else read_value(letter, text)

    def _declare(self, text: str, position: Position) -> None:
        """I:linebreak or I:decoration."""
        signs = self._signs.declared(text)
        if signs is None:
            wanted = "'I:linebreak' with <EOL>, <none>, $ or !, or 'I:decoration' with ! or +"
            self._report(position, f"expected {wanted}, found {text[:40]!r}", False)
        else:
            self._signs = signs

    def _expected(self, letter: str, text: str, position: Position, *, music: bool = True) -> None:
        """Report a field's value that has no meaning."""
        found = f", found {text[:40]!r}" if text else ""
        self._report(position, f"expected {EXPECTED[letter]}{found}", music)

    # ---- header

    def _read_header(self) -> tuple[Header, int]:
        """The header, and how many lines it has."""
        fields: list[_Words] = []
        end = self._first_key()
        for index, line in enumerate(self._lines[: end + 1]):
            position = Position(index + 1, 1)
            if found := _HEADER_FIELD.match(line) or _ANY_FIELD.match(line):
                self._collect(fields, found[1], line[found.end() :], Position(index + 1, found.end() + 1))
            elif not line.strip() and fields:
                self._report(position, "expected a field of the header, found a blank line", False)
            elif without_comment(line).strip():
                if fields and fields[-1][0] == "H":
                    fields.append(("H", [without_comment(line)], position))  # history continues without a letter
                else:
                    self._report(position, f"expected a field such as 'M:6/8' or 'K:G', found {line[:40]!r}", False)
        return self._header(fields), end + 1

    def _first_key(self) -> int:
        """The index of the line that ends the header. Without a K: field that is the last field before music."""
        last_field, history = -1, False
        music: tuple[int, int] | None = None  # the first line of music, and the last field before it
        for index, line in enumerate(self._lines):
            if found := _HEADER_FIELD.match(line):
                if found[1] == "K":
                    return index
                last_field, history = index, found[1] == "H" or (found[1] == "+" and history)
            elif "|" in without_comment(line) and not self._strict:
                music = music or (index, last_field)
                if not history:  # which continues without a letter, but not when no K: follows
                    break
        if music is None:
            raise AbcSyntaxError(len(self._lines), len(self._lines[-1]) + 1, _NO_KEY)
        self._report(Position(music[0] + 1, 1), _NO_KEY, True)
        return music[1]

    def _collect(self, fields: list[_Words], letter: str, rest: str, position: Position) -> None:
        """One more field; `+:` makes the one before it longer."""
        value = without_comment(rest)
        position = Position(position.line, position.column + len(value) - len(value.lstrip()))
        if letter != "+":
            fields.append((letter, [value], position))
        elif fields and fields[-1][0] not in "KMLX":
            fields[-1][1].append(value)
        else:
            self._report(position, "expected a field of text before '+:'", False)

    def _header(self, collected: list[_Words]) -> Header:
        """Of several X, M or L the last counts."""
        values: dict[str, Key | Meter | Fraction | int] = {}
        titles, fields = list[str](), list[Field]()
        for letter, pieces, position in collected:
            text = " ".join(" ".join(pieces).split())
            if letter == "T":
                titles.append(text)
            elif letter == "X":
                if _NUMBER.fullmatch(text):
                    values["X"] = int(text)
                elif text:  # an empty one is no number, as the standard allows (3.1.1)
                    self._expected("X", text, position, music=False)
            elif letter in "KML":
                value = self._value(letter, text)
                if value is None:
                    self._expected(letter, text, position)
                else:
                    values[letter] = Key(clef=value) if isinstance(value, str) else value
            elif self._belongs_into_header(letter, text, position):
                fields.append(Field(letter, self._signs.usual(text) if letter == "U" else text, position))
        return Header(
            key=cast("Key", values.get("K", NO_KEY)),
            number=cast("int | None", values.get("X")),
            titles=tuple(titles),
            meter=cast("Meter | None", values.get("M")),
            unit_note_length=cast("Fraction | None", values.get("L")),
            fields=tuple(fields),
        )

    def _belongs_into_header(self, letter: str, text: str, position: Position) -> bool:
        """Whether a field of text can be kept; reports why not. Remarks (r:) are dropped."""
        if letter not in FIELDS:
            self._ignore(letter, position)
            return False
        if is_declaration(letter, text):
            self._declare(text, position)
            return False
        if letter == "V" and not text:
            self._report(position, "expected the name of a voice", False)
        elif letter in "ws":
            self._report(position, f"expected the field {letter}: below music", False)
        elif letter == "m":
            self._report(position, _NO_MACROS, True)
        return not (letter in "wsmr" or (letter == "V" and not text))

    # ---- body

    def _body_lines(self, first: int) -> Iterator[tuple[int, str]]:
        """Number and text of every line up to the blank one that ends the tune; comments and directives left out."""
        assert self._music is not None
        self._define_symbols()
        for index in range(first, len(self._lines)):
            line = self._lines[index]
            if not line.strip():
                self._nothing_follows(index)
                return
            without = without_comment(line)
            if without.strip():
                yield index + 1, without

    def _nothing_follows(self, first: int) -> None:
        for index in range(first, len(self._lines)):
            if without_comment(self._lines[index]).strip():
                self._report(Position(index + 1, 1), "expected nothing after the blank line that ends the tune", True)
                return

    def _define_symbols(self) -> None:
        assert self._music is not None
        for value in self._music.header.values("U"):
            self._define_symbol(value)

    def _define_symbol(self, value: str) -> None:
        assert self._music is not None
        if found := _USER_DEFINED.fullmatch(value.strip()):
            name = found[2].strip()
            means_something = is_decoration_name(name) and name not in ("nil", "none")
            self._music.shorthands[found[1]] = name if means_something else ""

    def _read_body_line(self, line: str, number: int) -> None:
        field = _BODY_FIELD.match(line)
        if field is not None:
            self._end_line(goes_on=True)
            self._read_field_line(field[1], line[field.end() :], Position(number, field.end() + 1))
            return
        self._end_field()
        line = line.rstrip()
        goes_on = line.endswith(("\\", "="))
        if mail := _MAIL_END.search(line, max(0, len(line) - 3)):
            position = Position(number, mail.start() + 1)
            self._report(position, f"expected the end of the line, found {mail[0]!r} of quoted-printable mail", False)
            line = line[: mail.start()]
        self._open_line.append((number, line.removesuffix("\\")))
        if not goes_on:
            self._end_line(goes_on=False)

    def _end_line(self, *, goes_on: bool) -> None:
        """Read the line of music that is complete now. goes_on: whether a backslash continues the line of the score."""
        if not self._open_line:
            return
        assert self._music is not None
        pieces, self._open_line = self._open_line, []
        music = self._music
        if self._has_lyrics:
            music.separate_lyrics()
        line = MusicLine.joined(pieces)
        music.read_line(replace(line, text=self._signs.usual(line.text)))
        music.end_line(breaks=self._signs.ends_break, goes_on=goes_on)

    def _read_field_line(self, letter: str, rest: str, position: Position) -> None:
        """A field on a line of its own; it waits one line, because `+:` may make it longer."""
        waiting: list[_Words] = [] if self._last_field is None else [self._last_field]
        if letter != "+":
            self._end_field()
            waiting = []
        self._collect(waiting, letter, rest, position)
        self._last_field = waiting[0] if waiting else None

    def _end_field(self) -> None:
        """Apply the pending field."""
        assert self._music is not None
        field, self._last_field = self._last_field, None
        if field is not None:
            letter, pieces, position = field
            self._inline_field(letter, " ".join(pieces), position)
            self._music.begin_line()

    def _inline_field(self, letter: str, text: str, position: Position) -> None:
        """A field between notes or between lines of music."""
        assert self._music is not None
        text = " ".join(text.split())
        value = self._value(letter, text)
        if letter not in FIELDS:
            self._ignore(letter, position)
        elif is_declaration(letter, text):
            self._declare(text, position)
        elif letter == "V":
            self._change_voice(text, position)
        elif letter == "X":
            self._report(position, "expected one tune, found the field X: of another", True)
        elif value is None:
            self._expected(letter, text, position)
        elif letter == "m":
            self._report(position, _NO_MACROS, True)
        else:
            if letter in "sU":
                value = self._signs.usual(text)
            if letter == "U":
                self._define_symbol(text)
            self._music.field(Field(letter, value, position))

    def _change_voice(self, text: str, position: Position) -> None:
        assert self._music is not None
        if not text:
            self._report(position, "expected the name of a voice", True)
            return
        self._music.select_voice(voice_name(text))
        if text != voice_name(text):
            self._music.voice.field(Field("V", text, position))


def _in_order(remarks: list[Skipped]) -> tuple[Skipped, ...]:
    return tuple(sorted(remarks, key=lambda remark: remark.position))
