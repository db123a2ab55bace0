"""The tables of blind listening, beside those of the tunebook.

A round has pairs; whoever takes part in it has a name and a secret, and answers each pair once. What is deleted here is
gone: a round can be made again, its answers cannot.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from songrnn.studio.archive.records import LONGEST_TITLE
from songrnn.studio.archive.tables import Base, UtcTime
from songrnn.studio.listening.records import LONGEST_CODE, LONGEST_NAME


class RoundRow(Base):
    """A round of listening. seed: of the composed tunes; checkpoint: the digest of the model that composed them."""

    __tablename__ = "listening_rounds"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(LONGEST_CODE), unique=True)
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    source: Mapped[str] = mapped_column(String(20))
    model: Mapped[str] = mapped_column(Text)
    checkpoint: Mapped[str] = mapped_column(Text)
    seed: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)

    pairs: Mapped[list["PairRow"]] = relationship(
        order_by="PairRow.number", cascade="all, delete-orphan", passive_deletes=True
    )
    participants: Mapped[list["ParticipantRow"]] = relationship(
        order_by="ParticipantRow.id", cascade="all, delete-orphan", passive_deletes=True
    )


class PairRow(Base):
    """Two tunes of one rhythm, meter and key. human_first: whether the human one is shown first."""

    __tablename__ = "listening_pairs"

    round_id: Mapped[int] = mapped_column(ForeignKey("listening_rounds.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    human: Mapped[str] = mapped_column(Text)
    composed: Mapped[str] = mapped_column(Text)
    human_title: Mapped[str] = mapped_column(Text)
    human_first: Mapped[bool]


class ParticipantRow(Base):
    """Who takes part in one round. secret: what the browser shows to answer under this name."""

    __tablename__ = "listening_participants"
    __table_args__ = (UniqueConstraint("round_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("listening_rounds.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    secret: Mapped[str] = mapped_column(String(40), unique=True)
    joined_at: Mapped[datetime] = mapped_column(UtcTime)

    answers: Mapped[list["AnswerRow"]] = relationship(
        order_by="AnswerRow.number", cascade="all, delete-orphan", passive_deletes=True
    )


class AnswerRow(Base):
    """Which tune of a pair somebody took for the human one, after so many seconds."""

    __tablename__ = "listening_answers"

    participant_id: Mapped[int] = mapped_column(
        ForeignKey("listening_participants.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    chose_first: Mapped[bool]
    seconds: Mapped[float | None]
    answered_at: Mapped[datetime] = mapped_column(UtcTime)
