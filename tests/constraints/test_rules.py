"""Single rules whose effect random walks hardly meet; each by what may come after a short text."""

import pytest

from songrnn.constraints.state import TuneState
from walks import Setup, constraint_of

HALVES = "M:2/4\nL:1/2\nK:Cmaj\n"
QUARTERS = "M:2/4\nL:1/4\nK:{}\n"


def after(text, **form):
    """Constraint, vocabulary and state after a text, with every character."""
    vocabulary, constraint, _ = constraint_of(Setup(form=tuple(form.items())))
    state = TuneState()
    for character in vocabulary.encode(text).tolist():
        state = constraint.push(state, character)
        assert state is not None, text
    return constraint, vocabulary, state


def allows(text, character, **form):
    constraint, vocabulary, state = after(text, **form)
    return constraint.push(state, int(vocabulary.encode(character)[0])) is not None


@pytest.mark.parametrize(
    ("line", "may_close"),
    [("c", False), ("c'", True), ("C", False), ("C,", True), ("c ", True), ("c\n", True), ("c/c/", True), ("^c", True)],
)
def test_a_line_that_is_a_letter_and_a_colon_would_be_a_field(line, may_close):
    assert allows(f"{HALVES}|:A|\n{line}", ":") == may_close


def test_a_tie_carries_an_accidental_across_the_bar_line():
    text = QUARTERS.format("Gmaj") + "GG|G^G-|G"
    assert after(text)[2].altered == 1
    assert after(text + "G|G")[2].altered == 0
    assert not allows(text, "|", bars=3, end_on_tonic=True)


@pytest.mark.parametrize(
    ("key", "note", "sign", "letter", "expected"),
    [("Bbmaj", "_B", "_", "B", True), ("Gmaj", "G", "=", "G", True), ("Gmaj", "G", "^", "G", False)],
)
def test_in_the_last_bar_the_tonic_may_have_only_the_accidental_that_the_key_has(key, note, sign, letter, expected):
    form = {"bars": 1, "end_on_tonic": True, "pitch_range": f"{note}-{note}"}
    assert allows(QUARTERS.format(key) + sign, letter, **form) == expected


@pytest.mark.parametrize(
    ("bars", "line", "character", "expected"),
    [(2, "|", "\n", True), (2, "|", "|", False), (3, "|", "\n", False), (3, "|", "|", True), (3, "|", ":", True)],
)
def test_a_second_ending_ends_the_tune_with_a_bar_line_and_another_part_follows_a_double_one(
    bars, line, character, expected
):
    text = QUARTERS.format("Cmaj") + "|:AB|1AB:|2AB"
    assert allows(text + line, character, bars=bars) == expected


@pytest.mark.parametrize(
    ("rhythm", "meter", "character", "expected"),
    [
        ("hornpipe", "4/4", "[", False),
        ("hornpipe", "4/4", ".", False),
        ("hornpipe", "3/4", "[", True),
        ("reel", "4/4", "[", True),
        ("reel", "4/4", ".", True),
    ],
)
def test_where_abc2midi_swings_nothing_stands_that_it_counts_wrongly(rhythm, meter, character, expected):
    text = f"R:{rhythm}\nM:{meter}\nL:1/8\nK:Cmaj\nG2G2"
    assert allows(text, character) == expected
