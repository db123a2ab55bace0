"""The tables of the tunebook.

A tune has versions, which form a tree: each names the one that it was made from, and the tune names the one that is
current, so that undoing moves to the parent and nothing is lost. What is deleted has a date and stays until it is
removed for good.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from songrnn.studio.archive.records import LONGEST_TAG, LONGEST_TITLE


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To the database."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables; constraints have names, so that migrations can change them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class TuneRow(Base):
    """A tune. current: the number of its current version, whose rhythm, key and meter stand here to be searched.

    search_text: all that is searched for words, folded (`finding.folded`).
    """

    __tablename__ = "tunes"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    rhythm: Mapped[str] = mapped_column(Text, index=True)
    key: Mapped[str] = mapped_column(Text, index=True)
    meter: Mapped[str] = mapped_column(Text)
    stars: Mapped[int] = mapped_column(default=0)
    notes: Mapped[str] = mapped_column(Text, default="")
    current: Mapped[int]
    search_text: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    changed_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcTime)

    versions: Mapped[list["VersionRow"]] = relationship(
        order_by="VersionRow.number", cascade="all, delete-orphan", passive_deletes=True
    )
    tags: Mapped[list["TagRow"]] = relationship(
        order_by="TagRow.name", cascade="all, delete-orphan", passive_deletes=True
    )


class VersionRow(Base):
    """One version of a tune: its text, how it came about, and all that is needed to compose it again.

    request: the settings with the seed; tune_number: which tune of the seed; checkpoint: the digest of the model;
    engine: what computed. music_digest: of the text without title and number, to recognise what is there already.
    """

    __tablename__ = "versions"
    __table_args__ = (
        UniqueConstraint("tune_id", "number"),
        ForeignKeyConstraint(["tune_id", "parent"], ["versions.tune_id", "versions.number"], name="fk_versions_parent"),
        Index("ix_versions_music_digest", "music_digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tune_id: Mapped[int] = mapped_column(ForeignKey("tunes.id", ondelete="CASCADE"))
    number: Mapped[int]
    parent: Mapped[int | None]
    origin: Mapped[str] = mapped_column(String(20))
    abc: Mapped[str] = mapped_column(Text)
    music_digest: Mapped[str] = mapped_column(String(64))
    request: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    tune_number: Mapped[int | None] = mapped_column(BigInteger)
    checkpoint: Mapped[str] = mapped_column(Text, default="")
    engine: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    program: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcTime)


class TagRow(Base):
    """One tag of one tune."""

    __tablename__ = "tags"

    tune_id: Mapped[int] = mapped_column(ForeignKey("tunes.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_TAG), primary_key=True, index=True)


class SetRow(Base):
    """Tunes that are played one after another."""

    __tablename__ = "sets"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    notes: Mapped[str] = mapped_column(Text, default="")
    changed_at: Mapped[datetime] = mapped_column(UtcTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcTime)

    places: Mapped[list["PlaceRow"]] = relationship(
        order_by="PlaceRow.position", cascade="all, delete-orphan", passive_deletes=True
    )


class PlaceRow(Base):
    """A place in a set, from 0, and the tune that is played there; a tune may come again."""

    __tablename__ = "set_places"

    set_id: Mapped[int] = mapped_column(ForeignKey("sets.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    tune_id: Mapped[int] = mapped_column(ForeignKey("tunes.id", ondelete="CASCADE"), index=True)
