"""`Sets`: tunes that are played one after another, in the database of an archive."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from songrnn.studio.archive.archive import Archive, summary
from songrnn.studio.archive.records import NotKept, SetContent, TuneSet
from songrnn.studio.archive.tables import PlaceRow, SetRow, TuneRow


class Sets:
    """The sets of an archive. Raises NotKept for a number that no set, or no tune of a set, has."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def all(self, *, deleted: bool = False) -> tuple[TuneSet, ...]:
        """All sets by title, or all deleted ones."""
        wanted = SetRow.deleted_at.is_not(None) if deleted else SetRow.deleted_at.is_(None)
        with self._archive.reading() as session:
            rows = session.scalars(
                select(SetRow).where(wanted).options(selectinload(SetRow.places)).order_by(SetRow.title, SetRow.id)
            )
            return tuple(_set(session, row) for row in rows)

    def get(self, number: int) -> TuneSet:
        """One set, deleted or not."""
        with self._archive.reading() as session:
            return _set(session, _row(session, number))

    def keep(self, content: SetContent) -> TuneSet:
        """Keep a new set."""
        with self._archive.writing() as session:
            row = SetRow(title=content.title, notes=content.notes, changed_at=self._archive.now())
            session.add(row)
            row.places = _places(session, content.tunes)
            session.flush()
            return _set(session, row)

    def replace(self, number: int, content: SetContent) -> TuneSet:
        """Give a set this content in place of what it has; its deleted tunes stay in it, to be restored."""
        with self._archive.writing() as session:
            row = _row(session, number, locked=True)
            row.title, row.notes, row.changed_at = content.title, content.notes, self._archive.now()
            row.places = _places(session, _with_deleted(session, row, content))
            session.flush()
            return _set(session, row)

    def delete(self, number: int) -> TuneSet:
        """Put a set among the deleted ones; its tunes stay."""
        return self._mark_deleted(number, self._archive.now())

    def restore(self, number: int) -> TuneSet:
        """Take a set back from the deleted ones."""
        return self._mark_deleted(number, None)

    def _mark_deleted(self, number: int, when: datetime | None) -> TuneSet:
        with self._archive.writing() as session:
            row = _row(session, number, locked=True)
            row.deleted_at = when
            return _set(session, row)


def _row(session: Session, number: int, *, locked: bool = False) -> SetRow:
    row = session.get(SetRow, number, with_for_update=locked)
    if row is None:
        raise NotKept(f"there is no set {number} in the tunebook")
    return row


def _with_deleted(session: Session, row: SetRow, content: SetContent) -> list[int]:
    """The tunes of `content`, and those of the set that are deleted, each after the one that it followed."""
    before = [place.tune_id for place in row.places]
    deleted = set(
        session.scalars(select(TuneRow.id).where(TuneRow.id.in_(before), TuneRow.deleted_at.is_not(None)))
    ).difference(content.tunes)
    tunes, place = list(content.tunes), 0
    for tune in before:
        if tune in deleted:
            tunes.insert(place, tune)
            place += 1
        elif tune in tunes:
            place = tunes.index(tune, place if tune in tunes[place:] else 0) + 1
    return tunes


def _places(session: Session, tunes: Sequence[int]) -> list[PlaceRow]:
    there = set(session.scalars(select(TuneRow.id).where(TuneRow.id.in_(tunes))))
    for tune in tunes:
        if tune not in there:
            raise NotKept(f"there is no tune {tune} in the tunebook")
    return [PlaceRow(position=position, tune_id=tune) for position, tune in enumerate(tunes)]


def _set(session: Session, row: SetRow) -> TuneSet:
    """The set, with those of its tunes that are not deleted."""
    numbers = [place.tune_id for place in row.places]
    found = session.scalars(
        select(TuneRow).where(TuneRow.id.in_(numbers), TuneRow.deleted_at.is_(None)).options(selectinload(TuneRow.tags))
    )
    tunes = {tune.id: summary(tune) for tune in found}
    return TuneSet(
        id=row.id,
        title=row.title,
        notes=row.notes,
        tunes=tuple(tunes[number] for number in numbers if number in tunes),
        changed_at=row.changed_at,
        deleted_at=row.deleted_at,
    )
