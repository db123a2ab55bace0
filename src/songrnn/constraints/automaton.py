"""The tokens that the characters of one vocabulary can spell, as one automaton over their ids."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from songrnn.constraints.spellings import CLOSED_BY, header_lines, lengths_by_spelling, music
from songrnn.constraints.tokens import (
    GRAINS,
    ROOT_BODY,
    ROOT_HEADER,
    ROOT_LENGTH,
    ROOT_NOTE,
    Kind,
    Token,
    TokenAutomaton,
    TokenKey,
)
from songrnn.notation.grammar import LETTERS

HORNPIPE = "R:hornpipe\n"
LONGEST_TEXT = 24
"""Characters of a chord symbol, an annotation or a rhythm; the automaton has a node for each."""


def token_automaton(
    ids: Mapping[str, int],
    *,
    header: Sequence[str] = (),
    only: Sequence[str] = (),
    fits_key: Callable[[TokenKey], bool] = lambda _: True,
) -> TokenAutomaton:
    """The tokens that these characters can spell.

    ids: character -> id. header: lines of M, L and K that are given, in any spelling. only: of the letters
    that these lines begin with, no others but given ones. fits_key: whether a key is allowed.
    """
    builder = _Builder(ids)
    lengths = {text: grains for text, grains in lengths_by_spelling().items() if set(text) <= set(ids)}
    keys: list[TokenKey] = []
    lines: dict[str, int] = {}
    for line, token in header_lines(header, only, keys, min([GRAINS, *lengths.values()])):
        if not set(line) <= set(ids) or (token.kind is Kind.KEY and not fits_key(keys[token.a])):
            continue
        builder.add(ROOT_HEADER, line, token)
        builder.add(ROOT_BODY, line, token)
        lines[line] = builder.index[token]
    builder.add_rhythm()
    for text, token in music():
        if text not in CLOSED_BY or CLOSED_BY[text] in ids:  # an element that no character could close is not opened
            builder.add(ROOT_BODY, text, token)
    builder.add_texts()
    for text, grains in lengths.items():
        for root in (ROOT_NOTE, ROOT_LENGTH):
            builder.add(root, text, Token(Kind.LENGTH, grains))
    builder.add(ROOT_NOTE, ",", Token(Kind.OCTAVE, -12))
    builder.add(ROOT_NOTE, "'", Token(Kind.OCTAVE, 12))
    return builder.build(keys, lines)


@dataclass
class _Builder:
    """The automaton under construction: the four roots first, then a node after each character of a token."""

    ids: Mapping[str, int]
    tokens: list[Token] = field(default_factory=list)
    edges: list[dict[int, int]] = field(default_factory=lambda: [{} for _ in range(4)])
    ended: list[int] = field(default_factory=lambda: [-1] * 4)
    index: dict[Token, int] = field(default_factory=dict)
    only: dict[int, int] = field(default_factory=dict)  # nodes that only one token leaves, with many paths to it

    def add(self, root: int, text: str, token: Token) -> None:
        """One token, if the vocabulary has its characters."""
        if not all(character in self.ids for character in text):
            return
        node = root
        for character in text:
            node = self._step(node, character)
        self.ended[node] = self._index(token)

    def add_rhythm(self) -> None:
        """`R:`, words, and a line end; a hornpipe is a token of its own, and nothing else begins like one."""
        if not all(character in self.ids for character in "R:\n"):
            return
        self.add(ROOT_HEADER, HORNPIPE, Token(Kind.RHYTHM, 1))
        token = self._index(Token(Kind.RHYTHM))
        letters = [c for c in self.ids if c.isprintable() and not c.isupper() and c not in "%\\"]
        start = self._step(self._step(ROOT_HEADER, "R"), ":")
        last = self._chain([start], [c for c in letters if c.isalpha()], letters, token)
        for node in last:
            if self.ids["\n"] in self.edges[node]:
                self.edges[node] = {self.ids["\n"]: self.edges[node][self.ids["\n"]]}
        self._close(last, "\n", token)

    def add_texts(self) -> None:
        """Chord symbols, and annotations, which begin with a sign."""
        if '"' not in self.ids:
            return
        start = self._step(ROOT_BODY, '"')
        annotation, symbol = self._index(Token(Kind.ANNOTATION)), self._index(Token(Kind.CHORD_SYMBOL))
        sensible = [c for c in self.ids if c.isprintable() and c not in '"%\\']
        first = [c for c in sensible if c in "^_<>@"]
        self._close(self._chain([start], first, sensible, annotation), '"', annotation)
        self._close(self._chord_symbols(start, symbol), '"', symbol)

    def _chord_symbols(self, start: int, token: int) -> list[int]:
        """Nodes after a whole symbol such as G, Am, F#m7, D7/F#."""
        named = self._roots([start], token)
        whole = list(named)
        for suffix in ("m", "7", "m7", "maj7", "dim", "aug", "sus4", "6", "9"):
            nodes = named
            for character in suffix:
                nodes = self._fan(nodes, [character], token)
            whole += nodes
        return [*dict.fromkeys(whole), *self._roots(self._fan(whole, ["/"], token), token)]

    def _roots(self, nodes: Sequence[int], token: int) -> list[int]:
        named = self._fan(nodes, LETTERS, token)
        return [*named, *self._fan(named, "#b", token)]

    def _chain(self, nodes: list[int], first: Iterable[str], others: Iterable[str], token: int) -> list[int]:
        """Nodes after one of `first` and any number of `others`, up to LONGEST_TEXT characters in all."""
        nodes = self._fan(nodes, first, token)
        found = list(nodes)
        for _ in range(LONGEST_TEXT - 1):
            nodes = self._fan(nodes, others, token)
            found += nodes
        return found

    def _fan(self, nodes: Sequence[int], characters: Iterable[str], token: int) -> list[int]:
        """The node after any of `characters` from each of `nodes`: one new node, and those that were there."""
        known = [self.ids[c] for c in characters if c in self.ids]
        if not known or not nodes:
            return []
        after: dict[int, None] = {}
        fresh = -1
        for node in nodes:
            for character in known:
                if character not in self.edges[node]:
                    if fresh < 0:
                        fresh = self._node()
                        self.only[fresh] = token
                    self.edges[node][character] = fresh
                after[self.edges[node][character]] = None
        return list(after)

    def _step(self, node: int, character: str) -> int:
        edges = self.edges[node]
        if self.ids[character] not in edges:
            edges[self.ids[character]] = self._node()
        return edges[self.ids[character]]

    def _node(self) -> int:
        self.edges.append({})
        self.ended.append(-1)
        return len(self.edges) - 1

    def _close(self, nodes: Sequence[int], character: str, token: int) -> None:
        """The token ends with this character after each of `nodes`, where none stands there yet."""
        end = self._node()
        self.ended[end] = token
        for node in nodes:
            self.edges[node].setdefault(self.ids[character], end)

    def _index(self, token: Token) -> int:
        if token not in self.index:
            self.index[token] = len(self.tokens)
            self.tokens.append(token)
        return self.index[token]

    def build(self, keys: Sequence[TokenKey], lines: Mapping[str, int]) -> TokenAutomaton:
        """The automaton; of the tokens within a node shorter ones come first."""
        within: list[tuple[int, ...]] = [()] * len(self.edges)
        for node in reversed(range(len(self.edges))):  # children are made after their parents
            if node in self.only:
                within[node] = (self.only[node],)
                continue
            own = (self.ended[node],) if self.ended[node] >= 0 else ()
            below = dict.fromkeys(token for child in self.edges[node].values() for token in within[child])
            within[node] = tuple(dict.fromkeys((*own, *below)))
        return TokenAutomaton(
            tokens=tuple(self.tokens),
            keys=tuple(keys) or (TokenKey((0,) * 7, -1),),
            lines=lines,
            edges=tuple(self.edges),
            ended=tuple(self.ended),
            within=tuple(within),
        )
