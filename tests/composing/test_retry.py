"""A tune that will not do is composed again; what it becomes depends on nothing but its number."""

import pytest

from songrnn.composing.bulk import BulkFile, Order, wanted_tunes
from songrnn.composing.composer import Composer
from songrnn.composing.composition import TRIES_APART
from songrnn.composing.retry import Condition
from songrnn.engines.settings import SamplingSettings
from songrnn.errors import OriginalityError, RunError

SETTINGS = SamplingSettings(max_characters=30, seed=4)


@pytest.fixture
def composer(checkpoint):
    return Composer(checkpoint)


def even(tries=50):
    """Refuses about half of all tunes."""
    return Condition(
        lambda made: len(made.text) % 2 == 0, tries, "an even length", lambda made: f"% {len(made.text)}\n"
    )


def texts(tunes):
    return [made.text for made in tunes]


def test_a_refused_tune_is_composed_again_and_an_accepted_one_stays(composer):
    order = Order("K:D", SETTINGS, count=20)
    before = list(wanted_tunes(composer, order))
    after = list(wanted_tunes(composer, order, condition=even()))
    assert all(len(made.text) % 2 == 0 for made in after)
    assert {made.number % TRIES_APART for made in after} == set(range(20))
    kept = [old for old, new in zip(before, after, strict=True) if new.number < TRIES_APART]
    assert 0 < len(kept) < 20
    assert texts(kept) == texts(made for made in after if made.number < TRIES_APART)


def test_every_try_is_a_tune_of_the_seed_by_its_own_number(composer):
    for made in wanted_tunes(composer, Order("", SETTINGS, count=20), condition=even()):
        again = composer.compose("", number=made.number, **SETTINGS.model_dump())
        assert again.text == made.text
        tries, place = divmod(made.number, TRIES_APART)
        assert made.title == f"Composition {place + 1} of seed 4" + (f", try {tries + 1}" if tries else "")
        assert made.abc().startswith(f"X:{place + 1}\n")


@pytest.mark.parametrize("best_of", [1, 3])
def test_a_tune_is_the_same_alone_and_among_many(composer, best_of):
    many = texts(wanted_tunes(composer, Order("", SETTINGS, count=12, best_of=best_of), condition=even()))
    for place, text in enumerate(many):
        alone = Order("", SETTINGS, count=1, best_of=best_of, first=place * best_of)
        assert texts(wanted_tunes(composer, alone, condition=even())) == [text]


def test_a_tune_that_no_try_makes_acceptable_is_an_error_and_never_taken(composer):
    requested = []
    never = Condition(lambda made: requested.append(made.number) or False, 3, "no shared run over 3 bars")
    with pytest.raises(
        OriginalityError,
        match=r"^tune 6 of seed 4 was not to be had with no shared run over 3 bars in 3 tries.*--tries",
    ):
        list(wanted_tunes(composer, Order("", SETTINGS, count=2, first=5), condition=never))
    assert requested == [5, 5 + TRIES_APART, 5 + 2 * TRIES_APART]


def test_a_file_that_was_interrupted_is_the_same_in_the_end_with_its_remarks(composer, tmp_path):
    order = Order("", SETTINGS, count=30)
    list(BulkFile(composer, order, tmp_path / "whole.abc", even()).compose())
    for taken in (4, 9):
        tunes = BulkFile(composer, order, tmp_path / "tunes.abc", even()).compose()
        for _ in range(taken):
            next(tunes)
        tunes.close()
    list(BulkFile(composer, order, tmp_path / "tunes.abc", even(tries=60)).compose())
    written = (tmp_path / "tunes.abc").read_text()
    assert written == (tmp_path / "whole.abc").read_text()
    assert written == "\n".join(
        f"{made.abc()}% {len(made.text)}\n" for made in wanted_tunes(composer, order, condition=even())
    )


def test_tunes_of_another_condition_are_not_gone_on_with(composer, tmp_path):
    order = Order("", SETTINGS, count=30)
    tunes = BulkFile(composer, order, tmp_path / "tunes.abc", even()).compose()
    next(tunes)
    tunes.close()
    with pytest.raises(RunError, match="condition 'an even length' and not 'none'"):
        BulkFile(composer, order, tmp_path / "tunes.abc")
