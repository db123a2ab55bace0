"""Trainings of a moment."""

import pytest

from songrnn.training import learner


@pytest.fixture(autouse=True)
def no_loss_plots(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Drawing its curves takes a third of such a training; `loss_plots` undoes it."""
    if "loss_plots" not in request.fixturenames:
        monkeypatch.setattr(learner, "write_loss_plot", lambda *_: [])


@pytest.fixture
def loss_plots() -> None:
    """The curves are drawn, as they are outside tests."""
