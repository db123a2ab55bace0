"""Prompts in words: "a jig in D" is refused with the options that request it."""

import re

from songrnn.corpus.body import UNEXPLAINED, music_alone
from songrnn.corpus.fields import FIELD_LINE, Dropped, canonical_field
from songrnn.errors import PromptError
from songrnn.notation.lines import without_comment

RHYTHMS = (
    *("slip jig", "double jig", "single jig", "hop jig", "slide", "jig", "reel", "hornpipe", "strathspey", "polka"),
    *("mazurka", "schottische", "barndance", "barn dance", "set dance", "waltz", "march", "slow air", "air", "minuet"),
    *("highland", "fling", "quickstep", "lament", "song"),
)
"""Names in prompts in words; a longer name before one that it contains."""

_WORDS = re.compile(r"[A-Za-z]{3,}")
_NO_WORDS = re.compile(r'"[^"]*$|![^!|\s"]+$|\+[A-Za-z.]{4,}\+')
"""A text or decoration that the line leaves open, and decorations of old, such as +trill+."""
_UNEXPLAINED = re.compile(f"[{UNEXPLAINED}]")
_LETTERS_OF_A_WORD = 2
"""A word has so many different letters that mean nothing in music; one may be a decoration of the user's own."""
_RHYTHM = re.compile(rf"\b({'|'.join(RHYTHMS)})s?\b", re.IGNORECASE)
_KEY = re.compile(r"\b(?:in|key of) (?:the key of )?([A-G](?:#|b|♯|♭)?(?: ?-?(?:[A-Za-z]+))?)", re.IGNORECASE)
_METER = re.compile(r"\b(\d{1,2}/\d{1,2})\b")


def refuse_words(prompt: str) -> None:
    """Raises PromptError, with the options to use, for a line of words that is neither music, field nor comment."""
    lines = [(number, line.strip()) for number, line in enumerate(map(without_comment, prompt.split("\n")), start=1)]
    music = [(number, line) for number, line in lines if FIELD_LINE.match(line) is None]
    for number, line in music:
        if _is_words(line):
            raise PromptError(
                f"the prompt's line {number}, {line!r}, has words that are not ABC; leave them out, or ask for a kind "
                f"of tune with options such as {_options(' '.join(line for _, line in music))}"
            )


def _is_words(line: str) -> bool:
    words = _WORDS.findall(_NO_WORDS.sub("", music_alone(line)))
    return any(len(set(_UNEXPLAINED.findall(word))) >= _LETTERS_OF_A_WORD for word in words)


def _options(text: str) -> str:
    """The options for the names in the words, as far as there are any."""
    rhythm, key, meter = _RHYTHM.search(text), _key(text), _METER.search(text)
    options = []
    if rhythm:
        name = rhythm[1].lower()
        options.append(f"--rhythm '{name}'" if " " in name else f"--rhythm {name}")
    if meter:
        options.append(f"--meter {meter[1]}")
    if key:
        options.append(f"--key '{key}'" if " " in key else f"--key {key}")
    return " ".join(options) or "--rhythm reel --key D"


def _key(text: str) -> str:
    """The key that the words name, if it is ABC; else ""."""
    found = _KEY.search(text)
    if found is None:
        return ""
    for key in (found[1], found[1].split()[0]):
        try:
            canonical_field("K", key)
        except Dropped:
            continue
        return key
    return ""
