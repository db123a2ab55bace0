"""A studio with a tiny model, and one way to ask it."""

import pytest
from fastapi.testclient import TestClient

from songrnn.studio.app import create_app
from songrnn.studio.settings import Limits, StudioSettings
from tiny import make_checkpoint

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
