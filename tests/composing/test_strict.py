"""Strict tunes: what a checkpoint must have for them, the probability removed, and many of them at once."""

import pytest

from songrnn.composing.bulk import BulkFile
from songrnn.composing.composer import Composer
from songrnn.composing.request import Request
from songrnn.engines.settings import EngineSettings, SamplingSettings
from songrnn.errors import PromptError, SettingsError
from tiny import JIG, make_checkpoint
from wandering import EVERY_CHARACTER, wanderer

HEADER = "M:4/4\nL:1/8\nK:Gmaj\n"


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ("|", r"no tune is strict without '\|', which this checkpoint lacks; ask for free ones \(--free\)"),
        ("\n", r"no tune is strict without '\\n'"),
        ("M", "no tune is strict without a line M:, which cannot be written"),
        ("L", "no tune is strict without a line L:"),
        ("K", "no tune is strict without a line K:"),
    ],
)
def test_a_checkpoint_that_lacks_characters_of_every_valid_tune_is_refused(lacking, said):
    composer = Composer(wanderer(1, characters=EVERY_CHARACTER.replace(lacking, "")))
    with pytest.raises(SettingsError, match=said):
        composer.compose()
    assert len(composer.compose(free=True, max_characters=9).text) <= 9


def test_excluding_characters_of_every_valid_tune_is_refused():
    with pytest.raises(SettingsError, match=r"no tune is strict without '\|', which shall not be drawn; ask for free"):
        Composer(wanderer(1)).compose(without="|")
    with pytest.raises(PromptError, match="the prompt has 'G', which tunes shall be without"):
        Composer(wanderer(1)).compose("K:G", without="G")


def test_nothing_is_removed_in_free_tunes():
    assert Composer(make_checkpoint()).compose(free=True, max_characters=50).mass_removed == 0
    assert Composer(make_checkpoint(form="raw", texts=(JIG, "<start>\n"))).compose(max_characters=50).mass_removed == 0


def test_strict_tunes_are_the_same_alone_in_a_stream_among_many_and_in_a_resumed_file(tmp_path):
    composer = Composer(wanderer(9), EngineSettings(threads=2))
    settings = SamplingSettings(max_characters=90, seed=2, temperature=1.2)
    alone = [composer.compose(HEADER, number=number, **settings.model_dump()) for number in range(8)]
    assert list(composer.compose_many(HEADER, count=8, **settings.model_dump())) == alone
    assert "".join(composer.stream(HEADER, number=3, **settings.model_dump())) == alone[3].text
    request, out = Request(prompt=HEADER, sampling=settings, count=8), tmp_path / "tunes.abc"
    begun = BulkFile(composer, request, out).compose()
    assert [next(begun) for _ in range(3)] == alone[:3]
    begun.close()
    assert list(BulkFile(composer, request, out).compose()) == alone[3:]
    assert out.read_text() == "\n".join(made.abc() for made in alone)
