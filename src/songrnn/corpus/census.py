"""Counts of a corpus: how many tunes have each meter, key or rhythm."""

from collections import Counter
from collections.abc import Iterable

from songrnn.corpus.cleaning import Dropped, canonical_field
from songrnn.corpus.fields import FIELD_LINE

NONE = "(none)"
UNKNOWN = "(unknown)"


def field_counts(tunes: Iterable[str], letter: str) -> dict[str, int]:
    """Canonical value of the field R, M, L or K -> number of tunes, the commonest first.

    tunes: texts in raw or tunebook form; the first such field of each tune counts. "(none)" counts tunes without
    the field or with an empty one, "(unknown)" for values without a meaning in ABC (raw form only).
    """
    return dict(Counter(_value(tune, letter) for tune in tunes).most_common())


def _value(tune: str, letter: str) -> str:
    for line in tune.split("\n"):
        field = FIELD_LINE.match(line)
        if field is not None and field["letter"] == letter:
            try:
                return canonical_field(letter, field["value"]) or NONE
            except Dropped:
                return UNKNOWN
    return NONE
