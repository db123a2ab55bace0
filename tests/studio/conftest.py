"""Databases for the tests of the tunebook: a new SQLite file, and a new schema of a PostgreSQL server if one is there.

`make test-postgres` starts a server and sets SONGRNN_TEST_POSTGRES to its address.
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from songrnn.studio.archive.archive import Archive

POSTGRES = os.environ.get("SONGRNN_TEST_POSTGRES", "")


@pytest.fixture(params=["sqlite", "postgres"] if POSTGRES else ["sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | Path]:
    """The address of an empty database."""
    if request.param == "sqlite":
        yield tmp_path / "tunebook.db"
        return
    import psycopg
    from sqlalchemy.engine import make_url

    name = f"t{secrets.token_hex(6)}"
    with psycopg.connect(
        make_url(POSTGRES).set(drivername="postgresql").render_as_string(False), autocommit=True
    ) as it:
        it.execute(f"CREATE DATABASE {name}")
        yield make_url(POSTGRES).set(database=name).render_as_string(False)
        it.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def archive(database: str | Path) -> Iterator[Archive]:
    """An empty tunebook."""
    archive = Archive.open(database)
    yield archive
    archive.close()
