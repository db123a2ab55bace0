from collections import Counter

import pytest

from songrnn.corpus.cleaning import tunebook_text
from songrnn.corpus.marks import without_marks


@pytest.mark.parametrize(
    ("written", "kept", "left_out"),
    [
        pytest.param("udve|!upbow!f", "de|f", {"bowings": 9}, id="bowings"),
        pytest.param("!4!d!0!e!thumb!f", "def", {"fingerings": 13}, id="fingerings"),
        pytest.param("Sd!D.C.!|Oe!fine!|", "d|e|", {"directions": 14}, id="directions"),
        pytest.param("!mf!d!<(!e!<)!!crescendo(!f", "def", {"dynamics": 24}, id="dynamics"),
        pytest.param('"^Segno"d"_D.C."e"@1,2 x"f', "def", {"annotations": 23}, id="annotations"),
        pytest.param('"Am"Td~e!turn!f{g}aHb.c', '"Am"Td~e!turn!f{g}aHb.c', {}, id="music"),
        pytest.param('[K:Dphr]u[df]\nM:6/8\n"Esus"d', '[K:Dphr][df]\nM:6/8\n"Esus"d', {"bowings": 1}, id="fields"),
    ],
)
def test_marks_are_left_out_and_counted_by_kind(written, kept, left_out):
    counted = Counter()
    assert without_marks(written, counted) == kept
    assert counted == left_out


def test_a_tunebook_text_has_no_marks_unless_they_are_kept():
    tune = 'X:1\nR:double jig\nM:6/8\nL:1/8\nK:D\nuA | "^Segno"d2 f :|\n'
    assert tunebook_text(tune) == "R:double jig\nM:6/8\nL:1/8\nK:Dmaj\nA|d2 f:|\n"
    assert tunebook_text(tune, keep_marks=True).endswith('\nuA | "^Segno"d2 f :|\n')


def test_a_tune_of_marks_alone_keeps_the_notes_between_them():
    assert tunebook_text('K:D\n"^only this"A\n') == "M:none\nL:1/8\nK:Dmaj\nA\n"
