"""The metrics of single tunes: perfect input, worst input, worked out by hand, undefined."""

import math
from typing import Any

import pytest

from songrnn.evaluation.abc2midi import play_each
from songrnn.evaluation.analysed import analyse, comparable_text
from songrnn.evaluation.form import (
    bar_count,
    form_of,
    longest_run,
    loops,
    self_similarity,
    similarities,
    similarity,
    similarity_at,
)
from songrnn.evaluation.metrics import METRICS
from songrnn.evaluation.notes import long_part_ends, pitch_range, repeated_eighths, repeated_notes, rest_share
from songrnn.evaluation.tonality import (
    accidentals,
    ends_on_tonic,
    in_key,
    phrase_cadences,
    scale,
    strain_cadences,
    tonic_of,
)
from songrnn.evaluation.validity import bars_add_up, reads_strictly
from songrnn.notation.values import read_value
from songrnn.statistics import mean, share
from tiny import JIG

HEAD = "M:4/4\nL:1/4\nK:Cmaj\n"
NO_ABC = "|||::: this is no music"
NO_NOTES = f"{HEAD}z4|\n"
EIGHT_A = "CDEF|GABc|cBAG|FEDC|CEGc|cGEC|DFAd|C4"
EIGHT_B = "cdef|gfed|c2B2|A2G2|eeee|dddd|cccc|c4"


def tune(body, head=HEAD):
    return analyse(f"{head}{body}\n")


@pytest.mark.parametrize("text", ["", NO_ABC, "K:", "K:Xyz\nabc", "\0", "X:1\nX:2\nK:C\n" + "[" * 500, "K:C\n|:" * 50])
def test_every_metric_of_any_text_has_a_value_or_is_undefined(text):
    analysed = analyse(text)
    assert isinstance(analysed.canonical, str)
    for metric in METRICS:
        if metric.compute is not None:
            value = metric.compute(analysed)
            assert math.isnan(value) or value >= 0


@pytest.mark.parametrize(
    "compute",
    [
        *(in_key, accidentals, ends_on_tonic, phrase_cadences, strain_cadences),
        *(pitch_range, rest_share, repeated_notes, repeated_eighths, long_part_ends),
    ],
)
def test_what_cannot_be_read_has_no_figure_of_its_notes_but_counts_as_unread(compute):
    assert math.isnan(compute(analyse(NO_ABC)))
    assert reads_strictly(analyse(NO_ABC)) == 0


def test_reading_is_strict_and_a_tune_that_loses_no_music_is_still_analysed():
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


def test_accidentals_are_a_share_of_the_notes_as_written():
    assert accidentals(tune("CDEF|")) == 0
    assert accidentals(tune("^C^D^F^G|")) == 1
    assert accidentals(tune("|:C3^F:|")) == 0.5  # not weighed by length, and every bar once
    assert accidentals(tune("^F4|[K:G]F2=F2|")) == pytest.approx(2 / 3)
    assert math.isnan(accidentals(analyse(NO_NOTES)))


FOUR = "CDEF|GABc|cBAG|"


def test_phrases_and_strains_end_on_the_first_second_or_fifth_degree_or_elsewhere():
    assert phrase_cadences(tune(f"{FOUR}EDCC|{FOUR}EFED|{FOUR}cBAG|")) == 1
    assert phrase_cadences(tune(f"{FOUR}CCCE|{FOUR}CCCB|")) == 0
    twice = tune(f"C|{FOUR}CCCE|{FOUR}EDC3:|")
    assert phrase_cadences(twice) == 0.5  # the pickup is no bar, and the repeat counts
    assert strain_cadences(twice) == 1
    assert strain_cadences(tune(f"{FOUR}EDCC|{FOUR}EDCF|")) == 0
    assert phrase_cadences(tune(f"{FOUR}EDCC|CDEF|")) == 1  # what follows the last whole phrase is not counted


def test_cadences_follow_the_key_and_the_lowest_note_of_a_chord():
    assert phrase_cadences(tune("CDEF|GABc|cBAG|E2[CE]2|")) == 1
    assert phrase_cadences(tune("CDEF|GABc|cBAG|E2[EG]2|")) == 0
    assert phrase_cadences(tune("CDEF|GABc|[K:D]dcBA|F2E2|")) == 1
    assert phrase_cadences(tune(f"{FOUR}EDCC|", "M:4/4\nL:1/4\nK:Ddor\n")) == 0


def test_cadences_are_undefined_without_a_whole_phrase_or_a_tonic():
    assert math.isnan(phrase_cadences(tune("CDEF|GABc|cBAG|")))
    assert math.isnan(strain_cadences(tune(f"{FOUR}EDCC|")))
    assert math.isnan(phrase_cadences(tune(f"{FOUR}EDCC|", "M:4/4\nL:1/4\nK:none\n")))


def test_repeated_notes_are_a_share_of_the_steps_of_the_melody():
    assert repeated_notes(tune("CDEF|GABc|")) == 0
    assert repeated_notes(tune("CCCC|")) == 1
    assert repeated_notes(tune("|:CCDD|C4:|")) == 0.5  # as written, over the bar line
    assert repeated_notes(tune("C2-C2|D4|")) == 0  # tied notes are one
    assert math.isnan(repeated_notes(tune("C4|")))


def test_three_eighths_of_one_pitch_in_a_row():
    eighths = "M:4/4\nL:1/8\nK:C\n"
    assert repeated_eighths(tune("CCDD CCDD|", eighths)) == 0
    assert repeated_eighths(tune("CDDD CEFG|", eighths)) == 1
    assert repeated_eighths(tune("CDEF GABB|B8|", eighths)) == 0
    assert repeated_eighths(tune("CCCC|")) == 0  # quarters
    assert math.isnan(repeated_eighths(tune("C4|")))


def test_parts_end_on_a_note_twice_as_long_as_most_or_not():
    assert long_part_ends(tune("CDEF|G2c2:|CDEF|G4|]")) == 1
    assert long_part_ends(tune("CDEF|GABc:|CDEF|GABc|]")) == 0
    assert long_part_ends(tune("CDEF|G2A2||CDEF|G3A|]")) == 0.5
    assert long_part_ends(tune("|:CDEF|[CE]2[C2E2]:|")) == 1
    assert math.isnan(long_part_ends(tune("CDEF|G4|")))  # no part ends
    assert math.isnan(long_part_ends(analyse(NO_NOTES)))


def test_scales_and_tonics_follow_modes_accidentals_and_pipes():
    assert scale(read_value("K", "D")) == {2, 4, 6, 7, 9, 11, 1}
    assert scale(read_value("K", "Ador")) == scale(read_value("K", "G"))
    assert scale(read_value("K", "D =c")) == {2, 4, 6, 7, 9, 11, 0}
    keys: list[Any] = [read_value("K", text) for text in ("Bb", "F#m", "Hp", "none")]
    assert [tonic_of(key) for key in keys] == [10, 6, 9, None]


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


def test_bars_at_a_distance_are_compared_each_with_one_partner():
    a, b = "CDEF|GABc|cBAG|FEDC|", "dddd|eeee|ffff|gggg|"
    assert similarity_at(tune(a + a).bars, 4) == 1
    assert similarity_at(tune(a + b).bars, 4) == 0
    assert similarity_at(tune(f"|:{a}{b[:-1]}:|").bars, 8) == 1
    assert similarity_at(tune(a + "CDEF|GABc|gabc|CDAG|").bars, 4) == pytest.approx((1 + 1 + 0 + 0) / 4)
    assert similarity_at(tune(a + "CDFE|").bars, 4) == 0.5
    assert math.isnan(similarity_at(tune(a).bars, 4))
    assert math.isnan(similarity_at((), 4))


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


def test_a_bar_that_sounds_five_times_in_a_row_is_a_loop():
    assert loops(tune("CDEF|" * 4).bars) == 0
    assert loops(tune("CDEF|" * 5).bars) == 1
    assert loops(tune("|:CDEF|CDEF|CDEF:|").bars) == 1
    assert loops(tune("CDEF|GABc|" * 5).bars) == 0
    assert math.isnan(loops(()))


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


def test_texts_of_one_music_in_several_spellings_have_one_canonical_text():
    expected = "M:4/4\nL:1/8\nK:Cmaj\n|:C2D2E2F2|G4c4|(3cBAG6||\n"
    for spelled in (
        "M:4/4\nL:1/8\nK:Cmaj\n|:C2D2E2F2|G4c4|(3cBAG6||\n",
        "M:C\nL:1/4\nK:C\n|: C D E F | G2 c2 |\n| (3c/B/A/ G3 ||\n",
        "X:9\nT:Title\nM:4/4\nL:1/8\nK:C\n|:C2 D2 E2 F2 |[L:1/4]G2c2|\n(3:2:3c/B/A/ G3||\n",
    ):
        assert analyse(spelled).canonical == expected
    assert analyse(expected).canonical == expected
    assert analyse("no music").canonical == "no music\n"


def test_the_canonical_text_plays_the_same_notes():
    for body in ("A>B c2|", "|:GABc|1 G4:|2 d4|", "C2-C2|D4||||E4|", "{g}A2 !trill!B2|", '"Am"A2B2|', "[CE]4|& G4|"):
        one, other = tune(body), analyse(tune(body).canonical)
        for notes in (one.played, one.melody), (other.played, other.melody):
            assert notes[0]
        assert [vars_of(note) for note in one.played] == [vars_of(note) for note in other.played]


def vars_of(note):
    return note.onset, note.duration, note.pitch


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
    assert found.high - found.value == pytest.approx(1.959964 / 3**0.5)
    assert mean([4.0]).value == 4
    assert math.isnan(mean([4.0]).low)
    assert mean([math.nan]).as_json() == {"value": None, "low": None, "high": None, "tunes": 0}
