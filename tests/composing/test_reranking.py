"""The best of several candidates: each criterion by itself, their order, and what is missing."""

import math
import random
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import ClassVar

import numpy as np
import pytest

import songrnn
from songrnn.composing.composer import Composer
from songrnn.composing.reranking import Candidate, Rank, choose, music_begins, usual_bits
from songrnn.engines.settings import FULL_PRECISION
from songrnn.evaluation.analysed import analyse
from songrnn.evaluation.classifier import BINS, Classifier
from songrnn.evaluation.form import bar_count
from tiny import JIG, REEL, make_checkpoint

HEAD = "M:4/4\nL:1/4\nK:C\n"
A, B = "CDEF|GABc|cBAG|FEDC|CEGc|cGEC|DFAd|C4", "cdef|gfed|c2B2|A2G2|eeee|dddd|cccc|c4"
GOOD = f"{HEAD}|:{A}:|\n|:{B}:|\n"
ALSO = f"{HEAD}|:{A.replace('CDEF', 'EFGA')}:|\n|:{B}:|\n"
BROKEN = f"{HEAD}|:{A}|CC:|\n|:{B}:|\n"
STUCK = f"{HEAD}{'CDEF|' * 31}CDEF|\n"  # strains, but never the tonic in the end

LIKES_THE_TONIC = Classifier(
    keys=np.zeros(1, np.uint32),
    rarity=np.zeros(1, np.float16),
    weights=np.zeros(1, np.float16),
    figures=("ends on the tonic",),
    edges=np.array([[0.5, *[math.inf] * (BINS - 2)]]),
    bin_weights=np.array([[0, 1, *[0] * (BINS - 2)]], np.float32),
    biases=np.zeros(2, np.float32),
    usual_bits=(1.0, 1.5),
    checkpoint="",
    trained_on="by hand",
    more_often=(True, False),
)


def test_what_does_not_play_loses_whatever_else_it_has():
    assert choose([Candidate(BROKEN, 1.2), Candidate(STUCK, 9.0, shared_bars=30)], LIKES_THE_TONIC) == 1
    assert choose([Candidate(GOOD, finished=False), Candidate(STUCK)]) == 1
    assert choose([Candidate("no music"), Candidate(BROKEN)]) == 0  # neither plays


def test_what_is_copied_loses_and_only_above_the_limit():
    assert choose([Candidate(GOOD, 1.2, shared_bars=5), Candidate(STUCK, 9.0, shared_bars=2)], LIKES_THE_TONIC) == 1
    assert choose([Candidate(GOOD, shared_bars=8), Candidate(GOOD, shared_bars=6)]) == 1
    assert choose([Candidate(GOOD, shared_bars=3), Candidate(GOOD, shared_bars=0)]) == 0
    assert choose([Candidate(GOOD, shared_bars=4), Candidate(GOOD)]) == 1  # unknown passes
    assert choose([Candidate(GOOD), Candidate(GOOD, shared_bars=0)]) == 0
    assert choose([Candidate(GOOD, shared_bars=2), Candidate(GOOD, shared_bars=1)], longest_shared_bars=1) == 1


def test_what_was_forced_loses_and_only_above_the_limit():
    def forced(removed, abc=STUCK):
        return Candidate(abc, 1.2, mass_removed=removed)

    assert choose([forced(0.1, GOOD), forced(0.01)], LIKES_THE_TONIC) == 1
    assert choose([forced(0.1), forced(0.08), forced(0.09)]) == 1
    assert choose([forced(0.019), forced(0.001)]) == 0
    assert choose([forced(0.1), forced(math.nan)]) == 1  # unknown passes
    assert choose([forced(0.03), Candidate(GOOD, 1.2, shared_bars=9)], LIKES_THE_TONIC) == 0


def test_what_a_network_finds_unusual_loses_whether_likely_unlikely_or_unknown():
    usual = Candidate(STUCK, 1.2)
    for bits in (0.99, 1.51, math.nan):
        assert choose([Candidate(GOOD, bits), usual], LIKES_THE_TONIC) == 1
    for bits in (1.0, 1.5):
        assert choose([usual, Candidate(GOOD, bits)], LIKES_THE_TONIC) == 1


def test_of_all_that_is_usual_the_classifiers_favourite_wins_and_of_equals_the_first():
    assert choose([Candidate(STUCK, 1.2), Candidate(GOOD, 1.4), Candidate(ALSO, 1.3)], LIKES_THE_TONIC) == 1
    assert choose([Candidate(STUCK, 1.2), Candidate(ALSO, 1.4), Candidate(GOOD, 1.3)], LIKES_THE_TONIC) == 1
    assert choose([Candidate(STUCK, 9.0), Candidate(GOOD, 9.0)], LIKES_THE_TONIC) == 1  # none is usual


def test_without_a_classifier_the_first_that_plays_wins():
    assert choose([Candidate(BROKEN), Candidate(STUCK, 9.0), Candidate(GOOD, 1.2)]) == 1
    with pytest.raises(ValueError, match="empty"):
        choose([])


@pytest.mark.parametrize("form", ["raw", "tunebook"])
def test_human_tunes_and_compositions_are_measured_over_their_music_alone(form):
    texts = (JIG, REEL) if form == "tunebook" else tuple(f"<start>\n{tune}<end>\n" for tune in (JIG, REEL))
    checkpoint = make_checkpoint(form=form, texts=texts)
    composer = Composer(checkpoint, FULL_PRECISION)
    read = composer.compose(JIG, max_characters=1, free=True)  # how likely the network finds what it is given
    music = read.log_probabilities[music_begins(JIG) : len(JIG)]
    low, high = usual_bits(checkpoint, texts[:1])
    assert low == high
    assert low == pytest.approx(-sum(music) / len(music) / math.log(2), rel=1e-4)
    given = JIG[: music_begins(JIG)]
    made = composer.compose(given, max_characters=40, free=True)
    own = [-p / math.log(2) for p, given in zip(made.log_probabilities, made.given, strict=True) if not given]
    assert made.candidate.bits_per_character == pytest.approx(sum(own) / len(own))


def test_the_usual_bits_leave_out_the_outermost_hundredth_and_what_the_network_cannot_read():
    checkpoint = make_checkpoint()
    of_each = sorted(usual_bits(checkpoint, [tune])[0] for tune in (JIG, REEL))
    low, high = usual_bits(checkpoint, [JIG, REEL, JIG.replace("DFA", "€")])
    difference = of_each[1] - of_each[0]
    assert difference > 0
    assert low == pytest.approx(of_each[0] + difference / 100)
    assert high == pytest.approx(of_each[1] - difference / 100)
    assert all(math.isnan(bits) for bits in usual_bits(checkpoint, ["€", "K:C\n"]))


def test_a_composition_of_given_characters_alone_has_no_bits():
    made = Composer(make_checkpoint(), FULL_PRECISION).compose(JIG, max_characters=1, free=True)
    nothing = type(made)(**{**vars(made), "given": (True,) * len(made.given)})
    assert math.isnan(nothing.candidate.bits_per_character)
    assert callable(shared_bars := nothing.candidate.shared_bars)
    assert shared_bars() == 0


def test_where_the_music_begins():
    assert music_begins(JIG) == JIG.index("|:")
    assert music_begins("K:C\nabc") == 4
    assert music_begins("abc") == music_begins("K:C") == 0


# ---- more candidates never make the choice worse


class ByText(Classifier):
    """Scores a tune by a table, however extreme its values are."""

    scores: ClassVar[dict[str, float]] = {}

    def score(self, analysed):
        return self.scores.get(analysed.text, 0.0)


PEOPLES = ByText(
    **{**vars(LIKES_THE_TONIC), "more_often": (True, True)},
)
FRAGMENT = f"{HEAD}CDEF|C4|\n"
ENDLESS = f"{HEAD}{'|:CDEF|GABc|cBAG|FEDC|CEGc|cGEC|DFAd|C4:|' * 6}\n"
OFF_THE_TONIC = f"{HEAD}|:{A}:|\n|:{B.removesuffix('c4')}d4:|\n"


def peoples(scores, **changes):
    classifier = replace(PEOPLES, usual_bars=(16.0, 48.0), usual_scores=(-1.0, 3.0), **changes)
    object.__setattr__(classifier, "scores", {analyse(abc).text: score for abc, score in scores.items()})
    return classifier


@pytest.mark.parametrize("extreme", [FRAGMENT, ENDLESS, OFF_THE_TONIC, BROKEN])
@pytest.mark.parametrize("score", [5.0, 1e6, math.inf])
def test_an_extreme_score_never_makes_up_for_a_fault_of_form(extreme, score):
    classifier = peoples({extreme: score, GOOD: -9.0})
    assert choose([Candidate(extreme, 1.2), Candidate(GOOD, 1.2)], classifier) == 1
    assert choose([Candidate(GOOD, 1.2), *[Candidate(extreme, 1.2)] * 250], classifier) == 0


def test_scores_beyond_those_of_peoples_tunes_are_all_the_same():
    classifier = peoples({GOOD: 3.0, ALSO: 900.0})
    assert choose([Candidate(GOOD, 1.2), Candidate(ALSO, 1.2)], classifier) == 0
    assert choose([Candidate(ALSO, 1.2), Candidate(GOOD, 1.2)], classifier) == 0
    assert choose([Candidate(GOOD, 1.2), Candidate(ALSO, 1.2)], peoples({GOOD: 2.9, ALSO: 900.0})) == 1


def test_form_counts_only_where_people_have_it_more_often_than_the_network():
    classifier = peoples({OFF_THE_TONIC: 2.0}, more_often=(False, False))
    assert choose([Candidate(GOOD, 1.2), Candidate(OFF_THE_TONIC, 1.2)], classifier) == 1
    assert choose([Candidate(GOOD, 1.2), Candidate(OFF_THE_TONIC, 1.2)], peoples({OFF_THE_TONIC: 2.0})) == 0


def test_of_nested_sets_the_larger_never_has_the_worse_choice():
    rng = random.Random(11)
    texts = [GOOD, ALSO, BROKEN, STUCK, FRAGMENT, ENDLESS, OFF_THE_TONIC, "no music"]
    for _ in range(25):
        classifier = peoples({text: rng.uniform(-20, 20) for text in texts})
        candidates = [
            Candidate(
                rng.choice(texts),
                rng.choice([0.2, 1.2, 1.3, 9.0, math.nan]),
                rng.random() < 0.9,
                rng.choice([0.0, 2.5, 6.0, math.nan]),
            )
            for _ in range(14)
        ]
        chosen = [Rank.of(candidates[choose(candidates[:n], classifier)], classifier) for n in range(1, 15)]
        assert all(later <= earlier for earlier, later in pairwise(chosen))
        plays = [not rank.does_not_play for rank in chosen]
        assert plays == sorted(plays)
        whole = [rank.faults_of_form == 0 for rank in chosen if rank[:4] == chosen[-1][:4]]
        assert whole == sorted(whole)


@pytest.mark.parametrize("classifier", [None, peoples({GOOD: 2.0, ALSO: 2.5, OFF_THE_TONIC: 9.0})])
def test_the_choice_is_that_of_all_ranks_though_most_criteria_are_not_computed(classifier):
    rng = random.Random(5)
    for _ in range(60):
        compared = []

        def shared(bars, compared=compared):
            def found():
                compared.append(bars)
                return bars

            return found

        candidates = [
            Candidate(
                rng.choice([GOOD, ALSO, BROKEN, STUCK, OFF_THE_TONIC, "no music"]),
                rng.choice([0.2, 1.2, 1.2, math.nan]),
                rng.random() < 0.8,
                shared(rng.choice([0.0, 2.5, 6.0, math.nan])),
                rng.choice([0.0, 0.01, 0.05, 0.06]),
            )
            for _ in range(6)
        ]
        chosen = choose(candidates, classifier)
        computed = len(compared)
        ranks = [Rank.of(candidate, classifier) for candidate in candidates]
        assert chosen == ranks.index(min(ranks))
        assert computed <= 1 + sum(rank.copied_bars > 0 or rank == min(ranks) for rank in ranks)


def test_of_good_candidates_only_the_best_is_compared_with_the_melodies():
    compared = []

    def shared(abc):
        compared.append(abc)
        return 0.0

    candidates = [Candidate(abc, 1.2, shared_bars=partial(shared, abc)) for abc in (STUCK, ALSO, GOOD)]
    assert choose(candidates, peoples({GOOD: 2.0, ALSO: 1.0})) == 2
    assert compared == [GOOD]


def test_of_many_tunes_of_the_model_in_the_box_none_that_is_chosen_is_a_fragment():
    classifier = Classifier.beside("folk")
    made = songrnn.load("folk").compose_many(count=64, seed=3, best_of=1)
    candidates = [composition.candidate for composition in made]
    ranks = [Rank.of(candidates[choose(candidates[:n], classifier)], classifier) for n in (1, 4, 16, 64)]
    assert ranks == sorted(ranks, reverse=True)
    assert ranks[-1][:5] == (False, 0.0, 0.0, False, 0)
    best = candidates[choose(candidates, classifier)].analysed
    assert classifier.usual_bars[0] <= bar_count(best.bars) <= classifier.usual_bars[1]
