"""Fields before the first tune of a file: which tunes get which of them."""

import pytest

from songrnn.corpus.file_header import read_file_header
from songrnn.corpus.sources import read_sources
from songrnn.notation.read import read_tune
from songrnn.performance.timeline import timeline


def tunes(tmp_path, text):
    file = tmp_path / "book.abc"
    file.write_text(text, "utf-8")
    return read_sources([str(file)]).tunes


def test_a_tune_has_the_fields_of_the_file_header_that_it_lacks(tmp_path):
    one, two = tunes(tmp_path, "M:6/8\nL:1/8\nQ:3/8=100\n\nX:1\nK:D\nABc def|\n\nX:2\nM:3/4\nK:G\nGABc|\n")
    assert one.text == "X:1\nM:6/8\nL:1/8\nQ:3/8=100\nK:D\nABc def|\n"
    assert two.text == "X:2\nL:1/8\nQ:3/8=100\nM:3/4\nK:G\nGABc|\n"
    assert [tempo.quarters_per_minute for _, tempo in timeline(read_tune(two.text)).tempos] == [150]


def test_instructions_and_symbols_of_a_tune_go_before_those_of_the_file(tmp_path):
    header = "%abc-2.1\n% our book\n%%propagate-accidentals octave\nI:decoration !\nU:T=!turn!\nU:W=!accent!\n"
    (tune,) = tunes(tmp_path, header + "\nX:1\nU:T=!trill!\nI:decoration +\nK:C\nC|\n")
    added = "I:propagate-accidentals octave\nU:W=!accent!\n"
    assert tune.text == f"X:1\n{added}U:T=!trill!\nI:decoration +\nK:C\nC|\n"


def test_a_continued_field_stays_whole(tmp_path):
    (tune,) = tunes(tmp_path, "H:This tune\n+:is old\n\nX:1\nK:C\nC|\n")
    assert tune.text == "X:1\nH:This tune\n+:is old\nK:C\nC|\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A book of tunes\n\n",
        "M:6/8\nwith words\n\n",
        "\n% nothing but a comment\n\n",
        "A book\n\nM:6/8\n\n",
        "T:Title\nK:D\nP:AB\nV:1\nw:words\nW:words\n\n",
        "%%begintext\nM:6/8\n%%endtext\n\n",
    ],
)
def test_free_text_and_fields_of_tunes_are_no_file_header(tmp_path, text):
    (tune,) = tunes(tmp_path, text + "X:1\nK:C\nC|\n")
    assert tune.text == "X:1\nK:C\nC|\n"
    assert read_file_header(text).fields == ()


def test_fields_between_tunes_are_none_of_the_file(tmp_path):
    _, two = tunes(tmp_path, "X:1\nK:C\nC|\n\nM:6/8\n\nX:2\nK:C\nC|\n")
    assert two.text == "X:2\nK:C\nC|\n"


def test_only_the_first_block_counts(tmp_path):
    (tune,) = tunes(tmp_path, "\nM:6/8\n\nL:1/4\n\nX:1\nK:C\nC|\n")
    assert tune.text == "X:1\nM:6/8\nK:C\nC|\n"
