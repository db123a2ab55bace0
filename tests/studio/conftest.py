"""A studio with a tiny model, and one way to ask it; databases for its tunebook.

A database is a new SQLite file, and a new database of a PostgreSQL server if one is there: `make test-postgres` starts
one and sets SONGRNN_TEST_POSTGRES to its address.
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser

from browsing import chromium
from songrnn.studio.app import create_app
from songrnn.studio.archive.archive import Archive
from songrnn.studio.settings import Limits, StudioSettings
from tiny import make_checkpoint

POSTGRES = os.environ.get("SONGRNN_TEST_POSTGRES", "")
HERE = "http://127.0.0.1"


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "tiny.safetensors"
    make_checkpoint().save(path)
    return str(path)


@pytest.fixture(scope="session")
def limits():
    return Limits(body_bytes=50_000, characters=3_000, tunes=8, tries=3)


@pytest.fixture(scope="session")
def client(tiny_model, limits):
    with TestClient(create_app(StudioSettings(checkpoints=(tiny_model,), limits=limits)), base_url=HERE) as opened:
        yield opened


@pytest.fixture
def guarded(tiny_model, limits):
    settings = StudioSettings(checkpoints=(tiny_model,), limits=limits, host="0.0.0.0", token="evening-class")
    with TestClient(create_app(settings), base_url=HERE, follow_redirects=False) as opened:
        yield opened


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


@pytest.fixture
def book(tiny_model, limits, database) -> Iterator[TestClient]:
    """A studio with an empty tunebook."""
    settings = StudioSettings(checkpoints=(tiny_model,), limits=limits, database=str(database))
    with TestClient(create_app(settings), base_url=HERE) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started
