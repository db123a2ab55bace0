import random

import pytest

from songrnn.corpus.split import LARGEST_SHARE_OF_A_SIDE, split_corpus
from songrnn.errors import CorpusError


def tunes(count: int, seed: int = 0) -> list[str]:
    rng = random.Random(seed)
    return ["K:Cmaj\n" + "".join(rng.choice("CDEFGABcdefgab") for _ in range(60)) + "\n" for _ in range(count)]


def deal(texts, seed=0, validation_share=0.1, test_share=0.1):
    return split_corpus(texts, seed=seed, validation_share=validation_share, test_share=test_share)


def test_every_tune_is_on_one_side_in_the_order_of_the_sources():
    split = deal(tunes(100))
    assert sorted(split.training + split.validation + split.test) == list(range(100))
    assert [len(side) for side in (split.training, split.validation, split.test)] == [80, 10, 10]
    assert all(list(side) == sorted(side) for side in (split.training, split.validation, split.test))
    assert split.families == 100


def test_the_same_seed_gives_the_same_split_and_another_seed_another():
    texts = tunes(50)
    sides = [deal(texts, seed=seed).sides.tolist() for seed in (3, 3, 4)]
    assert sides[0] == sides[1] != sides[2]


def test_variants_of_one_tune_stand_on_one_side():
    texts = [text for tune in tunes(60) for text in (tune, tune.replace("C", "C2"))]
    split = deal(texts, validation_share=0.2, test_share=0.2)
    for side in (split.training, split.validation, split.test):
        assert {index // 2 * 2 for index in side} | {index // 2 * 2 + 1 for index in side} == set(side)
    assert len(split.validation) == len(split.test) == 24


@pytest.mark.parametrize("seed", range(10))
def test_no_family_makes_up_more_than_its_share_of_a_side(seed):
    one, *others = tunes(101)
    split = deal([one] * 8 + others, seed, validation_share=0.2, test_share=0.2)
    assert set(range(8)) <= set(split.training)
    assert len(split.validation) // LARGEST_SHARE_OF_A_SIDE < 8


@pytest.mark.parametrize("seed", range(5))
def test_a_held_out_tune_has_no_character_that_training_lacks(seed):
    texts = tunes(20, seed)
    texts[7] = "R:waltz\n" + texts[7]
    split = deal(texts, seed, validation_share=0.4, test_share=0.4)
    known = set("".join(texts[index] for index in split.training))
    assert set("".join(texts)) == known


def test_three_families_suffice_for_three_sides_however_large_they_are():
    texts = [tune for tune in tunes(3) for _ in range(4)]
    split = deal(texts)
    assert [len(side) for side in (split.training, split.validation, split.test)] == [4, 4, 4]


def test_a_test_share_of_nothing_leaves_two_sides():
    split = deal(tunes(2), test_share=0)
    assert [len(side) for side in (split.training, split.validation, split.test)] == [1, 1, 0]


def test_too_few_families_are_refused_with_a_remedy():
    one, two = tunes(2)
    with pytest.raises(CorpusError, match=r"of 3 groups of variants or more there are 2.*more.*--validation FILE"):
        deal([one, one, two, two, two])
