"""Fixtures that many tests need."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded: small products are slower with more

import pytest

import chosen_engine  # noqa: F401  (before anything that takes the engine when it is imported)
from songrnn.checkpoint import Checkpoint
from tiny import make_checkpoint

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # a suite in the background of a shell: Ctrl-C is tested all the same
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def what_tests_leave_on_the_disk_stays_apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SONGRNN_CACHE", str(tmp_path_factory.mktemp("packed")))
        patch.setenv("SONGRNN_DATA", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(autouse=True)
def seeds_that_nobody_chose_are_zero(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """So that every run of the tests is the same; `drawn_seeds` undoes it."""
    if "drawn_seeds" not in request.fixturenames:
        monkeypatch.setattr("songrnn.engines.settings.draw_seed", lambda: 0)


@pytest.fixture
def drawn_seeds() -> None:
    """Seeds that nobody chose are drawn, as they are outside tests."""


@pytest.fixture
def checkpoint() -> Checkpoint:
    return make_checkpoint()


@pytest.fixture
def checkpoint_file(tmp_path: Path, checkpoint: Checkpoint) -> Path:
    path = tmp_path / "checkpoint.safetensors"
    checkpoint.save(path)
    return path
