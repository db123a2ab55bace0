"""Tunes, their versions, tags and sets."""

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "tunes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("rhythm", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("meter", sa.Text, nullable=False),
        sa.Column("stars", sa.Integer, nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("current", sa.Integer, nullable=False),
        sa.Column("search_text", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tunes"),
        sqlite_autoincrement=True,  # no number comes twice, whatever is removed
    )
    for column in ("rhythm", "key", "changed_at"):
        op.create_index(f"ix_tunes_{column}", "tunes", [column])
    op.create_table(
        "versions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("tune_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("parent", sa.Integer, nullable=True),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("abc", sa.Text, nullable=False),
        sa.Column("music_digest", sa.String(64), nullable=False),
        sa.Column("request", sa.JSON, nullable=True),
        sa.Column("tune_number", sa.BigInteger, nullable=True),
        sa.Column("checkpoint", sa.Text, nullable=False),
        sa.Column("engine", sa.JSON, nullable=True),
        sa.Column("program", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_versions"),
        sa.UniqueConstraint("tune_id", "number", name="uq_versions_tune_id"),
        sa.ForeignKeyConstraint(["tune_id"], ["tunes.id"], name="fk_versions_tune_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["tune_id", "parent"], ["versions.tune_id", "versions.number"], name="fk_versions_parent"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_versions_music_digest", "versions", ["music_digest"])
    op.create_table(
        "tags",
        sa.Column("tune_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(50), nullable=False),
        sa.PrimaryKeyConstraint("tune_id", "name", name="pk_tags"),
        sa.ForeignKeyConstraint(["tune_id"], ["tunes.id"], name="fk_tags_tune_id", ondelete="CASCADE"),
    )
    op.create_index("ix_tags_name", "tags", ["name"])
    op.create_table(
        "sets",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sets"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "set_places",
        sa.Column("set_id", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("tune_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("set_id", "position", name="pk_set_places"),
        sa.ForeignKeyConstraint(["set_id"], ["sets.id"], name="fk_set_places_set_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tune_id"], ["tunes.id"], name="fk_set_places_tune_id", ondelete="CASCADE"),
    )
    op.create_index("ix_set_places_tune_id", "set_places", ["tune_id"])
