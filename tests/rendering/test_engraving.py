"""The signs that a score needs beyond pitches and durations, each worked out by hand."""

import xml.etree.ElementTree as ElementTree

import lytk
import pytest

from songrnn.rendering.engraving import NOTE_ORDER, complete


def engrave(body, key="C", header="M:4/4\nL:1/8\n"):
    return ElementTree.fromstring(complete(lytk.to_musicxml(lytk.from_abc_string(f"X:1\n{header}K:{key}\n{body}\n"))))


def signs(body):
    """Each note's sign with a "." for every dot."""
    return [note.findtext("type", "?") + "." * len(note.findall("dot")) for note in engrave(body).iter("note")]


def accidentals(body, key="C"):
    return [note.findtext("accidental", "") for note in engrave(body, key).iter("note")]


def ties(body):
    return ["+".join(tie.get("type") for tie in note.findall("tie")) for note in engrave(body).iter("note")]


def tuplets(body):
    return ["+".join(t.get("type") for t in note.iter("tuplet")) for note in engrave(body).iter("note")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("A A2 A4|", ["eighth", "quarter", "half"]),
        ("A3 A6|", ["quarter.", "half."]),
        ("A7 A|", ["half..", "eighth"]),
        ("A>B|", ["eighth.", "16th"]),
        ("(3A>BA|", ["eighth.", "16th", "eighth"]),
        ("z3 [Ac]3|", ["quarter.", "quarter.", "quarter."]),
    ],
)
def test_every_length_has_its_sign_and_dots(body, expected):
    assert signs(body) == expected


def test_a_length_without_a_sign_becomes_two_tied_notes():
    assert signs("A5 B3|") == ["half", "eighth", "quarter."]
    assert ties("A5 B3|") == ["start", "stop", ""]


def test_a_chord_without_a_sign_becomes_two_tied_chords():
    notes = list(engrave("[Ac]5 B3|").iter("note"))
    assert [note.findtext("pitch/step") for note in notes] == ["A", "C", "A", "C", "B"]
    assert [note.find("chord") is not None for note in notes] == [False, True, False, True, False]
    assert ties("[Ac]5 B3|") == ["start", "start", "stop", "stop", ""]


def test_a_long_note_that_is_tied_on_keeps_its_last_tie():
    assert ties("A5-A3|") == ["start", "start+stop", "stop"]


def test_a_rest_without_a_sign_becomes_two_rests_without_a_tie():
    assert signs("z5 A3|") == ["half", "eighth", "quarter."]
    assert ties("z5 A3|") == ["", "", ""]


def test_an_accidental_is_written_once_a_bar_and_taken_back():
    assert accidentals("^F2F2 =F2F2|^F4 F4|") == ["sharp", "", "natural", "", "sharp", ""]
    assert accidentals("^F8|^F8|F8|") == ["sharp", "sharp", ""]


def test_an_accidental_stays_on_its_own_octave():
    assert accidentals("^F4 ^f4|") == ["sharp", "sharp"]


def test_notes_of_the_key_need_no_accidental_and_others_do():
    assert accidentals("F2c2 =c2^G2|", key="D") == ["", "", "natural", "sharp"]
    assert accidentals("B2e2 =B2 e2|", key="Bb") == ["", "", "natural", ""]


def test_a_key_change_counts_from_where_it_stands():
    assert accidentals("F2 ^F2|[K:D]F2 =F2|") == ["", "sharp", "", "natural"]


def test_a_tie_over_the_bar_line_ends_without_a_second_accidental():
    assert ties("^F8-|^F8|") == ["start", "stop"]
    assert accidentals("^F8-|^F8|") == ["sharp", ""]


def test_a_tie_to_another_pitch_or_to_nothing_is_no_tie():
    assert ties("A4-B4|c8-|") == ["", "", ""]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("(3ABc (3efg|", ["start", "", "stop", "start", "", "stop"]),
        ("(3A>Bc d2|", ["start", "", "stop", ""]),
        ("(3:2:2A2B c2|", ["start", "stop", ""]),
        ("(4ABcd e2|", ["start", "", "", "stop", ""]),
        ("(3AB|c4|", ["start", "stop", "start+stop"]),
    ],
)
def test_a_tuplet_is_bracketed_from_its_first_to_its_last_note(body, expected):
    assert tuplets(body) == expected


def test_a_tune_without_a_clef_gets_the_treble_clef_and_others_keep_theirs():
    assert engrave("A8|").findtext(".//clef/sign") == "G"
    assert [sign.text for sign in engrave("A8|", key="C bass").iter("sign")] == ["F"]


def test_the_invented_part_name_is_gone():
    assert not engrave("A8|").findtext(".//part-name")


def test_elements_stand_in_the_order_that_musicxml_prescribes():
    for note in engrave("^A5-A3|(3{f}A>Bc [Ac]3-[Ac] .A2|z5 A-|A8|").iter("note"):
        ranks = [NOTE_ORDER.index(child.tag) for child in note]
        assert ranks == sorted(ranks)
        assert all(len(notations) for notations in note.iter("notations"))


def test_what_sounds_is_unchanged():
    def sound(root):
        return [
            (note.findtext("pitch/step"), note.findtext("pitch/alter"), note.findtext("duration"))
            for note in root.iter("note")
        ]

    text = "X:1\nM:4/4\nL:1/8\nK:D\n^G3 A c>d (3efg|[Ac]4-[Ac]2 _B2|\n"
    musicxml = lytk.to_musicxml(lytk.from_abc_string(text))
    assert sound(ElementTree.fromstring(complete(musicxml))) == sound(ElementTree.fromstring(musicxml))
