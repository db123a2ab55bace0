"""Prompt and requested form -> the constraint of strict tunes, or one line with the reason why there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product

from songrnn.composing.form import FormSettings
from songrnn.composing.prompt import Piece, Prompt, split_prompt
from songrnn.constraints.automaton import token_automaton
from songrnn.constraints.constraint import Constraint
from songrnn.constraints.state import HIGHEST, LOWEST, RequestedForm, TuneState
from songrnn.constraints.tokens import ENDS, STARTS, Kind, TokenKey
from songrnn.engines.settings import SamplingSettings
from songrnn.errors import PromptError, SettingsError
from songrnn.notation.grammar import LETTERS, SEMITONES
from songrnn.vocabulary import Vocabulary

NEEDED = "|\n"
METERS = ("4/4", "6/8", "2/2", "2/4", "3/4", "9/8", "12/8", "3/8", "3/2", "6/4", "5/4", "5/8", "7/8")
UNITS = ("1/8", "1/16", "1/4")
"""Assumed fields of music without a meter or unit note length, the likeliest first."""


def header_of(prompt: str, requested: FormSettings, vocabulary: Vocabulary) -> Mapping[str, str]:
    """The requested fields, by letter; raises SettingsError where the prompt contradicts them."""
    header = requested.header
    if not header:
        return header
    if not vocabulary.boundaries:
        raise SettingsError(
            "this checkpoint is of raw form: write meter, key and the like into the prompt, as its tunes have them"
        )
    fields, _ = split_prompt(prompt)
    for letter, value in header.items():
        if fields.get(letter, value) != value:
            raise SettingsError(
                f"{letter}:{value} is requested, but the prompt has {letter}:{fields[letter]}; leave one of them out"
            )
    return header


def constraint_of(
    prompt: Prompt, vocabulary: Vocabulary, settings: SamplingSettings, requested: FormSettings
) -> tuple[Constraint | None, Sequence[Piece]]:
    """The constraint of tunes that begin with `prompt`, or None for free ones; and the prompt's pieces.

    A line is open in the pieces only where their music leaves a choice.

    Raises SettingsError where no tune can have the form, PromptError where none can begin with the prompt.
    """
    form, pieces, body = requested.form(), prompt.pieces, prompt.music
    if settings.free or not vocabulary.boundaries:
        if requested.constrains:
            why = "free tunes are" if vocabulary.boundaries else "tunes of a checkpoint of raw form are"
            raise SettingsError(f"bars, parts, range or ending are requested, but {why} not constrained")
        return None, pieces
    forbidden = next((c for piece in pieces for c in piece.text if c in settings.without), None)
    if forbidden is not None:
        raise PromptError(f"the prompt has {forbidden!r}, which tunes shall be without; leave one of them out")
    strict = _Strict(vocabulary, settings.without, form, prompt)
    fields = pieces[:-1] if body else pieces
    header = {piece.text[0]: "" if piece.open_line else piece.text for piece in fields}
    changes = _changes_of(body)
    only: tuple[str, ...] = ()
    if body and "" in header.values():
        header, only = strict.fitting_headers(header, changes)
        pieces = (*(Piece(header[p.text[0]]) if header[p.text[0]] else p for p in fields), pieces[-1])
    constraint = strict.constraint((*_lines(header), *changes), only)
    if "" not in header.values():
        strict.check(constraint, "".join(filter(None, header.values())))
    return constraint, pieces


def _changes_of(body: str) -> tuple[str, ...]:
    """The lines of M, L and K in it."""
    return tuple(f"{line}\n" for line in body.split("\n")[:-1] if line[:2] in ("M:", "L:", "K:"))


def _lines(header: Mapping[str, str]) -> list[str]:
    """The lines of M, L and K that are given."""
    return [line for letter, line in header.items() if letter != "R" and line]


class _Strict:
    """The constraints of one vocabulary, form and prompt."""

    def __init__(self, vocabulary: Vocabulary, without: str, form: RequestedForm, prompt: Prompt) -> None:
        self._vocabulary, self._without, self._form, self._prompt = vocabulary, without, form, prompt

    def constraint(self, header: tuple[str, ...], only: tuple[str, ...] = ()) -> Constraint:
        """The constraint with these lines of the header; of the letters in `only`, no others."""
        return self._constraint(self._form, header, only)

    def _constraint(self, form: RequestedForm, header: tuple[str, ...], only: tuple[str, ...] = ()) -> Constraint:
        return _constraint(self._vocabulary, self._without, form, header, only, len(self._prompt.music))

    def fitting_headers(
        self, header: Mapping[str, str], changes: tuple[str, ...]
    ) -> tuple[dict[str, str], tuple[str, ...]]:
        """The header with the unit note length that suits the music best, and the lines that the network may write."""
        open_letters = [letter for letter in "MLK" if not header[letter]]
        constraint = self.constraint((*_lines(header), *changes))
        lines = constraint.automaton.lines
        units, meters = (
            [line for line in (f"{letter}:{value}\n" for value in likeliest) if line in lines]
            or constraint.automaton.lines_of(kind)
            if letter in open_letters
            else [header[letter]]
            for letter, likeliest, kind in (("L", UNITS, Kind.UNIT), ("M", METERS, Kind.METER))
        )
        keys = constraint.automaton.lines_of(Kind.KEY) if "K" in open_letters else [header["K"]]
        rhythm = header.get("R", "")
        timed = replace(
            self._form, low=RequestedForm.low, high=RequestedForm.high, ends_on_tonic=False
        )  # whatever the key
        in_time = self._constraint(timed, (*_lines(header), *changes))
        fitting = [
            (unit, meter)
            for unit, meter in product(units, meters)
            if self._begins(in_time, f"{rhythm}{meter}{unit}{keys[0]}")
        ]
        if not fitting:
            self.check(in_time, f"{rhythm}{meters[0]}{units[0]}{keys[0]}")
        unit, meter = fitting[0]
        only = [meter for found, meter in fitting if found == unit] if "M" in open_letters else []
        suited = [key for key in keys if self._begins(constraint, f"{rhythm}{meter}{unit}{key}")]
        if not suited:
            self.check(constraint, f"{rhythm}{meter}{unit}{keys[0]}")
        return {**header, "L": unit}, (*only, *(suited if "K" in open_letters else ()))

    def _begins(self, constraint: Constraint, header: str) -> bool:
        return self._refused(constraint, header + self._prompt.music) is None

    def _refused(self, constraint: Constraint, text: str, *, free_meter: bool = False) -> int | None:
        """The place of the first character that no valid tune has there; None if there is none."""
        state = TuneState()
        for place, character in enumerate(self._vocabulary.encode(text).tolist()):
            after = constraint.push(state, character)
            if after is None:
                return place
            state = after
            if free_meter and state.fields == len("RMLK"):
                state.bar = 0
        return None

    def check(self, constraint: Constraint, header: str) -> None:
        """Raises PromptError, with place and reason, when no valid tune begins so."""
        body = self._prompt.music
        place = self._refused(constraint, header + body)
        if place is None:
            return
        if place < len(header):
            line = header[: place + 1].count("\n") if header[place] != "\n" else header[:place].count("\n")
            raise PromptError(
                f"no tune can keep to the prompt's {header.splitlines()[line]}; ask for a free one, or leave it out"
            )
        where = "line {}, column {} of its music".format(*self._prompt.place(place - len(header)))
        given = [line for line in header.splitlines(keepends=True) if not line.startswith("R:")]
        free = self._constraint(RequestedForm(), (*given, *_changes_of(body)))
        if self._refused(free, header + body) is None:
            reason = "then it is not as requested: bars, parts, range or ending"
        elif self._refused(free, header + body, free_meter=True) is None:
            reason = f"then its bars do not last {_line(header, 'M').strip()}"
        else:
            reason = "then it is not ABC whose syntax and bars can be constrained"
        raise PromptError(
            f"the prompt cannot continue with {body[place - len(header)]!r} in {where}: {reason}. "
            "Change it, or ask for a free tune"
        )


def _line(header: str, letter: str) -> str:
    return next(line for line in header.splitlines(keepends=True) if line.startswith(f"{letter}:"))


@lru_cache(maxsize=32)
def _constraint(
    vocabulary: Vocabulary,
    without: str,
    form: RequestedForm,
    header: tuple[str, ...],
    only: tuple[str, ...],
    given: int,
) -> Constraint:
    """Raises SettingsError where no tune can have the form."""
    ids = {character: i for i, character in enumerate(vocabulary.characters) if character not in without}
    lacking = next((character for character in NEEDED if character not in ids), None)
    if lacking is not None:
        why = "shall not be drawn" if lacking in without else "this checkpoint lacks"
        raise SettingsError(f"no tune is strict without {lacking!r}, which {why}; ask for free ones (--free)")
    automaton = token_automaton(ids, header=header, only=only, fits_key=lambda key: _fits(key, form, ids))
    for flags, sign in ((STARTS, "|:"), (ENDS, ":|")):
        if any(form.sections) and not automaton.spells(Kind.BAR, a=flags, b=0):
            raise SettingsError(f"a part shall be repeated, but this checkpoint cannot spell {sign!r}")
    if not automaton.spells(Kind.LETTER):
        raise SettingsError("no tune is strict without any note letter; ask for free ones (--free)")
    for line in header:
        if line not in automaton.lines:
            raise SettingsError(
                f"no tune with {line.strip()} can be {_conflicting(line, form)}; ask for something else"
            )
    for letter, kind in (("M", Kind.METER), ("L", Kind.UNIT), ("K", Kind.KEY)):
        if not automaton.lines_of(kind):
            if letter == "K" and form != RequestedForm() and token_automaton(ids).lines_of(kind):
                raise SettingsError(f"no key can be {_conflicting('K:', form)}; ask for something else")
            raise SettingsError(
                f"no tune is strict without a line {letter}:, which cannot be written; ask for free ones (--free)"
            )
    return Constraint(automaton, form, end=vocabulary.end, size=len(vocabulary), given=given)


def _conflicting(line: str, form: RequestedForm) -> str:
    """The part of the request with which a line of the header cannot be combined."""
    if line.startswith("K:"):
        tonic = " and end on its tonic" if form.ends_on_tonic else ""
        return f"within the requested range{tonic}" if (form.low, form.high) != (0, 127) else "made to end on its tonic"
    return "made of notes that can be written with this checkpoint's characters"


def _fits(key: TokenKey, form: RequestedForm, ids: Mapping[str, int]) -> bool:
    """Whether a key has a note in the range, and its tonic, if that must come last."""
    if form.ends_on_tonic:
        return key.tonic >= 0 and _reaches(key, key.tonic, form, ids)
    return any(_reaches(key, letter, form, ids) for letter in range(len(LETTERS)))


def _reaches(key: TokenKey, letter: int, form: RequestedForm, ids: Mapping[str, int]) -> bool:
    """Whether a letter of a key has an octave that can be written and lies in the range."""
    name = LETTERS[letter]
    octaves = [*range(0, -48, -12)] if "," in ids else [0]
    octaves_up = [*range(0, 48, 12)] if "'" in ids else [0]
    capitals = [60 + step for step in octaves if name in ids]
    small = [72 + step for step in octaves_up if name.lower() in ids]
    white = [octave + SEMITONES[name] for octave in (*capitals, *small)]
    return any(
        LOWEST <= pitch <= HIGHEST and form.low <= pitch + key.alterations[letter] <= form.high for pitch in white
    )
