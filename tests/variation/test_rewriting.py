import pytest

from songrnn.composing.composer import Composer
from songrnn.engines.settings import SamplingSettings
from songrnn.errors import SettingsError
from songrnn.notation.read import read_tune
from songrnn.performance.bar_lengths import bar_duration
from songrnn.performance.bar_places import bar_places, lasting_bars
from songrnn.performance.timeline import perform
from songrnn.variation.rewriting import rewrite
from tiny import REEL, make_checkpoint

TUNE = f"X:1\nT:The Long Shelf\n{REEL}"
SEED = SamplingSettings(seed=4)


@pytest.fixture(scope="module")
def composer():
    return Composer(make_checkpoint())


@pytest.fixture(scope="module")
def made(composer):
    return rewrite(composer, TUNE, (1, 2), sampling=SEED, count=3, candidates=24)


def test_what_is_not_selected_stays_to_the_letter(made):
    places = bar_places(read_tune(TUNE), TUNE)
    assert len(made) == 3
    for one in made:
        assert one.abc.startswith(TUNE[: places[1].begin])
        assert one.abc.endswith(TUNE[places[2].line :])
        assert one.abc[: one.begin] + TUNE[places[1].begin : places[2].line] + one.abc[one.end :] == TUNE
        assert one.abc != TUNE


def test_new_bars_last_as_long_as_the_old_ones(composer):
    text = "X:1\nM:4/4\nL:1/8\nK:Gmaj\nG3|GABc dBAG|GABc d4|dBAG G||\n"
    durations = [bar_duration(bar) for bar in lasting_bars(read_tune(text))]
    for bars in ((0, 0), (1, 1), (3, 3)):
        for one in rewrite(composer, text, bars, sampling=SEED, count=9, candidates=24):
            assert [bar_duration(bar) for bar in lasting_bars(read_tune(one.abc))] == durations


def test_the_most_probable_rest_stands_first(composer, made):
    scores = [one.log_probability for one in made]
    assert scores == sorted(scores, reverse=True)
    best = rewrite(composer, TUNE, (1, 2), sampling=SEED, count=99, candidates=24)
    assert best[:3] == made
    vocabulary = composer.description.vocabulary
    after = "|edcA G4:|\n"
    text = made[0].abc.removeprefix("X:1\nT:The Long Shelf\n")
    [found] = composer.engine.score([vocabulary.encode_tune(text)])
    assert float(found[-len(after) - 1 :].sum()) == pytest.approx(made[0].log_probability, abs=1e-3)


def test_the_same_seed_gives_the_same_bars(composer, made):
    assert rewrite(composer, TUNE, (1, 2), sampling=SEED, count=3, candidates=24) == made


def test_bars_that_are_not_there_are_a_mistake(composer):
    with pytest.raises(SettingsError, match="bars 2 to 9 are to be written anew, but the tune has 4"):
        rewrite(composer, TUNE, (2, 9), sampling=SEED, count=1, candidates=1)


def test_places_cover_the_music():
    places = bar_places(read_tune(TUNE), TUNE)
    assert [TUNE[bar.begin : bar.line] for bar in places] == ["GBdB gdBd", "ecAc fdAF", "GBdB gdBd", "edcA G4"]
    assert [TUNE[bar.line : bar.end] for bar in places] == ["|", "|", "|", ":|\n"]


def test_a_variation_keeps_more_of_the_old_notes_than_a_rewriting(composer):
    def kept(made):
        old = {(note.onset, note.pitch) for note in perform(read_tune(TUNE), repeats=False)}
        return len(old & {(note.onset, note.pitch) for note in perform(read_tune(made.abc), repeats=False)})

    every = rewrite(composer, TUNE, (1, 2), sampling=SEED, count=99, candidates=24)
    varied = rewrite(composer, TUNE, (1, 2), sampling=SEED, count=2, candidates=24, vary=True)
    assert [one.abc for one in varied] != [one.abc for one in every[:2]]
    assert max(map(kept, varied)) == max(map(kept, every))
    assert varied[0].log_probability >= varied[1].log_probability
