"""Stretches of a line of music that are language: `slowly`, `D.C. al Coda`, `&lt;`, `<br>`.

Most letters are notes or decorations, so a word read letter by letter leaves some of them as notes. A word is
recognised by letters that mean nothing in music. One such letter alone is no sign of a word: old tunebooks have letters
of their own for decorations, without the U: field that would explain them, and nearly all of these are `k` or capitals.
So a run of letters is a word when it has

- a letter that is not ASCII,
- three different letters without a meaning, or two of which one is of h-j, l-t, w,
- or one of h-j, l-t, w (or, all in capitals, two different letters without a meaning), no capital after a small
  letter, at most seven letters, and is between blanks, bar lines or brackets.

Words are one stretch together with the signs and the one very short word between them, with `D.C.`, `D.S.`, `Da` or
`Dal` before them, and with the letter of a part beside them (`Part A`, `A part`).
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

MEANINGLESS = frozenset("IJKNQRUVWYhijklmnopqrstw")  # letters that the standard leaves without a meaning in music
_OF_LANGUAGE = frozenset("hijlmnopqrstw")

_LETTER = r"[^\W\d_]"
_SIGN_ENTITIES = r"(?:lt|gt|amp|quot|apos|\#(?:34|38|39|60|62));"  # any other stands for a letter, within a word
_SUSPICIOUS = re.compile(r"[IJKNQRUVWYh-tw]|[^\x00-\x7F]|&[#A-Za-z]|<[/A-Za-z]|D\.|D[CS]")
_RUN = re.compile(
    rf"""
      "[^"]*+" | "[^"]*+$ | ![^!|\s"]{{1,40}}! | \[[A-Za-z]:[^\]]{{0,999}}\] | \+[A-Za-z.]{{1,40}}\+
    | (?P<entity>&{_SIGN_ENTITIES}
        |{_LETTER}*+&(?!{_SIGN_ENTITIES})(?:\#x?\w{{1,6}}|[A-Za-z]{{2,8}}\d{{0,2}});{_LETTER}*+)
    | (?P<tag></[A-Za-z]\w{{0,9}}>|<(?:br|p|pre|font|span|div|td|tr|hr|li|ul|sup|sub)(?:\s[^<>|]{{0,60}}|/)?>)
    | (?P<sign>(?<![^\s(|:])(?:D\.[ ]?[CS]\.(?=\s|$|al\b)|da[ ]{{1,3}}(?i:capo|segno|coda)(?!\w)))
    | (?P<run>{_LETTER}++(?:['’]{_LETTER}++)*+)
    """,
    re.VERBOSE,
)
_BETWEEN = re.compile(r"[\s.,;:!?'’()/@_-]{0,9}(?:(?:[^\W\d_]{1,3}|\d{1,2})[\s.,;:!?'’()/@_-]{1,9})?")
_BEFORE = re.compile(
    r"(?:(?:(?<=[\s(|:])|^)(?:D\.[ ]?[CS]\.|D[CS]\s|D[aA][lL]?\s)\s{0,3})?(?:(?:(?<=[\s(])|^)\d{1,2})?\Z"
)
_AFTER = re.compile(r"[.,:;?]{1,5}(?=\s|$)")
_LABEL = re.compile(
    r"(?:part|strain|section|verse|tune|teil|parte|partie|del)[ \t]{1,3}[A-H](?=[\s.,:;?)]|$)", re.IGNORECASE
)
_LETTER_BEFORE = re.compile(r"(?:(?<=[\s(|:])|^)[A-H][ \t]{1,3}\Z")
_PART = re.compile(r"(?:parts?|strain|section|teil|parte)(?!\w)", re.IGNORECASE)
_EDGES = (*" \t()|:]0123456789", "")
_LONGEST_BEFORE = 12
_LONGEST_ALONE = 7


@dataclass(frozen=True, slots=True)
class Words:
    """A stretch of a line that is no music. markup: entities or tags are in it, which may have replaced music."""

    start: int
    end: int
    markup: bool


def find_words(line: str, explained: Collection[str] = ()) -> list[Words]:
    """The stretches of language in a line of music, in order. explained: letters that a U: field gives a meaning."""
    if not _SUSPICIOUS.search(line):
        return []
    joined: list[Words] = []
    for words in _single_words(line, explained):
        before = joined[-1] if joined else None
        if before and _BETWEEN.fullmatch(line, before.end, words.start):
            joined[-1] = Words(before.start, words.end, before.markup or words.markup)
        else:
            joined.append(words)
    return [_whole(line, words) for words in joined]


def _single_words(line: str, explained: Collection[str]) -> Iterator[Words]:
    for found in _RUN.finditer(line):
        if found["entity"] or found["tag"]:
            yield Words(found.start(), found.end(), markup=True)
        elif found["sign"] or (found["run"] and _is_language(line, found, explained)):
            yield Words(found.start(), found.end(), markup=False)


def _is_language(line: str, found: re.Match[str], explained: Collection[str]) -> bool:
    run = found["run"]
    letters = {letter for letter in run if not letter.isascii() or letter in MEANINGLESS} - {"’"}
    letters.difference_update(explained)
    if not letters or len(run) < 2:
        return False
    of_language = not letters.isdisjoint(_OF_LANGUAGE)
    if not all(map(str.isascii, letters)) or len(letters) >= 3 or (len(letters) == 2 and of_language):
        return True
    written_as_word = len(run) <= _LONGEST_ALONE and (run.isupper() or run[1:].islower())
    return (of_language or len(letters) == 2) and written_as_word and _stands_alone(line, found)


def _stands_alone(line: str, found: re.Match[str]) -> bool:
    before, after = line[max(0, found.start() - 1) : found.start()], line[found.end() : found.end() + 1]
    return before in _EDGES and (after in _EDGES or _AFTER.match(line, found.end()) is not None)


def _whole(line: str, words: Words) -> Words:
    """The stretch with what belongs to it: `D.C. al Coda`, `2nd time`, `Part A`, marks after it, brackets around it."""
    start, end = words.start, words.end
    first = max(0, start - _LONGEST_BEFORE)
    letter = _LETTER_BEFORE.search(line[first:start]) if _PART.match(line, start) else None
    if before := letter or _BEFORE.search(line[first:start]):
        start = first + before.start() if first == 0 or before.start() else start
    if label := _LABEL.search(line, max(start, end - _LONGEST_BEFORE), end + _LONGEST_BEFORE):
        end = max(end, label.end())
    if after := _AFTER.match(line, end):
        end = after.end()
    if line[start - 1 : start] == "(" and line[end : end + 1] == ")":
        start, end = start - 1, end + 1
    return Words(start, end, words.markup)
