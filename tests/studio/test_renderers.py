"""The processes that render: loaded one after another while the server starts, and ended with it."""

import threading

import pytest

from songrnn.studio import renderers as module
from songrnn.studio.renderers import Renderers


@pytest.fixture
def fakes(monkeypatch):
    """Every renderer that is made; the second does not finish loading before `may_load` is set."""
    made = []

    class Fake:
        may_load = threading.Event()

        def __init__(self):
            made.append(self)
            self.rendered, self.closed = 0, False

        def render(self, *_, **__):
            if len(made) > 1:
                self.may_load.wait(60)
            self.rendered += 1

        def close(self):
            self.closed = True
            self.may_load.set()

    monkeypatch.setattr(module, "Renderer", Fake)
    return made


def test_the_first_renderer_is_lent_loaded_while_the_second_loads(fakes):
    renderers = Renderers(2)
    renderers.start()
    renderers.start()  # once is enough
    with renderers.borrowed() as first:
        assert first.rendered == 1
    fakes[0].may_load.set()
    with renderers.borrowed(), renderers.borrowed():
        assert [one.rendered for one in fakes] == [1, 1]
    renderers.close()
    assert [one.closed for one in fakes] == [True, True]


def test_none_is_made_after_the_end(fakes, monkeypatch):
    monkeypatch.setattr(module, "SECONDS_TO_FINISH", 0.01)
    renderers = Renderers(3)
    renderers.start()
    while len(fakes) < 2:
        threading.Event().wait(0.01)
    renderers.close()
    renderers._loading.join(60)
    assert [one.closed for one in fakes] == [True, True]
