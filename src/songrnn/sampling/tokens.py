"""The words of ABC that a vocabulary can spell, as one automaton over its ids; what each of them is.

A word is the least piece of text that means something to the constraints (`constraints.py`): a line of the header, a
bar line, an accidental, a letter, a length, the beginning of a tuplet. The network writes characters, so it can be in
the midst of one; a word ends with the first character that does not go on with it, as in any reader of ABC.

The words are those of the ABC standard 2.1 that a tune of one voice needs and that abc2midi plays without an error:
it takes `,` behind capitals and `'` behind small letters only, lengths in halves, quarters and eighths, and texts that
begin with a letter from a to g only when they name a chord.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from fractions import Fraction

from songrnn.notation.grammar import (
    DECORATIONS,
    LETTER_SHARPS,
    LETTERS,
    MODE_SHARPS,
    SEMITONES,
    SHORTHANDS,
    TUPLET_TIMES,
)
from songrnn.notation.tune import Key, Meter
from songrnn.notation.values import read_value, value_text

WHOLE = 2**13 * 3**2 * 5 * 7
"""Ticks of a whole note: an eighth of a 32nd, halved twice by broken rhythm, in a tuplet of up to 9, is whole."""
LONGEST_BAR = 2**29
"""Ticks of the longest bar: two hundred whole notes."""
GRAINS = 8
"""The shortest note that can be written is an eighth of the unit note length; lengths are counted in these grains."""
LONGEST_TEXT = 24
"""Characters of a chord symbol or annotation, and of a rhythm."""
MOST_SHARPS = 7
ACCOMPANIED = frozenset(Fraction(eighths, 8) for eighths in (3, 4, 6, 8, 9, 12))
"""Bars for which abc2midi has an accompaniment; in others chord symbols can run it beyond the end of the tune."""
COMPOUND = 3  # 4.13: what p notes take the time of in a compound meter, when the table says None; 2 in others

ENDS, STARTS, DOUBLE = 1, 2, 4
"""What a bar line does besides ending a bar: it ends a repeat, starts one, or is a double one."""

DOT, SIGN, TRILL, ROLL, FERMATA = range(5)
"""Decorations, as abc2midi takes them: a dot may stand before a slur; trills and rolls not on a chord, rolls not behind
grace notes; notes with a dot or fermata in no broken rhythm, and not tied."""

ROOT_HEADER, ROOT_BODY, ROOT_NOTE, ROOT_LENGTH = range(4)
"""Where words begin: a line of the header; music; behind a letter; behind a rest or chord."""


class Kind(IntEnum):
    """What a word is; native/constraint.hpp has the same numbers. In brackets: its numbers a, b, c."""

    RHYTHM = 0  # a line R:
    METER = 1  # a line M: (ticks of a bar, 0 for free meter; 1 when compound; 1 when chord symbols may stand there)
    UNIT = 2  # a line L: (ticks)
    KEY = 3  # a line K: (index in `Words.keys`)
    LINE_END = 4
    SPACE = 5
    LETTER = 6  # (MIDI number of the white key; its letter in CDEFGAB; 1 for a small letter)
    ACCIDENTAL = 7  # (semitones)
    OCTAVE = 8  # (semitones)
    LENGTH = 9  # (grains)
    REST = 10
    CHORD_OPEN = 11
    CHORD_CLOSE = 12
    GRACE_OPEN = 13
    GRACE_CLOSE = 14
    TIE = 15
    SLUR_OPEN = 16
    SLUR_CLOSE = 17
    BROKEN = 18  # (signs; below zero for <)
    TUPLET = 19  # p notes (in the time of q, 0 for the standard's; for c notes)
    BAR = 20  # (ENDS, STARTS, DOUBLE; number of the ending that begins behind it, or 0)
    ENDING = 21  # (its number)
    SHORTHAND = 22  # a decoration of one letter or sign (DOT, SIGN, TRILL, ROLL, FERMATA)
    DECORATION = 23  # a decoration in exclamation marks (SIGN, TRILL, FERMATA)
    TEXT = 24  # a chord symbol (1) or annotation (0)


@dataclass(frozen=True)
class Word:
    """One word: what it is, and its numbers."""

    kind: Kind
    a: int = 0
    b: int = 0
    c: int = 0


@dataclass(frozen=True)
class WordKey:
    """What a key says to the constraints: alterations in semitones of C, D, E, F, G, A, B; the tonic's index, or -1."""

    alterations: tuple[int, ...]
    tonic: int

    @classmethod
    def of(cls, key: Key) -> "WordKey":
        """The same of a key as `notation` has it; the pipes' keys count as keys on A."""
        tonic = key.tonic[:1] if key.tonic not in ("Hp", "HP") else "A"
        return cls(tuple(key.signature.get(letter, 0) for letter in LETTERS), LETTERS.index(tonic) if tonic else -1)


@dataclass(frozen=True)
class Words:
    """The automaton. Node r < 4 is the root r; characters are told as ids.

    lines:  line of a header -> its word.
    edges:  node -> id -> node.
    ended:  node -> index of the word that ends there, or -1.
    within: node -> the words that begin with what has been read there, the one that ends there first.
    least:  node -> the shortest length within, in grains, or 0.
    """

    words: tuple[Word, ...]
    keys: tuple[WordKey, ...]
    lines: Mapping[str, int]
    edges: tuple[Mapping[int, int], ...]
    ended: tuple[int, ...]
    within: tuple[tuple[int, ...], ...]
    least: tuple[int, ...]

    @classmethod
    def of(
        cls,
        ids: Mapping[str, int],
        *,
        header: Sequence[str] = (),
        only: Sequence[str] = (),
        fits_key: Callable[[WordKey], bool] = lambda _: True,
    ) -> "Words":
        """The words that these characters can spell.

        ids: character -> id. header: lines of M, L and K that are given, in whatever spelling. only: of the letters
        that these lines begin with, no others but given ones. fits_key: which keys there shall be.
        """
        builder = _Builder(ids)
        lengths = {text: grains for text, grains in _lengths().items() if set(text) <= set(ids)}
        keys: list[WordKey] = []
        lines: dict[str, int] = {}
        for line, word in _header_lines(header, only, keys, min([GRAINS, *lengths.values()])):
            if not set(line) <= set(ids) or (word.kind is Kind.KEY and not fits_key(keys[word.a])):
                continue
            builder.add(ROOT_HEADER, line, word)
            builder.add(ROOT_BODY, line, word)
            lines[line] = builder.index[word]
        builder.add_rhythm()
        for text, word in _music():
            builder.add(ROOT_BODY, text, word)
        builder.add_texts()
        for text, grains in lengths.items():
            for root in (ROOT_NOTE, ROOT_LENGTH):
                builder.add(root, text, Word(Kind.LENGTH, grains))
        builder.add(ROOT_NOTE, ",", Word(Kind.OCTAVE, -12))
        builder.add(ROOT_NOTE, "'", Word(Kind.OCTAVE, 12))
        return builder.build(keys, lines)

    def lines_of(self, kind: Kind) -> list[str]:
        """The lines of a header that are words of this kind."""
        return [line for line, word in self.lines.items() if self.words[word].kind is kind]

    def spells(self, kind: Kind, **numbers: int) -> bool:
        """Whether there is a word of this kind with these numbers."""
        return any(
            word.kind is kind and all(getattr(word, name) == value for name, value in numbers.items())
            for word in self.words
        )


# ---- the words


def _header_lines(
    given: Sequence[str], only: Sequence[str], keys: list[WordKey], shortest: int
) -> Iterator[tuple[str, Word]]:
    """Lines of M, L and K; the words of keys are indices into `keys`, which this fills.

    shortest: the shortest length that can be written, in grains; a meter is left out where it fills no bar of any unit.
    """
    restricted = {line[0] for line in only}
    usual = [*only, *(line for line in _usual_lines() if line[0] not in restricted)]
    read = {line: read_value(line[0], line[2:].strip()) for line in dict.fromkeys([*given, *usual])}
    given_units = {ticks for line in given if (ticks := _unit_ticks(read[line])) is not None}
    units = given_units or {ticks for value in read.values() if (ticks := _unit_ticks(value)) is not None}
    for line, value in read.items():
        if isinstance(value, Meter):
            ticks = ticks_of(value.duration) if value.duration else 0
            fills = ticks is not None and any(ticks % (unit // GRAINS * shortest) == 0 for unit in units)
            if ticks is not None and fills and ticks < LONGEST_BAR:
                yield line, Word(Kind.METER, ticks, int(value.compound), int(value.duration in ACCOMPANIED))
        elif (unit := _unit_ticks(value)) is not None:
            yield line, Word(Kind.UNIT, unit)
        elif isinstance(value, Key):
            keys.append(WordKey.of(value))
            yield line, Word(Kind.KEY, len(keys) - 1)


def _unit_ticks(value: Key | Meter | Fraction | str | None) -> int | None:
    """A unit note length in ticks; None for anything else, and where broken rhythm could not halve its notes twice."""
    if not isinstance(value, Fraction):
        return None
    quarter = ticks_of(value / GRAINS / 4)
    return None if quarter is None else quarter * GRAINS * 4


def ticks_of(duration: Fraction) -> int | None:
    """A duration in ticks; None when it is no whole number of them."""
    ticks = duration * WHOLE
    return int(ticks) if ticks.denominator == 1 else None


def _usual_lines() -> Iterator[str]:
    for unit in (1, 2, 4, 8, 16):
        for beats in range(1, 20):
            yield f"M:{beats}/{unit}\n"
    for unit in (1, 2, 4, 8, 16, 32):
        yield f"L:1/{unit}\n"
    for sign, shift in (("", 0), ("#", 7), ("b", -7)):
        for letter in LETTERS:
            for mode, sharps in MODE_SHARPS.items():
                if abs(LETTER_SHARPS[letter] + shift + sharps) <= MOST_SHARPS:
                    yield f"K:{value_text(Key(letter + sign, mode))}\n"


def _music() -> Iterator[tuple[str, Word]]:
    yield "\n", Word(Kind.LINE_END)
    yield " ", Word(Kind.SPACE)
    for index, letter in enumerate(LETTERS):
        yield letter, Word(Kind.LETTER, 60 + SEMITONES[letter], index, 0)
        yield letter.lower(), Word(Kind.LETTER, 72 + SEMITONES[letter], index, 1)
    for sign, semitones in (("^", 1), ("^^", 2), ("_", -1), ("__", -2), ("=", 0)):
        yield sign, Word(Kind.ACCIDENTAL, semitones)
    for sign in "zx":
        yield sign, Word(Kind.REST)
    yield from (("[", Word(Kind.CHORD_OPEN)), ("]", Word(Kind.CHORD_CLOSE)))
    yield from (("{", Word(Kind.GRACE_OPEN)), ("{/", Word(Kind.GRACE_OPEN)), ("}", Word(Kind.GRACE_CLOSE)))
    yield from (("-", Word(Kind.TIE)), ("(", Word(Kind.SLUR_OPEN)), (")", Word(Kind.SLUR_CLOSE)))
    for count in (1, 2):
        yield ">" * count, Word(Kind.BROKEN, count)
        yield "<" * count, Word(Kind.BROKEN, -count)
    yield from _tuplets()
    yield from _bar_lines()
    for sign in SHORTHANDS:
        yield sign, Word(Kind.SHORTHAND, {".": DOT, "T": TRILL, "~": ROLL, "H": FERMATA}.get(sign, SIGN))
    for name in sorted(DECORATIONS - {"breath"}):  # abc2midi makes that one a rest, which breaks ties and rhythms
        yield f"!{name}!", Word(Kind.DECORATION, FERMATA if "fermata" in name else TRILL if "trill" in name else SIGN)


def _tuplets() -> Iterator[tuple[str, Word]]:
    for notes, time in TUPLET_TIMES.items():
        for text in (f"({notes}", f"({notes}::{notes}"):
            yield text, Word(Kind.TUPLET, notes, time or 0, notes)
        for time in range(1, 10):
            for text in (f"({notes}:{time}", f"({notes}:{time}:{notes}"):
                yield text, Word(Kind.TUPLET, notes, time, notes)


def _bar_lines() -> Iterator[tuple[str, Word]]:
    plain = {"|": 0, ":|": ENDS}
    others = {
        **dict.fromkeys(("||", "|]", "[|"), DOUBLE),
        "|:": STARTS,
        **dict.fromkeys((":||", ":|]"), ENDS),
        **dict.fromkeys(("::", ":||:"), ENDS | STARTS),
    }
    for text, flags in (plain | others).items():
        yield text, Word(Kind.BAR, flags)
    for number in (1, 2):
        yield f"[{number}", Word(Kind.ENDING, number)
        for text, flags in plain.items():
            yield f"{text}{number}", Word(Kind.BAR, flags, number)
            yield f"{text}[{number}", Word(Kind.BAR, flags, number)


def _lengths() -> dict[str, int]:
    """Spelling -> grains."""
    lengths = {str(whole): whole * GRAINS for whole in (*range(1, 17), 24, 32)}
    for signs, below in (("/", 2), ("//", 4), ("///", 8), ("/2", 2), ("/4", 4), ("/8", 8)):
        lengths[signs] = GRAINS // below
        for above in range(1, 16, 2):
            lengths[f"{above}{signs}"] = above * GRAINS // below
    return lengths


# ---- the automaton


@dataclass
class _Builder:
    ids: Mapping[str, int]
    words: list[Word] = field(default_factory=list)
    edges: list[dict[int, int]] = field(default_factory=lambda: [{} for _ in range(4)])
    ended: list[int] = field(default_factory=lambda: [-1] * 4)
    index: dict[Word, int] = field(default_factory=dict)
    only: dict[int, int] = field(default_factory=dict)  # nodes behind which one word alone lies, with many ways to it

    def add(self, root: int, text: str, word: Word) -> None:
        """One word, if the vocabulary has its characters."""
        if not all(character in self.ids for character in text):
            return
        node = root
        for character in text:
            node = self._step(node, character)
        self.ended[node] = self._index(word)

    def add_rhythm(self) -> None:
        """`R:`, words, and a line end."""
        if not all(character in self.ids for character in "R:\n"):
            return
        word = self._index(Word(Kind.RHYTHM))
        letters = [c for c in self.ids if c.isalnum() or c in " -'"]
        start = self._step(self._step(ROOT_HEADER, "R"), ":")
        last = self._chain([start], [c for c in letters if c.isalpha()], letters, word)
        end = self._leaf(word)
        for node in last:
            self.edges[node][self.ids["\n"]] = end

    def add_texts(self) -> None:
        """Chord symbols, and annotations, which begin with a sign."""
        if '"' not in self.ids:
            return
        start = self._step(ROOT_BODY, '"')
        annotation, symbol = self._index(Word(Kind.TEXT)), self._index(Word(Kind.TEXT, 1))
        sensible = [c for c in self.ids if c.isprintable() and c not in '"%\\']
        annotations = self._chain([start], [c for c in sensible if c in "^_<>@"], sensible, annotation)
        for nodes, word in ((annotations, annotation), (self._chord_symbols(start, symbol), symbol)):
            end = self._leaf(word)
            for node in nodes:
                self.edges[node][self.ids['"']] = end

    def _chord_symbols(self, start: int, word: int) -> list[int]:
        """Nodes behind a whole symbol such as G, Am, F#m7, D7/F#."""
        named = self._roots([start], word)
        whole = list(named)
        for suffix in ("m", "7", "m7", "maj7", "dim", "aug", "sus4", "6", "9"):
            nodes = named
            for character in suffix:
                nodes = self._fan(nodes, [character], word)
            whole += nodes
        return [*dict.fromkeys(whole), *self._roots(self._fan(whole, ["/"], word), word)]

    def _roots(self, nodes: Sequence[int], word: int) -> list[int]:
        named = self._fan(nodes, LETTERS, word)
        return [*named, *self._fan(named, "#b", word)]

    def _chain(self, nodes: list[int], first: Iterable[str], others: Iterable[str], word: int) -> list[int]:
        """Nodes behind one of `first` and any number of `others`, up to LONGEST_TEXT characters in all."""
        nodes = self._fan(nodes, first, word)
        found = list(nodes)
        for _ in range(LONGEST_TEXT - 1):
            nodes = self._fan(nodes, others, word)
            found += nodes
        return found

    def _fan(self, nodes: Sequence[int], characters: Iterable[str], word: int) -> list[int]:
        """The node behind any of `characters` from each of `nodes`: one new node, and those that were there."""
        known = [self.ids[c] for c in characters if c in self.ids]
        if not known or not nodes:
            return []
        behind: dict[int, None] = {}
        fresh = -1
        for node in nodes:
            for character in known:
                if character not in self.edges[node]:
                    if fresh < 0:
                        fresh = self._node()
                        self.only[fresh] = word
                    self.edges[node][character] = fresh
                behind[self.edges[node][character]] = None
        return list(behind)

    def _step(self, node: int, character: str) -> int:
        edges = self.edges[node]
        if self.ids[character] not in edges:
            edges[self.ids[character]] = self._node()
        return edges[self.ids[character]]

    def _node(self) -> int:
        self.edges.append({})
        self.ended.append(-1)
        return len(self.edges) - 1

    def _leaf(self, word: int) -> int:
        node = self._node()
        self.ended[node] = word
        return node

    def _index(self, word: Word) -> int:
        if word not in self.index:
            self.index[word] = len(self.words)
            self.words.append(word)
        return self.index[word]

    def build(self, keys: Sequence[WordKey], lines: Mapping[str, int]) -> Words:
        """The automaton; a word within stands behind no shorter one's."""
        within: list[tuple[int, ...]] = [()] * len(self.edges)
        for node in reversed(range(len(self.edges))):  # children are made after their parents
            if node in self.only:
                within[node] = (self.only[node],)
                continue
            own = (self.ended[node],) if self.ended[node] >= 0 else ()
            below = dict.fromkeys(word for child in self.edges[node].values() for word in within[child])
            within[node] = tuple(dict.fromkeys((*own, *below)))
        lengths = [[self.words[word].a for word in words if self.words[word].kind is Kind.LENGTH] for words in within]
        return Words(
            words=tuple(self.words),
            keys=tuple(keys) or (WordKey((0,) * 7, -1),),
            lines=lines,
            edges=tuple(self.edges),
            ended=tuple(self.ended),
            within=tuple(within),
            least=tuple(min(found, default=0) for found in lengths),
        )
