"""The best of several candidates: each criterion by itself, their order, and what is missing."""

import math

import pytest

from songrnn.errors import CorpusError
from songrnn.evaluation.choice import Candidate, HumanRange, choose, human_range, music_begins
from songrnn.evaluation.heard import hear
from songrnn.sampling.composer import Composer
from songrnn.sampling.settings import FULL_PRECISION
from tiny import JIG, REEL, make_checkpoint

HEAD = "M:4/4\nL:1/4\nK:C\n"
A, B = "CDEF|GABc|cBAG|FEDC|CEGc|cGEC|DFAd|C4", "cdef|gfed|c2B2|A2G2|eeee|dddd|cccc|c4"
GOOD = f"{HEAD}|:{A}:|\n|:{B}:|\n"
ALSO = f"{HEAD}|:{A.replace('CDEF', 'EFGA')}:|\n|:{B}:|\n"
BROKEN = f"{HEAD}|:{A}|CC:|\n|:{B}:|\n"
STUCK = f"{HEAD}{'CDEF|' * 32}\n"
HUMAN = HumanRange.of([GOOD, ALSO], [1.0, 1.5])


def test_what_does_not_play_loses_whatever_else_it_has():
    assert choose([Candidate(BROKEN, 1.2), Candidate(STUCK, 9.0, shared_bars=30)], HUMAN) == 1
    assert choose([Candidate(GOOD, finished=False), Candidate(STUCK)]) == 1
    assert choose([Candidate("no music"), Candidate(BROKEN)]) == 0  # neither plays


def test_what_is_copied_loses_and_only_above_the_limit():
    assert choose([Candidate(GOOD, 1.2, shared_bars=5), Candidate(STUCK, 9.0, shared_bars=2)], HUMAN) == 1
    assert choose([Candidate(GOOD, shared_bars=8), Candidate(GOOD, shared_bars=6)]) == 1
    assert choose([Candidate(GOOD, shared_bars=2.5), Candidate(GOOD, shared_bars=0)]) == 0
    assert choose([Candidate(GOOD, shared_bars=2), Candidate(GOOD, shared_bars=1)], longest_shared_bars=1) == 1


def test_form_goes_before_probability():
    assert choose([Candidate(STUCK, 1.2), Candidate(GOOD, 9.0)], HUMAN) == 1


def test_the_likeliest_does_not_win_but_the_first_in_the_human_range():
    likely, usual, also = Candidate(GOOD, 0.4), Candidate(GOOD, 1.2), Candidate(GOOD, 1.3)
    assert choose([likely, usual, also], HUMAN) == 1
    assert choose([likely, also, usual], HUMAN) == 1
    assert choose([Candidate(GOOD), likely], HUMAN) == 1  # unknown is as far as can be


def test_without_human_tunes_the_first_that_plays_wins():
    assert choose([Candidate(BROKEN), Candidate(GOOD, 3.0), Candidate(ALSO, 1.0)]) == 1
    with pytest.raises(ValueError, match="empty"):
        choose([])


def test_the_human_range_by_hand():
    assert HUMAN.bits_per_character == (1.125, 1.375)
    assert HUMAN.form["bars"] == (32, 32)
    assert HUMAN.strains
    assert HUMAN.tonic
    assert HumanRange.of([GOOD], [1.0]).oddities(hear(GOOD)) == 0
    assert HUMAN.oddities(hear(STUCK)) >= 3
    assert HUMAN.improbability(1.2) == 0
    assert HUMAN.improbability(1.0) == pytest.approx(0.125)
    assert HUMAN.improbability(2.0) == pytest.approx(0.625)
    assert HUMAN.improbability(math.nan) == math.inf
    assert HumanRange.from_json(HUMAN.as_json()) == HUMAN


def test_a_human_side_without_notes_is_refused():
    with pytest.raises(CorpusError, match="no human tune has notes"):
        HumanRange.of(["no music"], [])


@pytest.mark.parametrize("form", ["raw", "tunebook"])
def test_human_tunes_and_compositions_are_measured_over_their_music_alone(form):
    texts = (JIG, REEL) if form == "tunebook" else tuple(f"<start>\n{tune}<end>\n" for tune in (JIG, REEL))
    checkpoint = make_checkpoint(form=form, texts=texts)
    composer = Composer(checkpoint, FULL_PRECISION)
    told = composer.compose(JIG, max_characters=1)  # how likely the network finds what it is given
    music = told.log_probabilities[music_begins(JIG) : len(JIG)]
    low, high = human_range(checkpoint, texts[:1]).bits_per_character
    assert low == high
    assert low == pytest.approx(-sum(music) / len(music) / math.log(2), rel=1e-4)
    given = JIG[: music_begins(JIG)]
    made = composer.compose(given, max_characters=40)
    own = [-p / math.log(2) for p, given in zip(made.log_probabilities, made.given, strict=True) if not given]
    assert Candidate.of(made).bits_per_character == pytest.approx(sum(own) / len(own))


def test_where_the_music_begins():
    assert music_begins(JIG) == JIG.index("|:")
    assert music_begins("K:C\nabc") == 4
    assert music_begins("abc") == music_begins("K:C") == 0
