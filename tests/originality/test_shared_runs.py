"""Planted copies are found whatever was done to them; what is no copy, or everybody's, is not held against a tune."""

import random
from fractions import Fraction

import numpy as np
import pytest

from growth import assert_linear
from melodies import abc, relengthened, transposed, wandering
from songrnn.errors import SettingsError
from songrnn.originality.index import SHORTEST_RUN, Index, NamedText
from songrnn.originality.shared_runs import Threshold, _outermost, _Stretches, shared_runs_of

TRAINING = [wandering(seed) for seed in range(100)]
HOST = wandering("host", 40)


def index_of(*melodies, held_out=()):
    tunes = [NamedText(f"Tune {number}", abc(notes)) for number, notes in enumerate(melodies)]
    return Index.build(tunes, [abc(notes) for notes in held_out])


@pytest.fixture(scope="module")
def index():
    return index_of(*TRAINING, held_out=[wandering(f"held-out {number}") for number in range(10)])


def planted(copy):
    return [*HOST[:20], *copy, *HOST[20:]]


def test_planted_copies_are_found_transposed_barred_anew_and_with_other_lengths(index):
    rng = random.Random(1)
    for number, notes in enumerate(TRAINING):
        first = rng.randrange(20)
        semitones = rng.choice((-7, -3, 2, 5, 12))
        copy = relengthened(transposed(notes[first : first + 30], semitones), every=rng.choice((4, 5, 7)))
        run = shared_runs_of(abc(planted(copy), meter=rng.choice(("2/4", "3/4", "6/8", "9/8"))), index).closest
        assert run is not None, number
        assert (run.sources[0], run.transposed_by, run.common) == (f"Tune {number}", semitones, False)
        assert run.notes >= 26
        assert run.bars > 3


def test_an_exact_copy_is_found_exactly(index):
    copy = TRAINING[5][8:40]
    text = abc(planted(copy), meter="4/4")
    run = shared_runs_of(text, index).longest
    assert (run.notes, run.same_rhythm, run.transposed_by) == (32, 1, 0)
    assert run.bars == sum(duration for _, duration in copy)
    before = sum(duration for _, duration in HOST[:20])
    assert (run.first_bar, run.last_bar) == (before // 1 + 1, -(-(before + run.bars) // 1))
    bare = text[run.begin : run.end].translate(str.maketrans("", "", "=^-|, '0123456789/"))
    assert bare[0] == "CCDDEFFGGAAB"[copy[0][0] % 12]
    assert bare[-1] == "CCDDEFFGGAAB"[copy[-1][0] % 12]


def test_a_copy_in_notes_of_half_the_length_is_as_close(index):
    halved = [(pitch, duration / 2) for pitch, duration in TRAINING[3][:30]]
    run = shared_runs_of(abc(halved, meter="2/4"), index).longest
    assert (run.notes, run.same_rhythm) == (30, 1)


def test_a_stretch_with_the_steps_but_another_rhythm_is_no_shared_run():
    scale = [(60 + step, Fraction(1, 8)) for step in (0, 2, 4, 5, 7, 9, 11, 12, 14, 16, 17, 19, 21, 23, 24, 26)]
    swung = [(pitch, Fraction(1 + place % 2, 8)) for place, (pitch, _) in enumerate(scale)]
    index = index_of(scale, *TRAINING[:5])
    assert shared_runs_of(abc(scale), index).longest.notes == 16
    assert shared_runs_of(abc(swung), index).longest is None


def test_of_a_long_stretch_the_part_that_is_in_rhythm_counts():
    notes = wandering("long", 50)
    other = [(pitch, duration * (2 + place % 3)) for place, (pitch, duration) in enumerate(notes[25:])]
    run = shared_runs_of(abc([*notes[:25], *other]), index_of(notes)).longest
    assert 25 <= run.notes < 40
    assert run.same_rhythm >= 2 / 3


def test_a_tune_of_its_own_shares_nothing(index):
    result = shared_runs_of(abc(wandering("unrelated", 200)), index)
    assert (result.runs, result.longest, result.closest, result.notes) == ((), None, None, 200)


@pytest.mark.parametrize("text", ["", "no tune", abc(wandering(1, SHORTEST_RUN - 1)), "X:1\nK:C\nz8|\n"])
def test_a_text_without_nine_notes_shares_nothing(index, text):
    assert shared_runs_of(text, index).longest is None


def test_the_shortest_run_has_nine_notes(index):
    assert shared_runs_of(abc(TRAINING[0][10 : 10 + SHORTEST_RUN]), index).longest.notes == SHORTEST_RUN == 9


def test_an_empty_index_finds_nothing():
    assert shared_runs_of(abc(TRAINING[0]), Index.build([])).runs == ()


PHRASE = wandering("phrase", 24)


def around(phrase, number):
    """A tune with the phrase in it, which no other number leads to or from by the same step."""
    into, out = phrase[0][0] - 6 - number, phrase[-1][0] + 6 + number
    before, after = wandering(f"before {number}", 50), wandering(f"after {number}", 50)
    return [*before, (into, Fraction(1, 8)), *phrase, (out, Fraction(1, 8)), *after]


COMPOSED = around(PHRASE, 9)


@pytest.mark.parametrize(("families", "held_out", "common"), [(1, 0, False), (2, 0, False), (3, 0, True), (1, 1, True)])
def test_what_three_families_or_a_held_out_tune_have_is_common_stock(families, held_out, common):
    training = [around(PHRASE, seed) for seed in range(families)]
    index = index_of(*training, held_out=[around(PHRASE, 5 + seed) for seed in range(held_out)])
    result = shared_runs_of(abc(COMPOSED), index)
    assert result.longest.notes == len(PHRASE)
    assert result.longest.common is common
    assert (result.closest is None) is common
    assert result.foremost == result.longest
    assert set(result.longest.sources) == {f"Tune {number}" for number in range(families)}


def test_three_settings_of_one_melody_are_one_family():
    tune = around(PHRASE, 0)
    index = index_of(tune, relengthened(tune, 7), transposed(tune, 2))
    assert shared_runs_of(abc(COMPOSED), index).longest.common is False


def test_a_run_that_goes_far_beyond_common_stock_is_none():
    training = [around(PHRASE, seed) for seed in range(3)]
    composed = [*wandering("begin", 10), *training[0][40:84], *wandering("end", 10)]
    run = shared_runs_of(abc(composed), index_of(*training)).closest
    assert (run.notes, run.sources) == (44, ("Tune 0",))


@pytest.mark.parametrize(
    ("text", "amount", "unit", "said"),
    [
        ("3bars", 3, "bars", "3 bars"),
        ("2.5 bars", Fraction(5, 2), "bars", "2.5 bars"),
        ("1bar", 1, "bars", "1 bar"),
        ("20notes", 20, "notes", "20 notes"),
    ],
)
def test_a_threshold_is_read(text, amount, unit, said):
    threshold = Threshold.read(text)
    assert (threshold.amount, threshold.unit, str(threshold)) == (amount, unit, said)


@pytest.mark.parametrize("text", ["", "3", "bars", "-3bars", "3 beats", "3.bars", "3bars or so", "³bars"])
def test_a_threshold_that_is_none_is_reported_with_examples(text):
    with pytest.raises(SettingsError, match=r"original is .*such as 3bars, 2\.5bars or 20notes"):
        Threshold.read(text)


def test_a_threshold_is_exceeded_by_more_than_its_amount_and_never_by_common_stock(index):
    result = shared_runs_of(abc(planted(TRAINING[7][:24])), index)
    bars, notes = result.closest.bars, result.closest.notes
    assert Threshold(bars - Fraction(1, 100), "bars").exceeded_by(result)
    assert not Threshold(bars, "bars").exceeded_by(result)
    assert Threshold(Fraction(notes - 1), "notes").exceeded_by(result)
    assert not Threshold(Fraction(notes), "notes").exceeded_by(result)
    common = index_of(TRAINING[7], held_out=[around(TRAINING[7][:24], 0)])
    assert not Threshold(Fraction(1), "bars").exceeded_by(shared_runs_of(abc(planted(TRAINING[7][:24])), common))


def test_json_has_every_run(index):
    result = shared_runs_of(abc(planted(TRAINING[7][:24])), index).as_json()
    assert result["longest"] == result["longest_uncommon"] == result["runs"][0]
    assert result["longest"]["sources"] == ["Tune 7"]
    assert shared_runs_of("", index).as_json() == {"notes": 0, "longest": None, "longest_uncommon": None, "runs": []}


@pytest.mark.parametrize("repeated", ["A", "[CEG]", "|:C:|", "{g}C"])
def test_a_tune_that_repeats_itself_thousands_of_times_is_judged_in_linear_time(repeated):
    header = "X:1\nM:4/4\nL:1/8\nK:C\n"
    index = Index.build([NamedText("itself", header + repeated * 40), NamedText("scale", header + "CDEF GABc|" * 9)])
    assert_linear(lambda size: shared_runs_of(header + repeated * size, index), small=120)


def test_of_stretches_within_one_another_the_outermost_are_kept():
    rng = np.random.default_rng(1)
    for _ in range(50):
        first = rng.integers(0, 12, 20)
        last, training = first + rng.integers(1, 8, 20), rng.random(20) < 0.7
        stretches = _Stretches(first, last, first, first, np.ones(20))
        kept = [
            one
            for one in np.flatnonzero(training)
            if not any(
                first[other] <= first[one]
                and last[one] <= last[other]
                and ((first[other], last[other]) != (first[one], last[one]) or other < one)
                for other in np.flatnonzero(training)
            )
        ]
        assert sorted(_outermost(stretches, training)) == kept
