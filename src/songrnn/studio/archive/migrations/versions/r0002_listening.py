"""Rounds of blind listening: pairs, participants and answers."""

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "listening_rounds",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("checkpoint", sa.Text, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_listening_rounds"),
        sa.UniqueConstraint("code", name="uq_listening_rounds_code"),
    )
    op.create_table(
        "listening_pairs",
        sa.Column("round_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("human", sa.Text, nullable=False),
        sa.Column("composed", sa.Text, nullable=False),
        sa.Column("human_title", sa.Text, nullable=False),
        sa.Column("human_first", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("round_id", "number", name="pk_listening_pairs"),
        sa.ForeignKeyConstraint(
            ["round_id"], ["listening_rounds.id"], name="fk_listening_pairs_round_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "listening_participants",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("round_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("secret", sa.String(40), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_listening_participants"),
        sa.UniqueConstraint("round_id", "name", name="uq_listening_participants_round_id"),
        sa.UniqueConstraint("secret", name="uq_listening_participants_secret"),
        sa.ForeignKeyConstraint(
            ["round_id"], ["listening_rounds.id"], name="fk_listening_participants_round_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "listening_answers",
        sa.Column("participant_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("chose_first", sa.Boolean, nullable=False),
        sa.Column("seconds", sa.Float, nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", "number", name="pk_listening_answers"),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["listening_participants.id"],
            name="fk_listening_answers_participant_id",
            ondelete="CASCADE",
        ),
    )
