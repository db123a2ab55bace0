"""A tune that will not do is composed again; what it becomes depends on nothing but its number."""

import pytest

from songrnn.composing.bulk import BulkFile
from songrnn.composing.composer import Composer
from songrnn.composing.composition import Composition
from songrnn.composing.request import TRIES_APART, Request
from songrnn.composing.retry import Condition
from songrnn.engines.settings import SamplingSettings
from songrnn.errors import OriginalityError, RunError
from songrnn.originality.settings import OriginalitySettings

SETTINGS = SamplingSettings(max_characters=30, seed=4)


@pytest.fixture
def composer(checkpoint):
    return Composer(checkpoint)


ORIGINAL = OriginalitySettings(original="3bars", tries=50)


@pytest.fixture
def even(composer, monkeypatch):
    """--original refuses about half of all tunes: those of an odd length."""

    def condition(settings, companions):
        return settings.original and Condition(lambda made: len(made.text) % 2 == 0, settings.tries, "an even length")

    monkeypatch.setattr("songrnn.composing.composer.originality_condition", condition)
    monkeypatch.setattr(Composition, "remark", property(lambda made: f"% {len(made.text)}\n"))
    return composer


def texts(tunes):
    return [made.text for made in tunes]


def test_a_refused_tune_is_composed_again_and_an_accepted_one_stays(composer, even):
    request = Request(prompt="K:D", sampling=SETTINGS, count=20)
    before = list(composer.compose_request(request))
    after = list(composer.compose_request(request.replace(originality=ORIGINAL)))
    assert all(len(made.text) % 2 == 0 for made in after)
    assert {made.number % TRIES_APART for made in after} == set(range(20))
    kept = [old for old, new in zip(before, after, strict=True) if new.number < TRIES_APART]
    assert 0 < len(kept) < 20
    assert texts(kept) == texts(made for made in after if made.number < TRIES_APART)


@pytest.mark.usefixtures("even")
def test_every_try_is_a_tune_of_the_seed_by_its_own_number(composer):
    for made in composer.compose_request(Request(sampling=SETTINGS, originality=ORIGINAL, count=20)):
        again = composer.compose("", number=made.number, **SETTINGS.model_dump())
        assert again.text == made.text
        tries, place = divmod(made.number, TRIES_APART)
        assert made.title == f"Composition {place + 1} of seed 4" + (f", try {tries + 1}" if tries else "")
        assert made.abc().startswith(f"X:{place + 1}\n")


@pytest.mark.usefixtures("even")
@pytest.mark.parametrize("best_of", [1, 3])
def test_a_tune_is_the_same_alone_and_among_many(composer, best_of):
    request = Request(sampling=SETTINGS, originality=ORIGINAL, count=12, best_of=best_of)
    for place, text in enumerate(texts(composer.compose_request(request))):
        alone = request.replace(count=1, first=place)
        assert texts(composer.compose_request(alone)) == [text]


def test_a_tune_that_no_try_makes_acceptable_is_an_error_and_never_taken(composer, monkeypatch):
    requested = []

    def refuse(made: Composition) -> bool:
        requested.append(made.number)
        return False

    never = Condition(refuse, 3, "no shared run over 3 bars")
    monkeypatch.setattr("songrnn.composing.composer.originality_condition", lambda *_: never)
    with pytest.raises(
        OriginalityError,
        match=r"^tune 6 of seed 4 could not be composed with no shared run over 3 bars in 3 tries.*--tries",
    ):
        list(composer.compose_request(Request(sampling=SETTINGS, count=2, first=5)))
    assert requested == [5, 5 + TRIES_APART, 5 + 2 * TRIES_APART]


@pytest.mark.usefixtures("even")
def test_a_file_that_was_interrupted_is_the_same_in_the_end_with_its_remarks(composer, tmp_path):
    request = Request(sampling=SETTINGS, originality=ORIGINAL, count=30)
    list(BulkFile(composer, request, tmp_path / "whole.abc").compose())
    for taken in (4, 9):
        tunes = BulkFile(composer, request, tmp_path / "tunes.abc").compose()
        for _ in range(taken):
            next(tunes)
        tunes.close()
    more = request.replace(originality=ORIGINAL.replace(tries=60))
    list(BulkFile(composer, more, tmp_path / "tunes.abc").compose())
    written = (tmp_path / "tunes.abc").read_text()
    assert written == (tmp_path / "whole.abc").read_text()
    assert written == "\n".join(f"{made.abc()}% {len(made.text)}\n" for made in composer.compose_request(request))


@pytest.mark.usefixtures("even")
def test_tunes_of_another_condition_are_not_gone_on_with(composer, tmp_path):
    request = Request(sampling=SETTINGS, originality=ORIGINAL, count=30)
    tunes = BulkFile(composer, request, tmp_path / "tunes.abc").compose()
    next(tunes)
    tunes.close()
    with pytest.raises(RunError, match="original '3bars' and not None"):
        BulkFile(composer, request.replace(originality=OriginalitySettings()), tmp_path / "tunes.abc")
