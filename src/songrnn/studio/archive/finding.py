"""What is searched for -> SQL that every database understands: folded texts and LIKE, no extension of one of them."""

import re
import unicodedata

from sqlalchemy import ColumnElement, Select, select

from songrnn.corpus.fields import RHYTHMS, Dropped, canonical_field
from songrnn.studio.archive.records import TuneQuery
from songrnn.studio.archive.tables import PlaceRow, TagRow, TuneRow
from songrnn.studio.archive.tune_text import Facts

_ORDERS = {
    "changed": (TuneRow.changed_at.desc(), TuneRow.id.desc()),
    "title": (TuneRow.search_text, TuneRow.id),
    "stars": (TuneRow.stars.desc(), TuneRow.changed_at.desc(), TuneRow.id.desc()),
}


def folded(text: str) -> str:
    """`text` without capitals and accents, its words one blank apart: "Éire  Óg" -> "eire og"."""
    plain = unicodedata.normalize("NFKD", text)
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return " ".join(letters.casefold().split())


def search_text(title: str, facts: Facts, tags: tuple[str, ...], notes: str, abc: str) -> str:
    """All that is searched for words of one tune; it begins with the folded title, by which tunes are sorted."""
    parts = (title, facts.rhythm, facts.key, facts.key_words, facts.meter, *tags, notes, abc)
    return "\n".join(map(folded, parts))


def conditions(query: TuneQuery) -> list[ColumnElement[bool]]:
    """What must hold of a tune that is found."""
    found: list[ColumnElement[bool]] = [
        TuneRow.deleted_at.is_not(None) if query.deleted else TuneRow.deleted_at.is_(None)
    ]
    found += [TuneRow.search_text.like(f"%{_escaped(word)}%", escape="\\") for word in folded(query.words).split()]
    if query.rhythm:
        rhythm = " ".join(query.rhythm.lower().split())
        found.append(TuneRow.rhythm == RHYTHMS.get(rhythm, rhythm))
    for column, letter, value in ((TuneRow.key, "K", query.key), (TuneRow.meter, "M", query.meter)):
        if value:
            found.append(column == _canonical(letter, value))
    if query.tag:
        found.append(TuneRow.id.in_(select(TagRow.tune_id).where(TagRow.name == query.tag)))
    if query.stars:
        found.append(TuneRow.stars >= query.stars)
    if query.set is not None:
        found.append(TuneRow.id.in_(select(PlaceRow.tune_id).where(PlaceRow.set_id == query.set)))
    return found


def tunes_on_page(query: TuneQuery) -> Select[TuneRow]:
    """The rows of one page, in order."""
    ordered = select(TuneRow).where(*conditions(query)).order_by(*_ORDERS[query.order])
    return ordered.offset(query.offset).limit(query.limit)


def _escaped(word: str) -> str:
    return re.sub(r"[\\%_]", r"\\\g<0>", word)


def _canonical(letter: str, value: str) -> str:
    try:
        return canonical_field(letter, value)
    except Dropped:
        return value  # no tune has it
