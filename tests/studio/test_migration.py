"""An older database is brought to the present form and a copy kept; a newer one stays as it is."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from songrnn.errors import RunError
from songrnn.studio.archive.archive import Archive
from songrnn.studio.archive.opening import MIGRATIONS, default_database
from songrnn.studio.archive.records import NewTune, TuneQuery
from tiny import JIG

ROOT = Path(__file__).parents[2]
NEXT = '''"""Planted: one more column."""

import sqlalchemy as sa
from alembic import op

revision = "r9999"
down_revision = "{newest}"


def upgrade() -> None:
    with op.batch_alter_table("sets") as sets:
        sets.add_column(sa.Column("colour", sa.Text, nullable=False, server_default="blue"))
{more}
'''


def planted(folder, more=""):
    """The program's migrations and one after them."""
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    newest = max(path.name[:5] for path in (folder / "versions").glob("r*.py"))
    (folder / "versions" / "r9999_planted.py").write_text(NEXT.format(newest=newest, more=more))
    return folder


def colours(archive):
    with archive.reading() as session:
        return session.scalars(text("SELECT colour FROM sets")).all()


def test_an_older_database_is_migrated_and_a_copy_kept(database, tmp_path):
    old = Archive.open(database)
    kept = old.keep(NewTune(abc=JIG, title="Old", tags=("a",)))
    old.close()
    assert old.copied == ""
    new = Archive.open(database, planted(tmp_path / "next"))
    assert new.tune(kept.id) == kept
    assert colours(new) == []
    if isinstance(database, Path):
        assert new.copied == str(tmp_path / "tunebook-before-r9999.db")
        copy = Archive.open(new.copied)
        assert copy.tune(kept.id) == kept
        copy.close()
    else:
        with new.reading() as session:
            assert session.scalars(text("SELECT title FROM before_r9999_tunes")).all() == ["Old"]
    new.close()
    again = Archive.open(database, tmp_path / "next")
    assert again.copied == ""
    again.close()


def test_a_migration_that_fails_leaves_the_database_as_it_was(database, tmp_path):
    old = Archive.open(database)
    kept = old.keep(NewTune(abc=JIG))
    broken = planted(tmp_path / "next", more='    op.execute("SELECT * FROM nowhere")')
    with pytest.raises(RunError, match=r"refuses: .*nowhere"):
        Archive.open(database, broken)
    assert old.tune(kept.id) == kept
    old.close()
    with pytest.raises(RunError):  # a second copy takes another name
        Archive.open(database, broken)
    if isinstance(database, Path):
        assert {path.name for path in tmp_path.glob("*before*")} == {
            "tunebook-before-r9999.db",
            "tunebook-before-r9999-2.db",
        }


def test_a_database_of_a_newer_program_is_refused_and_stays(database, tmp_path):
    Archive.open(database, planted(tmp_path / "next")).close()
    with pytest.raises(
        RunError, match=r"was made by a newer songrnn: its tables have the form r9999, this one knows r0"
    ):
        Archive.open(database)
    again = Archive.open(database, tmp_path / "next")
    assert colours(again) == []
    again.close()


def test_by_default_it_lies_in_the_data_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("SONGRNN_DATA", str(tmp_path / "a" / "b"))
    archive = Archive.open(default_database())
    assert archive.find(TuneQuery()).total == 0
    archive.close()
    assert (tmp_path / "a" / "b" / "tunebook.db").is_file()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SONGRNN_DATA", str(tmp_path / "file"))
    with pytest.raises(RunError, match=r"cannot make the folder .* for the tunebook: .*; name another place"):
        default_database()


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9 on Windows")
def test_a_kill_while_saving_loses_nothing_confirmed():
    program = ROOT / "benchmarks" / "kill_while_saving.py"
    done = subprocess.run([sys.executable, program, "20"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "20 kills" in done.stdout
