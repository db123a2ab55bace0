"""Two-sample tests: 0.5 for tunes of one kind, 1 for tunes of two, undefined for few; and discriminative features."""

import math
import random
import sys

import pytest

from songrnn.errors import MissingExtra
from songrnn.evaluation.analysed import analyse
from songrnn.evaluation.tune_features import characters, note_pairs
from songrnn.evaluation.two_sample import VIEWS, WHOLE_TUNE, two_sample


def made_up(seed, letters="CDEFGAB", count=40):
    """Tunes of random notes: no variants of one another."""
    rng = random.Random(seed)
    return [
        analyse("M:4/4\nL:1/4\nK:C\n" + "|".join("".join(rng.choices(letters, k=4)) for _ in range(12)) + "|\n")
        for _ in range(count)
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_tunes_of_one_kind_cannot_be_distinguished_and_tunes_of_two_kinds_can(view):
    same = two_sample(made_up(1), made_up(2), view).area
    assert same.low < 0.5 < same.high
    found = two_sample(made_up(1), made_up(2, "ceg"), view)
    assert found.area.value > 0.99
    assert found.area.tunes == 80
    assert found.discriminative


def test_a_discriminative_feature_is_named_with_its_shares():
    first = two_sample(made_up(1), made_up(2, "ceg"), "characters").discriminative[0]
    assert sorted((first.composed, first.human)) == pytest.approx([0, 1], abs=0.1)


def test_number_title_and_spelling_discriminate_nothing():
    tunes = made_up(1, count=60)
    ours = [analyse(f"X:{n}\nT:Composition {n}\n{tune.text.replace('|', ' | ')}") for n, tune in enumerate(tunes[:30])]
    theirs = [analyse(f"X:1\nT:The Human\n{tune.text}") for tune in tunes[30:]]
    area = two_sample(ours, theirs, "characters").area
    assert area.low < 0.5 < area.high


def test_the_features_by_hand():
    assert characters(analyse("K:C\nab|"))[:6] == ["L", ":", "1", "/", "8", "\n"]
    assert note_pairs(analyse("M:4/4\nL:1/8\nK:C\nC2Ec|\n")) == ["+0 1/4, +4 1/8", "+4 1/8, +8 1/8"]
    assert note_pairs(analyse("broken")) == ["unreadable"]
    assert note_pairs(analyse("K:C\nz4|\n")) == []


def test_variants_of_one_tune_are_never_learned_from_and_tested_on():
    # every human tune is there twice, one half of each pair composed: only who has met a tune before could tell
    tunes = made_up(1, count=40)
    area = two_sample(tunes, tunes, "characters").area
    assert area.value == pytest.approx(0.5, abs=1e-9)


@pytest.mark.parametrize("counts", [(0, 0), (9, 40), (40, 9)])
def test_with_few_tunes_it_is_undefined(counts):
    found = two_sample(made_up(1, count=counts[0]), made_up(2, count=counts[1]), "notes")
    assert math.isnan(found.area.value)
    assert found.discriminative == ()


def test_without_a_feature_it_is_undefined():
    silent = [analyse("M:4/4\nL:1/4\nK:C\nC4|\n")] * 12
    assert math.isnan(two_sample(silent, silent, "notes").area.value)


@pytest.mark.parametrize("view", VIEWS)
def test_the_same_seed_gives_the_same_area(view):
    one, other = (two_sample(made_up(1), made_up(2), view, seed=5) for _ in range(2))
    assert one == other


def test_whole_tunes_are_distinguished_by_their_form_where_notes_say_nothing():
    def four_bars_twice(seed, again):
        rng = random.Random(seed)
        bars = ["".join(rng.choices("CDEFGAB", k=4)) for _ in range(4)]
        order = [*range(4), *range(4)] if again else [*range(4), *rng.sample(range(4), 4)]
        return analyse("M:4/4\nL:1/4\nK:C\n" + "|".join(bars[place] for place in order) + "|\n")

    sides = (
        [four_bars_twice(seed, again=True) for seed in range(40)],
        [four_bars_twice(seed, again=False) for seed in range(40, 80)],
    )
    found = two_sample(*sides, WHOLE_TUNE)
    assert found.area.low > 0.8
    first = found.discriminative[0]
    assert (first.feature, first.composed) == ("similarity 4 apart", 1)
    assert 0 < first.human < 0.6


def test_without_scikit_learn_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingExtra, match=r"pip install 'songrnn\[judge\]'"):
        two_sample(made_up(1), made_up(2), "notes")
