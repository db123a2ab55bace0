"""The one spelling against `notation`: reading gives the same music, and most texts are as `write_tune` has them."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from growth import assert_linear
from songrnn.corpus.cleaning import Dropped, tunebook_text
from songrnn.corpus.spelling import one_spelling
from songrnn.notation.read import read_tune
from songrnn.notation.tune import PLAIN, Chord, GraceNotes, Note, Rest, Tune
from songrnn.notation.write import write_tune

HEADER = "M:4/4\nL:1/8\nK:Dmaj\n"


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        pytest.param("| AB cd | e4 :|", "|AB cd|e4:|", id="blanks beside bar lines"),
        pytest.param("( AB ) c (3 def", "(AB) c (3def", id="blanks in slurs and tuplets"),
        pytest.param("A {g} B {c}(de)", "A {g}B ({c}de)", id="grace notes, then slurs"),
        pytest.param("e2{de} d4", "e2 {de}d4", id="grace notes beside the note before"),
        pytest.param("{g/a/}A{b}{c}d{/e2}f", "{ga}A{bc}d{/e}f", id="lengths of grace notes"),
        pytest.param("A// B/2 c4/2 d1 e3/ f6/4", "A/4 B/ c2 d e3/2 f3/2", id="lengths"),
        pytest.param("[c2e2] [c/e/]2 [ce2] [c2E2]-|", "[ce]2 [ce] [ce2] [cE]2-|", id="chords"),
        pytest.param("T{g}A .(AB) ((3BcdA)", "{g}TA (.AB) (3(BcdA)", id="order before a note"),
        pytest.param("(A>B>)c A2|-A A- >B", "(A>B)>c A2-|A A- >B", id="order after a note"),
        pytest.param("A|[1 B:|[2c|]", "A|1 B:|2 c|]", id="endings"),
        pytest.param("A [1 B:| [2,3c|]", "A[1 B:|2,3 c|]", id="endings within a bar"),
        pytest.param("||: A :|| B :||: c:|:d :| |: e:|]", "|:A:|B::c::d::e:|", id="repeats"),
        pytest.param("|:: A ::|", "|::A::|", id="repeats of three passes"),
        pytest.param("A||\n||B:|\n|c|\n| d|\n|: e|\n||f|]", "A||\nB:|\nc|\nd|\n|:e||\nf|]", id="bar lines twice"),
        pytest.param("A|\n|1B:|\n|2c|]", "A|\n[1 B:|\n[2 c|]", id="an ending at the beginning of a line"),
        pytest.param("A|] |:B| :: c", "A|] |:B::c", id="bar lines that a blank keeps apart"),
        pytest.param("(3.(2AB", "(3.(2AB", id="a tuplet in a tuplet"),
        pytest.param("AB\ncd|ef\ng|a", "AB cd|\nef g|\na", id="bars across lines"),
        pytest.param("AB\n[1cd:|2ef\ng", "AB[1 cd:|\n[2 ef g", id="the rest of the tune"),
        pytest.param("AB\nM:6/8\ncd\nef|", "AB\nM:6/8\ncd ef|", id="bars before a field"),
        pytest.param("AB\n2cd|", "AB\n2cd|", id="a line that begins with a length"),
        pytest.param('"A 2/2"c4/2 "A| |B"d|', '"A 2/2"c2 "A| |B"d|', id="texts"),
        pytest.param("!>)!A [L:2/16]|B4/2", "!>)!A [L:2/16]|B2", id="named decorations and inline fields"),
        pytest.param("(3:2ABC (3:2:3ABC (3::ABC (3:4ABC", "(3ABC (3ABC (3ABC (3:4ABC", id="tuplets"),
    ],
)
def test_music_gets_one_spelling(written, spelled):
    assert one_spelling(written + "\n") == spelled + "\n"
    assert one_spelling(spelled + "\n") == spelled + "\n"


def test_what_the_spelling_saves_is_counted_by_kind():
    changed = Counter()
    one_spelling("| A | {b/}B4/2 :|| \n|c|\n", changed)
    assert changed == {"blanks": 4, "lengths": 3, "bar lines": 3}


def bar_lines_merged(tune: Tune):
    """What sounds, with the bar lines that repeat and end; a line break is a blank, and bars without sound are none."""
    elements = []
    for bar in tune.voices[0].bars:
        elements += [_without_grace_lengths(one) for one in bar.elements if isinstance(one, Note | Rest | Chord)]
        if bar.line is not None:
            line = ("bar", bar.line.ends_repeat, bar.line.starts_repeat)
            last = elements[-1] if elements and isinstance(elements[-1], tuple) else None
            if last:
                elements[-1] = ("bar", max(last[1], line[1]), max(last[2], line[2]))
            else:
                elements.append(line)
    return elements


def _without_grace_lengths(sound):
    if isinstance(sound, Chord):
        return replace(sound, notes=tuple(map(_without_grace_lengths, sound.notes)), marks=_marks(sound.marks))
    return replace(sound, marks=_marks(sound.marks))


def _marks(marks):
    if marks.grace is None:
        return marks
    grace = GraceNotes(tuple(replace(note, duration=0, marks=PLAIN) for note in marks.grace.notes), marks.grace.slashed)
    return replace(marks, grace=grace)


NOTES = ["A", "B2", "^c/", "d'3/2", "=E//", "z2", "[ce]", "[A2c2]", "{g}A", "{a/b/}c", "T.d", "~{g}e", '"Am"f', "(3ABc"]
NOTES += ["(AB)", "A2-A2", "A>B", "c<d", "((3abc) d)", "{g}(AB)", "A- A"]
BARS = ["|", " | ", "||", ":|", "|:", "::", ":||:", "|\n|", " |\n", ":|\n|:", "|1 ", ":|2", "|[1", "]:|"]
pieces = st.lists(st.sampled_from([*NOTES, *NOTES, " ", *BARS[:-1], "\n"]), max_size=30).map("".join)


@given(pieces)
def test_reading_gives_the_same_music_as_before(body):
    text = f"X:1\n{HEADER}"
    music = "\n".join(filter(str.strip, f"{body}\nA|\n".split("\n"))) + "\n"  # no empty lines, which end a tune
    before, after = (read_tune(text + one, strict=False) for one in (music, one_spelling(music)))
    assert bar_lines_merged(after) == bar_lines_merged(before)


@given(st.lists(st.sampled_from(["AB", "c2 d2", "(3efg", "T{g}a", "[c2e2]", "(A/B/)", "A/4>B/4"]), min_size=1))
def test_bars_as_the_writer_spells_them_stay_as_they_are(bars):
    written = write_tune(read_tune(f"X:1\n{HEADER}{'|'.join(bars)} | A :|\n"))
    music = written.split("K:Dmaj\n")[1]
    assert one_spelling(music) == music
    assert one_spelling(f"{' | '.join(bars)} | A :||\n") == music


ANYTHING = [*"AbcZz^_=',0123/()[]{}<>-.~TH:|\"!& \n", "[1", "(3", "|:", "K:D", "[M:6/8]", '"Am"', "!trill!"]


@example("A~[| ]")
@given(st.lists(st.sampled_from(ANYTHING), max_size=40).map("".join))
def test_a_tunebook_text_stays_as_it_is(body):
    try:
        text = tunebook_text(HEADER + body)
    except Dropped:
        return
    assert tunebook_text(text) == text


@pytest.mark.parametrize(
    "repeated", ["(", "( ", "{", "{a}", "[A", "[A2", "|", ":", ">", ") ", "A\n", "|\n", ".", "1,", "A -"]
)
def test_spelling_takes_linear_time(repeated):
    def spelled(size):
        with suppress(Dropped):
            tunebook_text(f"{HEADER}A{repeated * (size // len(repeated))}B\n")

    assert_linear(spelled)
