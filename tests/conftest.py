"""Fixtures that many tests need."""

from pathlib import Path

import pytest

from songrnn.checkpoint import Checkpoint
from tiny import make_checkpoint


@pytest.fixture
def checkpoint() -> Checkpoint:
    return make_checkpoint()


@pytest.fixture
def checkpoint_file(tmp_path: Path, checkpoint: Checkpoint) -> Path:
    path = tmp_path / "checkpoint.safetensors"
    checkpoint.save(path)
    return path
