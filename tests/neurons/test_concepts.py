"""What each concept says of the characters of a tune."""

import numpy as np
import pytest

from songrnn.errors import SettingsError
from songrnn.neurons.concepts import CONCEPTS, concept_columns, concept_named
from songrnn.neurons.facts import TuneFacts

TUNE = 'M:4/4\nL:1/4\nK:D\n|:d^f "Am"aB:|1 A/2|2 c3||\n'
BARS = "M:4/4\nL:1/4\nK:C\n|:CDEF|GABc:|\n(3cBAGFE|{d}C2[CE]-E|cB,z2|C4|]\n"


def column(name, text=BARS, bits=None):
    return CONCEPTS[name].value(TuneFacts.of(text, bits))


def at(name, marks, text=BARS):
    """Values at the places where `marks`, a piece of text that stands there once, begins."""
    return [column(name, text)[text.index(mark)] for mark in marks]


def shown(name, text):
    visible = text.replace("\n", "$").replace(" ", "&")
    return "".join(c if on == 1 else "." for c, on in zip(visible, column(name, text), strict=True))


def test_yes_or_no_concepts_hold_where_they_do():
    text = 'K:D\n|:d^f "Am"aB:|1 A/2|2 c3||\n'
    assert shown("note letter", text) == "......d.f.....aB....A.....c...."
    assert shown("note length", text) == ".....................{}....3...".format("/2")
    assert shown("accidental sign", text) == ".......^" + "." * (len(text) - 8)
    assert shown("space", text) == ".........&.........&.....&....."[: len(text)]
    assert shown("line end", text) == "...$" + "." * (len(text) - 5) + "$"
    assert shown("chord symbol or text", text)[10:14] == '"Am"'
    assert shown("bar line", text)[4:6] == "|:"
    assert shown("header", text).startswith("K:D")
    assert shown("open repeat", "K:C\n|:CD:|EF|\n") == ".....:CD:....."  # the bar line ends with its last sign


def test_numbers_are_those_of_the_music():
    assert at("time elapsed in the bar", ("DEF|G", "EF|G", "F|G")) == [0.5, 0.75, 1.0]
    assert at("time left in the bar", ("DEF|G",)) == [0.5]
    assert at("beat strength", ("CDEF", "DEF|G", "EF|G", "F|G")) == [1, 2, 1, 3]
    assert at("pitch", ("CDEF", "DEF|G", "c:|", ",z2")) == [60, 62, 72, 59]
    assert at("octave", ("CDEF", "c:|", ",z2")) == [4, 5, 3]
    assert at("scale degree", ("CDEF", "EF|G", "GABc")) == [0, 2, 4]
    assert at("interval", ("DEF|G", "c:|")) == [1, 1]
    assert np.isnan(at("interval", ("CDEF",)))
    assert at("contour", ("DEF|G", "AGFE")) == [2, 0]
    assert at("duration", ("CDEF", "2[CE]")) == [0.25, 0.5]
    assert at("bar of the part", ("CDEF", "GABc")) == [0, 1]
    assert at("part", ("CDEF", "BAGFE")) == [0, 1]


def test_fields_and_tokens_have_their_names():
    text = "M:4/4\nK:C\nCz|\n"
    fields, tokens = ([CONCEPTS[name].classes[int(v)] for v in column(name, text)] for name in ("field", "token"))
    assert fields == ["M"] * 5 + ["none"] + ["K"] * 3 + ["none"] * 5
    assert tokens[5:] == ["line end"] + ["field"] * 3 + ["line end", "note", "rest", "bar", "line end"]


def test_marks_hold_while_they_are_open():
    assert at("tuplet", ("3cBA", "cBA", "GFE")) == [1, 1, 0]
    assert at("grace notes", ("d}", "C2[")) == [1, 0]
    assert at("chord", ("[CE]", "CE]", "]-E")) == [1, 1, 0]
    assert at("tie", ("-E|",)) == [1]
    assert at("tonic", ("CDEF", "DEF|")) == [1, 0]
    assert at("chord tone", ("CDEF", "DEF|", "EF|G")) == [1, 0, 1]


def test_what_looks_ahead_knows_the_end_of_the_part_and_of_the_tune():
    last = column("last bar of the part")
    assert [last[BARS.index(mark)] for mark in ("CDEF", "GABc", "cBAG", "C4|")] == [0, 1, 0, 1]
    near = column("end is near")
    assert [near[BARS.index(mark)] for mark in ("GABc", "C2[", "B,z2", "C4|]")] == [0, 0, 1, 1]


def test_repetitions_and_surprisal():
    text = "K:C\n|CDEF GABc|CDEF GABc|\n"
    copied = column("being copied", text)
    assert copied[text.index("GABc")] == 0
    assert copied[text.rindex("GABc")] == 0  # seven characters of the bar, with its line
    assert copied[text.rindex("ABc")] == 1
    bits = np.arange(len(text), dtype=float)
    np.testing.assert_array_equal(column("surprisal", text, bits), bits)


def test_every_value_lies_in_its_range():
    for text in (BARS, TUNE, "<start>\nX:1\nT:A\nM:6/8\nK:Am\nABc dec|BAG A3:|\n<end>\n", "nonsense [1 (((|||::"):
        facts = TuneFacts.of(text, np.full(len(text), 2.5))
        values = concept_columns(list(CONCEPTS.values()), facts)
        for number, concept in enumerate(CONCEPTS.values()):
            known = values[:, number][~np.isnan(values[:, number])]
            if concept.name != "time left in the bar" and concept.name != "time elapsed in the bar":
                assert ((concept.low <= known) & (known <= concept.high)).all(), concept.name
            if concept.kind == "class":
                assert set(known) <= set(range(len(concept.classes)))
            if concept.kind == "yes_no":
                assert set(known) <= {0, 1}


def test_concepts_have_one_name_and_a_definition():
    assert len({concept.name for concept in CONCEPTS.values()}) == len(CONCEPTS) >= 35
    assert all(concept.definition for concept in CONCEPTS.values())
    assert concept_named("Open-Repeat").name == "open repeat"
    with pytest.raises(SettingsError, match="there is no concept 'colour'; there are header, field"):
        concept_named("colour")
