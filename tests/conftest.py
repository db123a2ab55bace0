"""Fixtures that many tests need."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from songrnn.checkpoint import Checkpoint
from tiny import make_checkpoint


@pytest.fixture(autouse=True, scope="session")
def packed_networks_of_tests_stay_apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SONGRNN_CACHE", str(tmp_path_factory.mktemp("packed")))
        yield


@pytest.fixture
def checkpoint() -> Checkpoint:
    return make_checkpoint()


@pytest.fixture
def checkpoint_file(tmp_path: Path, checkpoint: Checkpoint) -> Path:
    path = tmp_path / "checkpoint.safetensors"
    checkpoint.save(path)
    return path
