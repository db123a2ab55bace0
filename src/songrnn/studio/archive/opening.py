"""The database of the tunebook: opened, and brought to the present form of its tables, of which a copy is kept.

SQLite: write-ahead log, so that readers and one writer work at once; foreign keys; every commit forced to the disk;
who finds it locked waits. A writing transaction takes the lock at its beginning, so that none fails in its middle.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from platformdirs import user_data_path
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text

from songrnn.database import CONNECT_SECONDS, DatabaseAddress, first_line
from songrnn.errors import MissingExtra, RunError

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "songrnn_tunebook_version"
WRITING = "songrnn_writing"
_MIGRATION_LOCK = 0x736F6E67  # "song": the number of PostgreSQL's lock while tables are changed


def default_database() -> Path:
    """The file in the user's data folder, or in SONGRNN_DATA; the folder is made. Raises RunError if it cannot be."""
    folder = Path(os.environ["SONGRNN_DATA"]) if "SONGRNN_DATA" in os.environ else user_data_path("songrnn")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(
            f"cannot make the folder {folder} for the tunebook: {(error.strerror or str(error)).lower()}; name another "
            "place with --database"
        ) from error
    return folder / "tunebook.db"


def database_address(address: str | Path) -> DatabaseAddress:
    """The address of a tunebook: a path, or what has "://" in it. Raises SettingsError if it is none."""
    address = Path(address) if isinstance(address, str) and "://" not in address else address
    return DatabaseAddress(address, flag="--database", file="tunebook.db")


def open_database(address: DatabaseAddress, migrations: Path = MIGRATIONS) -> tuple[Engine, str]:
    """The engine, with tables in their present form, and in words where the copy of an older form is ("" for none).

    Raises MissingExtra without the database's driver, RunError if it does not answer, holds something else, or was
    made by a newer program.
    """
    try:
        with address.clear_errors():
            engine = create_engine(
                address.url, connect_args=address.connect_arguments(), pool_pre_ping=not address.is_file
            )
            if address.is_file:
                event.listen(engine, "connect", _set_up_sqlite)
                event.listen(engine, "begin", _begin_sqlite)
            with _closed_after_failure(engine):
                return engine, _migrate(engine, address, migrations)
    except ImportError as error:
        raise MissingExtra(
            f"the database {address} needs the Python package {address.url.get_driver_name()}: install it "
            "(pip install 'songrnn[postgres]' has that of PostgreSQL), or leave --database out for a file"
        ) from error
    except TimeoutError as error:
        raise RunError(f"the database {address} does not answer within {CONNECT_SECONDS} seconds") from error
    except (CommandError, OSError) as error:
        raise RunError(
            address.without_secrets(f"the database {address} cannot be used: {first_line(error)}")
        ) from error


@contextmanager
def _closed_after_failure(engine: Engine) -> Iterator[None]:
    try:
        yield
    except BaseException:
        engine.dispose()
        raise


def _set_up_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, see `_begin_sqlite`
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _migrate(engine: Engine, address: DatabaseAddress, migrations: Path) -> str:
    scripts = ScriptDirectory(str(migrations))
    newest = scripts.get_current_head()
    assert newest is not None
    with _locked(engine) as connection:
        present = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()
        if present == newest:
            return ""
        if present is not None and present not in {script.revision for script in scripts.walk_revisions()}:
            raise RunError(
                f"the database {address} was made by a newer songrnn: its tables have the form {present}, this one "
                f"knows {newest}. Install the newer songrnn, or name another --database"
            )
        copy = _copy(connection, address, newest) if present is not None else ""
        config = Config()
        config.set_main_option("script_location", str(migrations).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return copy


@contextmanager
def _locked(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction during which no other process changes the tables."""
    with engine.connect().execution_options(**{WRITING: True}) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        yield connection


def _copy(connection: Connection, address: DatabaseAddress, newest: str) -> str:
    """Keep what is there: a file beside an SQLite file, elsewhere tables beside the tables."""
    if address.is_file:
        return _copied_file(Path(str(address.url.database)), newest)
    names = inspect(connection).get_table_names()
    taken, prefix = 1, f"before_{newest}"
    while any(name.startswith(f"{prefix}_") for name in names):
        taken += 1
        prefix = f"before_{newest}_{taken}"
    kept = [name for name in names if name in _OUR_TABLES]
    for name in kept:
        quoted = connection.dialect.identifier_preparer.quote
        connection.execute(text(f"CREATE TABLE {quoted(f'{prefix}_{name}')} AS SELECT * FROM {quoted(name)}"))
    return f"tables {prefix}_..."


_OUR_TABLES = (
    *("tunes", "versions", "tags", "sets", "set_places"),
    *("listening_rounds", "listening_pairs", "listening_participants", "listening_answers"),
    VERSION_TABLE,
)


def _copied_file(path: Path, newest: str) -> str:
    copy, taken = path.with_name(f"{path.stem}-before-{newest}{path.suffix}"), 1
    while copy.exists():
        taken += 1
        copy = path.with_name(f"{path.stem}-before-{newest}-{taken}{path.suffix}")
    with closing(sqlite3.connect(path)) as database:
        database.execute("VACUUM INTO ?", (str(copy),)).close()
    with copy.open("rb+") as file:
        os.fsync(file.fileno())
    return str(copy)
