"""The figures of single tunes: perfect input, worst input, worked out by hand, undefined."""

import math

import pytest

from songrnn.evaluation.analysed import analyse, comparable_text
from songrnn.evaluation.bars import bars_add_up
from songrnn.evaluation.form import bar_count, form_of, longest_run, self_similarity, similarities, similarity
from songrnn.evaluation.key import ends_on_tonic, in_key, scale, tonic_of
from songrnn.evaluation.pitch_range import pitch_range
from songrnn.evaluation.plays import play_each
from songrnn.evaluation.questions import QUESTIONS
from songrnn.evaluation.reads import reads_strictly
from songrnn.evaluation.rests import rest_share
from songrnn.evaluation.statistics import mean, share
from songrnn.notation.values import read_value
from tiny import JIG

HEAD = "M:4/4\nL:1/4\nK:Cmaj\n"
NO_ABC = "|||::: this is no music"
NO_NOTES = f"{HEAD}z4|\n"
EIGHT_A = "CDEF|GABc|cBAG|FEDC|CEGc|cGEC|DFAd|C4"
EIGHT_B = "cdef|gfed|c2B2|A2G2|eeee|dddd|cccc|c4"


def tune(body, head=HEAD):
    return analyse(f"{head}{body}\n")


@pytest.mark.parametrize("text", ["", NO_ABC, "K:", "K:Xyz\nabc", "\0", "X:1\nX:2\nK:C\n" + "[" * 500, "K:C\n|:" * 50])
def test_whatever_a_text_says_every_question_has_an_answer_or_none(text):
    analysed = analyse(text)
    for question in QUESTIONS:
        if question.ask is not None:
            value = question.ask(analysed)
            assert math.isnan(value) or value >= 0


@pytest.mark.parametrize(
    ("ask", "undefined"),
    [(in_key, True), (ends_on_tonic, True), (pitch_range, True), (rest_share, True), (reads_strictly, False)],
)
def test_what_cannot_be_read_has_no_figure_of_its_notes_but_counts_as_unread(ask, undefined):
    value = ask(analyse(NO_ABC))
    assert math.isnan(value) if undefined else value == 0


def test_reading_is_strict_and_what_loses_no_music_is_heard_all_the_same():
    assert reads_strictly(tune("CDEF|")) == 1
    wrong = tune("CDEF|#G4|")
    assert reads_strictly(wrong) == 0
    assert wrong.reason.startswith("line 6, column 6: ")
    assert [note.pitch for note in wrong.melody] == [60, 62, 64, 65, 67]


def test_bars_that_add_up_and_one_that_does_not():
    assert bars_add_up(tune("G|CDEF|G3:|")) == 1
    assert bars_add_up(tune("CDEF|GAB|CDEF|")) == 0
    assert bars_add_up(analyse(NO_ABC)) == 0


def test_in_free_meter_no_bar_can_be_wrong():
    assert math.isnan(bars_add_up(tune("CDEFG|A|", "M:none\nL:1/4\nK:C\n")))
    assert bars_add_up(tune("CDEFG|A|[M:3/4]AB|", "M:none\nL:1/4\nK:C\n")) == 0


def test_the_share_of_time_in_the_scale_weighs_notes_by_their_length():
    assert in_key(tune("CDEF|")) == 1
    assert in_key(tune("^C^D^F^G|")) == 0
    assert in_key(tune("C2^F2|^F4|")) == 0.25  # the accidental holds in the first bar, and is written in the second
    assert in_key(tune("^F4|[K:G]FFFF|")) == 0.5


def test_scales_and_tonics_follow_modes_accidentals_and_pipes():
    assert scale(read_value("K", "D")) == {2, 4, 6, 7, 9, 11, 1}
    assert scale(read_value("K", "Ador")) == scale(read_value("K", "G"))
    assert scale(read_value("K", "D =c")) == {2, 4, 6, 7, 9, 11, 0}
    assert [tonic_of(read_value("K", text)) for text in ("Bb", "F#m", "Hp", "none")] == [10, 6, 9, None]


def test_the_last_note_as_played_ends_on_the_tonic_or_not():
    assert ends_on_tonic(tune("GABc|")) == 1
    assert ends_on_tonic(tune("cBAG|")) == 0
    assert ends_on_tonic(tune("GAB[CEG]|")) == 1
    assert ends_on_tonic(tune("|:GABc|1 G4:|2 d4|")) == 0
    assert math.isnan(ends_on_tonic(tune("GABc|", "M:4/4\nL:1/4\nK:none\n")))


def test_the_range_is_in_semitones_and_undefined_without_notes():
    assert pitch_range(tune("Cc|")) == 12
    assert pitch_range(tune("C4|")) == 0
    assert math.isnan(pitch_range(analyse(NO_NOTES)))


def test_rests_are_a_share_of_the_time_as_written():
    assert rest_share(tune("CDEF|")) == 0
    assert rest_share(analyse(NO_NOTES)) == 1
    assert rest_share(tune("|:C2z2:|Z2|")) == pytest.approx(2.5 / 3)
    assert math.isnan(rest_share(tune("|")))


def test_bars_are_alike_by_the_onsets_that_they_share():
    one, same, half, other = tune("CDEF|CDEF|CDGA|GABc|").bars
    assert similarity(one, same) == 1
    assert similarity(one, half) == 0.5
    assert similarity(one, other) == 0
    assert similarities((one, half))[0].tolist() == [1, 0.5]


def test_likeness_of_bars_is_one_for_one_bar_for_ever_and_nought_for_ever_new_ones():
    assert self_similarity(tune("CDEF|" * 5).bars) == 1
    assert self_similarity(tune("C4|D4|E4|").bars) == 0
    assert self_similarity(tune("CDEF|CDEF|CDGA|").bars) == pytest.approx((1 + 0.5 + 0.5) / 3)
    assert math.isnan(self_similarity(tune("CDEF|").bars))


def test_repeats_count_as_they_sound_and_pickups_are_no_bars():
    assert bar_count(tune("G|CDEF|CDEG:|").bars) == 4
    assert bar_count(tune("|:CDEF:|").bars) == 2
    assert bar_count(tune("|:C4|1 D4:|2 E4|").bars) == 4
    assert bar_count(analyse(NO_ABC).bars) == 0


def test_the_longest_run_of_one_bar():
    assert longest_run(tune("CDEF|GABc|GABc|GABc|CDEF|").bars) == 3
    assert longest_run(tune("|:GABc:|").bars) == 2
    assert math.isnan(longest_run(analyse(NO_ABC).bars))


def test_forms_have_a_letter_for_each_strain_of_eight_bars():
    assert form_of(tune(f"|:{EIGHT_A}:|\n|:{EIGHT_B}:|").bars) == "AABB"
    assert form_of(tune(f"{EIGHT_A}|\n{EIGHT_B}|\n{EIGHT_A}|").bars) == "ABA"
    assert form_of(tune(f"G|{EIGHT_A[:-1]}3||G|{EIGHT_B[:-1]}3|").bars) == "AB"
    assert form_of(tune(f"{EIGHT_A}|{EIGHT_A.replace('DFAd|C4', 'dcBA|G4')}|").bars) == "AA"
    assert form_of(tune("CDEF|" * 7).bars) == ""
    assert form_of(()) == ""


def test_tunes_are_compared_without_what_says_where_they_come_from():
    assert comparable_text(f"X:7\nT:Composition 7\n{JIG}") == JIG
    assert comparable_text(f"<start>\nX:7\n{JIG}<end>\n") == JIG
    assert comparable_text(f"X:1\nT:One\nC:Somebody\nZ:else\n{JIG}") == JIG
    assert comparable_text("X:1\nT:One\nno music") == "no music\n"


def test_what_plays_and_what_does_not_comes_back_in_order():
    answers = list(play_each([f"X:1\nT:a\n{JIG}", NO_ABC, "X:1\nT:b\nM:4/4\nL:1/8\nK:C\nA>B2 (3AB|\n"]))
    assert [answer.plays for answer in answers] == [True, False, False]
    assert answers[0].reason == ""
    assert "no notes" in answers[1].reason
    assert answers[2].reason.startswith("Error in line")


def test_a_share_has_wilsons_interval():
    half = share([1.0] * 5 + [0.0] * 5 + [math.nan])
    assert (half.value, half.tunes) == (0.5, 10)
    assert (half.low, half.high) == (pytest.approx(0.2366, abs=1e-4), pytest.approx(0.7634, abs=1e-4))
    assert share([1.0] * 10).high == 1
    assert 0.7 < share([1.0] * 10).low < 0.73
    assert math.isnan(share([]).value)


def test_a_mean_has_its_standard_error_and_one_tune_has_no_interval():
    found = mean([1.0, 2.0, 3.0, math.nan])
    assert (found.value, found.tunes) == (2, 3)
    assert found.high - found.value == pytest.approx(1.96 / 3**0.5)
    assert mean([4.0]).value == 4
    assert math.isnan(mean([4.0]).low)
    assert mean([math.nan]).as_json() == {"value": None, "low": None, "high": None, "tunes": 0}
