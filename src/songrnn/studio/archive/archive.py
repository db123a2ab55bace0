"""`Archive`: the tunebook's tunes, their versions and tags. Every change is one transaction: it is there whole, or not.

One process may use it from several threads, and several processes may use one database.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from sqlalchemy import Engine, Select, delete, func, select
from sqlalchemy.orm import Session, selectinload

import songrnn
from songrnn.database import DatabaseAddress
from songrnn.studio.archive.finding import conditions, search_text, tunes_on_page
from songrnn.studio.archive.opening import MIGRATIONS, WRITING, database_address, open_database
from songrnn.studio.archive.records import (
    Count,
    KeptTune,
    NewTune,
    NewVersion,
    NotKept,
    TuneChange,
    TuneList,
    TuneQuery,
    TuneSummary,
    Version,
    VersionSummary,
)
from songrnn.studio.archive.tables import TagRow, TuneRow, VersionRow
from songrnn.studio.archive.titles import own_title, propose_titles
from songrnn.studio.archive.tune_text import Facts, facts_of, music_digest, one_tune, titled

Clock = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(UTC)


class Archive:
    """An open tunebook. copied: in words, where the copy of an older database is; "" for none.

    Raises NotKept for a number that nothing has.
    """

    def __init__(self, engine: Engine, address: DatabaseAddress, copied: str = "", clock: Clock = _now) -> None:
        self._address, self.copied, self.now = address, copied, clock
        self._reading, self._writing = engine, engine.execution_options(**{WRITING: True})

    @classmethod
    def open(cls, address: str | Path, migrations: Path = MIGRATIONS, clock: Clock = _now) -> Self:
        """The tunebook in a database, made if it is not there; raises what `open_database` raises."""
        of_database = database_address(address)
        engine, copied = open_database(of_database, migrations)
        return cls(engine, of_database, copied, clock)

    def close(self) -> None:
        """End all connections."""
        self._reading.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that changes nothing."""
        with self._address.clear_errors(), Session(self._reading) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are kept at its end; none of them after an exception."""
        with self._address.clear_errors(), Session(self._writing) as session, session.begin():
            yield session

    def keep(self, new: NewTune) -> KeptTune:
        """Keep a tune; when this returns, it is on the disk. Raises AbcSyntaxError for what is no ABC."""
        abc = one_tune(new.abc)
        facts = facts_of(abc)
        title = new.title or own_title(facts.title) or propose_titles(facts, abc)[0]
        with self.writing() as session:
            row = TuneRow(
                title=title,
                stars=new.stars,
                notes=new.notes,
                current=1,
                made_at=self.now(),
                versions=[self._version(1, None, new, titled(abc, title))],
                tags=[TagRow(name=name) for name in new.tags],
            )
            self._update(row, facts)
            session.add(row)
            session.flush()
            return _tune(row)

    def add_version(self, tune: int, new: NewVersion) -> KeptTune:
        """Keep a version of a tune; it becomes the current one."""
        abc = one_tune(new.abc)
        facts = facts_of(abc)
        with self.writing() as session:
            row = _row(session, tune, locked=True)
            parent = row.current if new.parent is None else _version_row(row, new.parent).number
            number = 1 + max(version.number for version in row.versions)
            row.versions.append(self._version(number, parent, new, titled(abc, row.title)))
            row.current = number
            self._update(row, facts)
            session.flush()
            return _tune(row)

    def change(self, tune: int, change: TuneChange) -> KeptTune:
        """Change what the player says of a tune, or which version is the current one."""
        with self.writing() as session:
            row = _row(session, tune, locked=True)
            if change.current is not None:
                row.current = _version_row(row, change.current).number
            if change.tags is not None:
                kept = [tag for tag in row.tags if tag.name in change.tags]
                names = {tag.name for tag in kept}
                row.tags = sorted(
                    [*kept, *(TagRow(name=name) for name in change.tags if name not in names)],
                    key=lambda tag: tag.name,
                )
            for name in ("title", "stars", "notes"):
                if (value := getattr(change, name)) is not None:
                    setattr(row, name, value)
            self._update(row, facts_of(_current(row).abc))
            session.flush()
            return _tune(row)

    def delete(self, tune: int) -> KeptTune:
        """Put a tune among the deleted ones, from where it can be restored."""
        return self._mark_deleted(tune, self.now())

    def restore(self, tune: int) -> KeptTune:
        """Take a tune back from the deleted ones."""
        return self._mark_deleted(tune, None)

    def remove_for_good(self, tune: int) -> None:
        """Remove a deleted tune with all its versions. Raises NotKept unless it is among the deleted ones."""
        with self.writing() as session:
            row = _row(session, tune, locked=True)
            if row.deleted_at is None:
                raise NotKept(f"tune {tune} is not among the deleted ones; delete it first")
            session.execute(delete(TuneRow).where(TuneRow.id == tune))

    def tune(self, tune: int) -> KeptTune:
        """A tune, deleted or not."""
        with self.reading() as session:
            return _tune(_row(session, tune))

    def version(self, tune: int, number: int) -> Version:
        """A version with its text and what composed it."""
        with self.reading() as session:
            row = _version_row(_row(session, tune), number)
            return Version(
                **_summary_of_version(row).model_dump(), **{name: getattr(row, name) for name in _OF_VERSION}
            )

    def find(self, query: TuneQuery) -> TuneList:
        """One page of the tunes that are searched for."""
        with self.reading() as session:
            total = session.scalar(select(func.count()).select_from(TuneRow).where(*conditions(query)))
            rows = session.scalars(tunes_on_page(query).options(selectinload(TuneRow.tags)))
            return TuneList(total=total or 0, tunes=tuple(map(summary, rows)))

    def numbers(self) -> tuple[int, ...]:
        """Those of all tunes that are not deleted, by title."""
        statement = select(TuneRow.id).where(TuneRow.deleted_at.is_(None)).order_by(TuneRow.search_text, TuneRow.id)
        with self.reading() as session:
            return tuple(session.scalars(statement))

    def tags(self) -> tuple[Count, ...]:
        """All tags, each with how many tunes have it."""
        return self._counts(
            select(TagRow.name, func.count())
            .join(TuneRow, TuneRow.id == TagRow.tune_id)
            .where(TuneRow.deleted_at.is_(None))
            .group_by(TagRow.name)
            .order_by(TagRow.name)
        )

    def rhythms(self) -> tuple[Count, ...]:
        """All rhythms, each with how many tunes have it."""
        return self._counts(
            select(TuneRow.rhythm, func.count())
            .where(TuneRow.deleted_at.is_(None), TuneRow.rhythm != "")
            .group_by(TuneRow.rhythm)
            .order_by(TuneRow.rhythm)
        )

    def with_same_music(self, abc: str) -> int | None:
        """The number of a tune, not deleted, of which some version has the same music; None where there is none."""
        with self.reading() as session:
            return session.scalar(
                select(TuneRow.id)
                .join(VersionRow, VersionRow.tune_id == TuneRow.id)
                .where(TuneRow.deleted_at.is_(None), VersionRow.music_digest == music_digest(abc))
                .order_by(TuneRow.id)
                .limit(1)
            )

    def _counts(self, statement: Select[str, int]) -> tuple[Count, ...]:
        with self.reading() as session:
            return tuple(Count(value=value, tunes=tunes) for value, tunes in session.execute(statement))

    def _mark_deleted(self, tune: int, when: datetime | None) -> KeptTune:
        with self.writing() as session:
            row = _row(session, tune, locked=True)
            row.deleted_at = when
            return _tune(row)

    def _version(self, number: int, parent: int | None, new: NewVersion, abc: str) -> VersionRow:
        return VersionRow(
            number=number,
            parent=parent,
            origin=new.origin,
            abc=abc,
            music_digest=music_digest(abc),
            request=None if new.request is None else new.request.as_json(),
            tune_number=new.tune_number,
            checkpoint=new.checkpoint,
            engine=new.engine,
            program=songrnn.__version__,
            made_at=self.now(),
        )

    def _update(self, row: TuneRow, facts: Facts) -> None:
        """What follows from the current version and from what the player says of the tune."""
        row.rhythm, row.key, row.meter = facts.rhythm, facts.key, facts.meter
        row.changed_at = self.now()
        tags = tuple(tag.name for tag in row.tags)
        row.search_text = search_text(row.title, facts, tags, row.notes, _current(row).abc)


_OF_VERSION = ("abc", "request", "tune_number", "checkpoint", "engine", "program")


def summary(row: TuneRow) -> TuneSummary:
    """A tune as a list shows it."""
    names = TuneSummary.model_fields.keys() - {"tags"}
    return TuneSummary(**{name: getattr(row, name) for name in names}, tags=tuple(tag.name for tag in row.tags))


def _tune(row: TuneRow) -> KeptTune:
    return KeptTune(
        **summary(row).model_dump(),
        abc=titled(_current(row).abc, row.title),
        notes=row.notes,
        versions=tuple(map(_summary_of_version, row.versions)),
    )


def _summary_of_version(row: VersionRow) -> VersionSummary:
    return VersionSummary.model_validate(
        {
            "number": row.number,
            "parent": row.parent,
            "origin": row.origin,
            "made_at": row.made_at,
            "can_be_composed_again": row.origin == "composed" and _has_record(row),
        }
    )


def _has_record(row: VersionRow) -> bool:
    if row.request is None or row.tune_number is None or not row.checkpoint:
        return False
    return row.request["sampling"]["seed"] is not None


def _row(session: Session, tune: int, *, locked: bool = False) -> TuneRow:
    row = session.get(TuneRow, tune, with_for_update=locked)
    if row is None:
        raise NotKept(f"there is no tune {tune} in the tunebook")
    return row


def _version_row(row: TuneRow, number: int) -> VersionRow:
    for version in row.versions:
        if version.number == number:
            return version
    raise NotKept(f"tune {row.id} has no version {number}; it has 1 to {row.versions[-1].number}")


def _current(row: TuneRow) -> VersionRow:
    return _version_row(row, row.current)
