"""Reading: every notation feature, every kind of mistake with its place, and no text that does any harm."""

import sys
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songrnn.checks.check import check
from songrnn.errors import AbcSyntaxError, SongrnnError
from songrnn.notation.read import read_tune
from songrnn.notation.tune import (
    NO_KEY,
    BarRest,
    BeamBreak,
    Chord,
    Ending,
    Field,
    Key,
    LineBreak,
    Meter,
    Note,
    Overlay,
    Pitch,
    Rest,
    Spacer,
    Tuplet,
)
from songrnn.notation.write import write_tune

FILES = sorted((Path(__file__).parents[1] / "data" / "abc").glob("*.abc"))
HEADER = "X:1\nT:Test\nM:4/4\nL:1/8\nK:C\n"


def read(body, *, strict=True, header=HEADER):
    return read_tune(header + body + "\n", strict=strict)


def elements(body, *, strict=True, header=HEADER, voice=0):
    return list(read(body, strict=strict, header=header).voices[voice].elements())


def sounding(body, **options):
    return [element for element in elements(body, **options) if isinstance(element, Note | Chord | Rest)]


def lengths(body, **options):
    """In unit note lengths of 1/8."""
    return [8 * element.duration for element in sounding(body, **options)]


def lines(body, **options):
    return [bar.line for bar in read(body, **options).voices[0].bars if bar.line is not None]


def test_the_fields_of_the_header_are_read():
    tune = read_tune(
        "X: 7\nT:The Reel % a comment\nT:Another Name\nR:reel\nM:C|\nL:1/16\nN:some\n+:words\nK:F# dorian\n"
    )
    assert tune.header.number == 7
    assert tune.header.titles == ("The Reel", "Another Name")
    assert (tune.header.meter, tune.header.unit_note_length) == (Meter((2,), 2, "C|"), Fraction(1, 16))
    assert tune.header.key == Key("F#", "dor")
    assert (tune.header.values("R"), tune.header.values("N")) == (("reel",), ("some words",))
    assert tune.voices == ()


@pytest.mark.parametrize(
    ("meter", "unit"),
    [
        ("", "1/8"),
        ("M:2/4\n", "1/16"),
        ("M:3/4\n", "1/8"),
        ("M:none\n", "1/8"),
        ("M:6/8\n", "1/8"),
        ("M:3/8\n", "1/16"),
    ],
)
def test_the_unit_note_length_follows_from_the_meter_when_there_is_none(meter, unit):
    assert read_tune(f"X:1\n{meter}K:C\n").header.unit_in_force == Fraction(unit)


def test_notes_have_letter_octave_and_accidental():
    pitches = [note.pitch for note in sounding("C,,c''^F__B=e")]
    assert pitches == [Pitch("C", 2), Pitch("C", 7), Pitch("F", 4, 1), Pitch("B", 4, -2), Pitch("E", 5, 0)]


def test_lengths_are_multiples_and_parts_of_the_unit():
    assert lengths("C2 D/ E// F/4 G3/2 A3/ B") == [
        2, Fraction(1, 2), Fraction(1, 4), Fraction(1, 4), Fraction(3, 2), Fraction(3, 2), 1,
    ]  # fmt: skip


def test_broken_rhythm_takes_from_one_note_and_gives_to_the_other():
    assert lengths("A>B c<d e>>f g2<<<a2 A > B") == [
        Fraction(3, 2), Fraction(1, 2), Fraction(1, 2), Fraction(3, 2), Fraction(7, 4), Fraction(1, 4),
        Fraction(1, 4), Fraction(15, 4), Fraction(3, 2), Fraction(1, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("meter", "body", "length"),
    [
        ("4/4", "(2AB", "3/2"), ("4/4", "(3ABc", "2/3"), ("4/4", "(4ABcd", "3/4"), ("4/4", "(5ABcde", "2/5"),
        ("6/8", "(5ABcde", "3/5"), ("9/8", "(7ABcdefg", "3/7"), ("3/4", "(5ABcde", "2/5"),
        ("12/8", "(9ABcdefgab", "1/3"),
        ("4/4", "(6ABcdef", "1/3"), ("4/4", "(8ABcdefga", "3/8"), ("4/4", "(3:2:2AB", "2/3"), ("4/4", "(3::2AB", "2/3"),
        ("4/4", "(3:4ABc", "4/3"), ("4/4", "(11:8:2AB", "8/11"),
    ],
)  # fmt: skip
def test_every_form_of_tuplet_has_its_time(meter, body, length):
    header = f"X:1\nT:Test\nM:{meter}\nL:1/8\nK:C\n"
    assert set(lengths(body, header=header)) == {Fraction(length)}


def test_a_tuplet_ends_after_its_notes():
    assert lengths("(3::2AB c") == [Fraction(2, 3), Fraction(2, 3), 1]
    assert Tuplet(3, 2, 2) in elements("(3::2AB c")


def test_the_lengths_in_a_chord_and_after_it_multiply():
    (chord,) = sounding("[C2E^G,]3")
    assert [8 * note.duration for note in chord.notes] == [6, 3, 3]
    assert chord.duration == chord.notes[0].duration


def test_a_tie_after_a_chord_ties_its_notes_and_one_within_ties_one():
    first, second = sounding("[CE]- [C-E]")
    assert [note.tied for note in (*first.notes, *second.notes)] == [True, True, True, False]


def test_what_stands_before_a_note_belongs_to_it():
    (note,) = sounding('({/fg}"Am""^slow"!trill!.T^A2-)')
    assert note.marks.texts == ("Am", "^slow")
    assert note.marks.decorations == ("trill", "staccato", "trill")
    assert [grace.pitch.letter for grace in note.marks.grace.notes] == ["F", "G"]
    assert note.marks.grace.slashed
    assert (note.slurs_begin, note.slurs_end, note.tied) == (1, 1, True)


def test_slurs_nest_and_end_after_their_notes():
    assert [(note.slurs_begin, note.slurs_end) for note in sounding("((AB)c(d e))")] == [
        (2, 0), (0, 1), (0, 0), (1, 0), (0, 2),
    ]  # fmt: skip


def test_rests_bar_rests_and_spacers_are_distinguished():
    assert elements("z2x/ Z4 X y3 y") == [
        Rest(Fraction(1, 4)), Rest(Fraction(1, 16), visible=False), BeamBreak(), BarRest(4), BarRest(visible=False),
        Spacer(3), Spacer(),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "style", "ends", "starts"),
    [
        ("|", "|", 0, 0), ("||", "||", 0, 0), ("|]", "|]", 0, 0), ("[|", "[|", 0, 0), (".|", ".|", 0, 0),
        ("[|]", "[|]", 0, 0), ("|:", "|", 0, 1), (":|", "|", 1, 0), ("::", "|", 1, 1), (":|:", "|", 1, 1),
        (":||:", "||", 1, 1), (":|]", "|]", 1, 0), ("|::", "|", 0, 2), ("[|:", "[|", 0, 1), ("||]", "|]", 0, 0),
    ],
)  # fmt: skip
def test_every_bar_line_is_known(text, style, ends, starts):
    (line,) = lines(f"A{text}")
    assert (line.style, line.ends_repeat, line.starts_repeat) == (style, ends, starts)


def test_colons_after_an_invisible_bar_line_belong_to_the_next():
    assert [(line.style, line.ends_repeat) for line in lines("A[|]:|")] == [("[|]", 0), ("|", 1)]


@pytest.mark.parametrize("text", ["|1 ", "| [1", "|[1", ":|1 "])
def test_an_ending_may_follow_its_bar_line_in_every_way(text):
    assert Ending((1,)) in elements(f"A{text}B")


def test_an_ending_may_have_several_numbers():
    assert [element.numbers for element in elements("A|1,3 B:|[2,4-6 C") if isinstance(element, Ending)] == [
        (1, 3), (2, 4, 5, 6),
    ]  # fmt: skip


def test_fields_among_the_notes_hold_from_there_on():
    body = "A[L:1/4]A[M:6/8](5ABcde\nK:G clef=bass\n[K:bass]A"
    fields = [element.value for element in elements(body) if isinstance(element, Field)]
    assert fields == [Fraction(1, 4), Meter((6,), 8), Key("G", clef="clef=bass"), "bass"]
    assert lengths(body) == [1, 2, *[Fraction(6, 5)] * 5, 2]


def test_voices_collect_their_lines_wherever_these_stand():
    tune = read("V:2\nCD|\nV:1 clef=alto\ncd|\n[V:2]EF|", header="X:1\nV:1 name=High\nV:2\nK:C\n")
    assert [voice.name for voice in tune.voices] == ["1", "2"]
    assert [note.pitch.letter for note in tune.voices[1].elements() if isinstance(note, Note)] == list("CDEF")


def test_an_overlay_divides_a_bar_into_layers():
    (bar,) = read("A2&C2|").voices[0].bars
    assert Overlay() in bar.elements
    assert [[note.pitch.letter for note in layer] for layer in bar.layers] == [["A"], ["C"]]


def test_a_backslash_joins_lines_and_comments_count_for_nothing():
    assert LineBreak() not in elements("AB|\\\n% between\nCD % after\n%%MIDI program 1")
    assert elements("AB\nCD").count(LineBreak()) == 1


def test_lyrics_and_words_are_kept_where_they_stand():
    body = "AB|\nw:one two\n+:three\nCD|\nW:the end"
    fields = [(element.letter, element.value) for element in elements(body) if isinstance(element, Field)]
    assert fields == [("w", "one two three"), ("W", "the end")]


def test_a_user_defined_letter_means_what_it_says():
    header = "X:1\nU:W = !mordent!\nU: T = !nil!\nK:C\n"
    assert [note.marks.decorations for note in sounding("WATB.c", header=header)] == [("mordent",), (), ("staccato",)]


def test_texts_that_precede_nothing_hang_on_a_spacer_or_bar_line():
    tune = read('A !fermata!|B "^Fine"')
    assert tune.voices[0].bars[0].line.marks.decorations == ("fermata",)
    assert tune.voices[0].bars[1].elements[-1].marks.texts == ("^Fine",)


def test_a_tune_of_a_tunebook_form_needs_no_number_and_no_title():
    assert read_tune("M:6/8\nL:1/8\nK:Dmaj\nA3 B3|\n").header.number is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("X:1\nT:Nameless\nM:6/8\nK:Q\nabc|\n", r"line 4, column 3: expected a key such as 'G' or 'Ador', found 'Q'$"),
        ("X:1\nT:Test\nK: Hm\n", r"line 3, column 4: expected a key such as 'G' or 'Ador', found 'Hm'"),
        ("X:1\nM:7\nK:C\n", r"line 2, column 3: expected a meter such as '6/8' or 'C\|', found '7'"),
        ("X:1\nL:1/3\nK:C\n", "line 2, column 3: expected a unit note length such as '1/8', found '1/3'"),
        ("X:one\nK:C\n", "line 1, column 3: expected a number such as '1', found 'one'"),
        ("X:1\nT:Test\n", "line 3, column 1: expected the field K:, which ends the header"),
        ("", "line 1, column 1: expected the field K:"),
        ("X:1\nwords\nK:C\n", "line 2, column 1: expected a field such as 'M:6/8' or 'K:G', found 'words'"),
        ("X:1\nV:\nK:C\n", "line 2, column 3: expected the name of a voice"),
        ("X:1\nm:~n = n\nK:C\n", "line 2, column 3: expected music without macros"),
        ("X:1\n\nK:C\n", "line 2, column 1: expected a field of the header, found a blank line"),
        ("K:C\nAB\n\nCD\n", "line 4, column 1: expected nothing after the blank line"),
        ("K:C\nAB#\n", "line 2, column 3: expected music, found '#'"),
        ("K:C\nkA\n", "line 2, column 1: expected music, found 'k', to which no U: field gives a meaning"),
        ("K:C\nA/2/2\n", "line 2, column 4: expected music, found '/'"),
        ("K:C\nA0\n", "line 2, column 1: expected a length such as '2' or '3/2', found '0'"),
        ("K:C\nA9999999\n", "line 2, column 1: expected a length"),
        ("K:C\nc,,,,,,\n", "line 2, column 1: expected at most 5 octave signs, found 6"),
        ("K:C\n>A\n", "line 2, column 1: expected a note before '>'"),
        ("K:C\nA>|B\n", "line 2, column 2: expected a note of the same bar"),
        ("K:C\nA>\n", "line 2, column 2: expected a note after the broken rhythm"),
        ("K:C\nA>>>>B\n", "line 2, column 2: expected at most 3 signs of broken rhythm"),
        ("K:C\nA B -c\n", "line 2, column 5: expected the tie '-' directly after its note"),
        ("K:C\n-c\n", "line 2, column 1: expected a note before the tie"),
        ("K:C\n)c\n", "line 2, column 1: expected a note before the end of the slur"),
        ("K:C\nc(\n", "line 2, column 2: expected a note after the slur"),
        ("K:C\n[CE|\n", r"line 2, column 4: expected '\]' at the end of the chord"),
        ("K:C\n[]A\n", "line 2, column 2: expected a note in the chord"),
        ("K:C\nA]\n", r"line 2, column 2: expected a chord before '\]'"),
        ("K:C\n[Cz]\n", "line 2, column 3: expected a note in the chord, found a rest"),
        ("K:C\n{AB\n", "line 2, column 4: expected '}' after the grace notes"),
        ("K:C\n{Az}B\n", "line 2, column 3: expected a grace note or '}', found 'z'"),
        ("K:C\nA}\n", "line 2, column 2: expected '{' before '}'"),
        ('K:C\n"Am A\n', "line 2, column 6: expected '\"' after the text that begins in column 1"),
        ("K:C\n(3A(3BcdAB\n", "line 2, column 4: expected 2 more notes of the tuplet before the next"),
        ("K:C\nA(3|\n", "line 2, column 2: expected notes after the beginning of the tuplet"),
        ("K:C\n(1A\n", r"line 2, column 1: expected a tuplet such as '\(3'"),
        ("K:C\n[0 A\n", "line 2, column 1: expected an ending such as '1' or '1,3', found '0'"),
        ("K:C\nZ0\n", "line 2, column 1: expected a number of bars"),
        ("K:C\n+CEG+\n", "line 2, column 1: expected a chord in brackets"),
        ("K:C\n+trill+A\n", r"line 2, column 1: expected '!trill!', found '\+trill\+'"),
        ("K:C\n!GAB!\n", "line 2, column 1: expected the name of a decoration"),
        ("K:C\nA[T:title]B\n", "line 2, column 2: expected the field T: on a line of its own"),
        ("K:C\nA[K:Q]B\n", "line 2, column 5: expected a key"),
        ("K:C\nAB=20\n", "line 2, column 3: expected the end of the line, found '=20'"),
        ("K:C\nA|:::::::::B\n", "line 2, column 2: expected at most 8 colons"),
        ("K:C\nX:2\n", "line 2, column 3: expected one tune, found the field X: of another"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_column(text, message):
    with pytest.raises(AbcSyntaxError, match=message):
        read_tune(text)


@pytest.mark.parametrize(
    "header", ["V:|G AB|1 name=High\nK:G", "H:It was\nA | B\n+:long ago | or not\nC | D\nK:G", "T:Name\nR:| x\nK:G"]
)
def test_a_bar_line_in_a_field_of_the_header_does_not_end_it(header):
    tune = read_tune(f"{header}\nGAB|\n")
    assert tune.header.key == Key("G")
    assert read_tune(f"{header}\nGAB|\n", strict=False) == tune


def test_without_a_key_history_ends_at_the_first_music():
    tune = read_tune("X:1\nH:old\nAB|\nCD|\n", strict=False)
    assert len(tune.voices[0].bars) == 2


@pytest.mark.parametrize("name", ["'", "A2", "ab,c", 41 * "x", "two words", "a|b"])
def test_what_cannot_be_the_name_of_a_decoration_means_nothing(name):
    tune = read(f"U:T=!{name}!\nTA TB")
    assert all(note.marks.decorations == () for note in tune.voices[0].elements() if isinstance(note, Note))
    assert read_tune(write_tune(tune)) == tune


@pytest.mark.parametrize(
    ("body", "reason", "music"),
    [
        ("kAB", "found 'k'", False), ("A>-B", "directly after", False), ("AB=20", "quoted-printable", False),
        ("AB *", "found '*'", False), ("2AB", "found '2'", True), ("[K:Q]AB", "expected a key", True),
    ],
)  # fmt: skip
def test_a_tolerant_reading_continues_and_says_what_it_skipped(body, reason, music):
    tune = read(body, strict=False)
    assert [note.pitch.letter for note in tune.voices[0].elements() if isinstance(note, Note)] == ["A", "B"]
    (skipped,) = tune.skipped
    assert reason in skipped.reason
    assert (skipped.position.line, skipped.music, tune.complete) == (6, music, not music)
    assert str(skipped).startswith("line 6, column ")


def test_old_chords_and_mail_are_read_by_a_tolerant_reading():
    (chord,) = sounding("+CEG+", strict=False)
    assert [note.pitch.letter for note in chord.notes] == ["C", "E", "G"]
    assert len(sounding("AB=\nCD", strict=False)) == 4


def test_a_tune_without_a_key_is_read_tolerantly_and_incompletely():
    tune = read_tune("X:1\nM:4/4\nAB|\n", strict=False)
    assert (tune.header.meter, tune.complete, len(tune.voices)) == (Meter((4,), 4), False, 1)


def test_the_error_is_one_of_ours_and_knows_its_place():
    with pytest.raises(SongrnnError) as caught:
        read_tune("K:C\nA#\n")
    assert (caught.value.line, caught.value.column) == (2, 2)


# ---- line breaks and signs that a tune declares


def layout(body, **options):
    """The letters of the notes, and "/" and "$" for the ends of lines of the score."""
    signs = {LineBreak(): "/", LineBreak(within=True): "$"}
    shown = (
        element.pitch.letter if isinstance(element, Note) else signs.get(element, "")
        for element in elements(body, **options)
    )
    return "".join(shown)


@pytest.mark.parametrize(
    ("declared", "body", "shown"),
    [
        ("", "CD$EF|$GA\nBc", "CD$EF$GA/BC"),
        ("", "CD|$\nEF|$$\n$GA", "CD/EF/GA"),
        ("I:linebreak $\n", "CD\nE$F\n|GA$\nBc", "CDE$FGA$BC"),
        ("I:linebreak <EOL>\n", "CD$E\nF", "CDE/F"),
        ("I:linebreak <none>\n", "CD$E\nF", "CDEF"),
        ("I:linebreak !\n", "CD!E|!F\nGA!\nB", "CD$E$FGA$B"),
        ("I:linebreak ! <EOL>\n", "CD!E|F!\nGA\nB", "CD$EF/GA/B"),
        ("%%linebreak $ !\n", "C$D!E\nF", "C$D$EF"),
    ],
)
def test_line_breaks_are_those_that_the_tune_declares(declared, body, shown):
    header = f"X:1\n{declared}K:C\n"
    assert layout(body, header=header) == shown
    tune = read(body, header=header)
    assert tune.header.values("I") == ()
    assert read_tune(write_tune(tune)) == tune


def test_a_declaration_in_the_body_holds_from_there_on():
    assert layout("CD$E\nF\nI:linebreak !\nG!A$B\nC|[I:linebreak $]D\nE$F") == "CD$E/F/G$ABCDE$F"


def test_lines_that_are_none_of_the_score_keep_their_beams_and_their_lyrics_apart():
    header = "X:1\nI:linebreak $\nK:C\n"
    assert BeamBreak() in elements("CD\nEF", header=header)
    assert elements("CD\nEF|\nw:one two", header=header)[2] == Field("w", "")
    assert Field("w", "") not in elements("CD\nw:a b\nEF|\nw:one two", header=header)


@pytest.mark.parametrize(
    ("declared", "sign"), [("I:decoration +", "+"), ("I:linebreak !", "+"), ("I:decoration !", "!")]
)
def test_decorations_stand_between_the_signs_that_the_tune_declares(declared, sign):
    body = f"{sign}trill{sign}C{sign}f{sign}D [{sign}p{sign}CE]"
    notes = sounding(body, header=f"X:1\n{declared}\nK:C\n")
    marks = [note.marks.decorations for note in (*notes[:2], notes[2].notes[0])]
    assert marks == [("trill",), ("f",), ("p",)]


def test_symbol_lines_and_user_fields_get_the_usual_signs():
    tune = read("CD\ns:+p+ * \nU:W=+roll+\nWE", header="X:1\nI:decoration +\nU:T=+f+\nK:C\n")
    assert tune.header.values("U") == ("T=!f!",)
    fields = [element.value for element in tune.voices[0].elements() if isinstance(element, Field)]
    assert fields == ["!p! *", "W=!roll!"]


@pytest.mark.parametrize("declared", ["linebreak", "linebreak ?", "linebreak $ <none>", "decoration *", "decoration"])
def test_a_declaration_that_says_nothing_is_named(declared):
    with pytest.raises(AbcSyntaxError, match=r"line 2, column 3: expected 'I:linebreak' with <EOL>, <none>, . or !"):
        read("C", header=f"X:1\nI:{declared}\nK:C\n")
    assert read("C", header=f"X:1\nI:{declared}\nK:C\n", strict=False).complete


@pytest.mark.parametrize(
    ("body", "shown", "units"),
    [
        ("CD!EF", "CD$EF", [1, 1, 1, 1]),
        ("C>!DE!F|!\nG", "C$DE$F/G", [Fraction(3, 2), Fraction(1, 2), 1, 1, 1]),
        ("C!>DE", "C$DE", [Fraction(3, 2), Fraction(1, 2), 1]),
        ("(3C!DE F", "C$DEF", [Fraction(2, 3)] * 3 + [1]),
        ("C!D2E!F|!a>b!c", "C$DE$F$AB$C", [1, 2, 1, 1, Fraction(3, 2), Fraction(1, 2), 1]),
        ("C!(DE)!F!~G{f}G!A", "C$DE$F$GG$A", [1] * 7),
    ],
)
def test_an_undeclared_exclamation_mark_is_a_line_break_to_a_tolerant_reading(body, shown, units):
    assert layout(body, strict=False) == shown
    assert lengths(body, strict=False) == units
    tune = read(body, strict=False)
    assert tune.complete
    assert all("'!'" in skipped.reason for skipped in tune.skipped)
    with pytest.raises(AbcSyntaxError, match="'!'"):
        read(body)


# ---- lines that go on


@pytest.mark.parametrize(
    ("body", "units"),
    [
        ("A>\\\nB c", [Fraction(3, 2), Fraction(1, 2), 1]),
        ("A\\\n>B\\\n % between\n c", [Fraction(3, 2), Fraction(1, 2), 1]),
        ("(3AB\\\nc d", [Fraction(2, 3)] * 3 + [1]),
        ("(3:2:4\\\nAB\\\nK:G\ncd e", [Fraction(2, 3)] * 4 + [1]),
        ("A\\\n2B", [2, 1]),
        ("[CE\\\nG]2 A", [2, 1]),
        ("{AB\\\nc}A B", [1, 1]),
    ],
)
def test_a_line_that_continues_keeps_rhythm_chords_and_grace_notes(body, units):
    assert lengths(body) == units
    assert LineBreak() not in elements(body)
    assert read_tune(write_tune(read(body))) == read(body)


def test_a_place_in_a_line_that_continues_is_that_of_the_text():
    with pytest.raises(AbcSyntaxError, match="line 7, column 3: expected music, found '#'"):
        read("AB\\\ncd#")


# ---- what is no music


@pytest.mark.parametrize(
    "block",
    [
        "%%begintext\nABc d|\n\nK:G\nX:2\n%%endtext\n",
        "%%beginps\nA B C\n%%endps\n",
        "%%begintext align\n%%begintext\n%%endtext\n",
        "%%beginsvg\n<b>A|</b>\n%%endsvg\n%%beginml\nA|\n%%endml\n",
    ],
)
def test_a_block_of_directives_is_no_music(block):
    plain = read("AB|\ncd|")
    assert read_tune(block + HEADER + "AB|\ncd|\n") == plain
    assert read_tune(HEADER.replace("M:", f"{block}M:") + "AB|\ncd|\n") == plain
    assert read("AB|\n" + block + "cd|") == plain


def test_a_block_that_nothing_ends_hides_no_music():
    assert layout("%%begintext\nAB|\ncd|") == "AB/CD"


@pytest.mark.parametrize(
    ("body", "shown", "reason", "music"),
    [
        ("A slowly B", "AB", "line 6, column 3: expected music, found the words 'slowly'", False),
        ("AB|D.C. al Coda\nc", "AB/C", "line 6, column 4: expected music, found the words 'D.C. al Coda'", False),
        ("AB Fine|c", "ABC", "line 6, column 4: expected music, found the words 'Fine'", False),
        ("A&lt;B", "AB", "line 6, column 2: expected music, found the markup '&lt;'", True),
        ("A caf&eacute; B", "AB", "line 6, column 3: expected music, found the markup 'caf&eacute;'", True),
        ("A[V:2]slowly B", "A", "line 6, column 7: expected music, found the words 'slowly'", False),
        ("A&slowly B", "AB", "line 6, column 3: expected music, found the words 'slowly'", False),
        ("A b,\\\n end C", "ABC", "line 7, column 2: expected music, found the words 'end'", False),
    ],
)
def test_words_among_the_notes_are_one_skipped_piece(body, shown, reason, music):
    tune = read(body, strict=False)
    assert layout(body, strict=False) == shown
    assert [(str(skipped), skipped.music) for skipped in tune.skipped] == [(reason, music)]
    with pytest.raises(AbcSyntaxError, match="expected music, found the"):
        read(body)


def test_letters_that_a_user_field_explains_are_music():
    header = "X:1\nU:n=!mordent!\nU:m=!roll!\nK:C\n"
    assert [note.marks.decorations for note in sounding("nAmB", header=header)] == [("mordent",), ("roll",)]


@pytest.mark.parametrize("text", ["X:1\nY:ABA\nE:3\nK:C\nJ:k\nAB|[Y:x]c\n", "X:1\nY:A\n+:B\nK:C\nABc\n"])
def test_a_field_that_the_standard_does_not_define_is_ignored_with_a_remark(text):
    tune = read_tune(text)
    assert tune.remarks
    assert (tune.skipped, check(tune), read_tune(text, strict=False).skipped) == ((), [], ())
    assert str(tune.remarks[0]) == "line 2, column 3: the field Y: is none of the standard and is ignored"
    assert layout("ABc") == "".join(note.pitch.letter for note in tune.voices[0].elements() if isinstance(note, Note))


def test_empty_keys_and_numbers_are_standard():
    tune = read_tune("X:\nT:Test\nK:\nA[K:D]B[K:]c\nK:\n")
    assert (tune.header.number, tune.header.key) == (None, NO_KEY)
    assert [field.value for field in tune.voices[0].elements() if isinstance(field, Field)] == [
        Key("D"),
        NO_KEY,
        NO_KEY,
    ]
    assert read_tune(write_tune(tune)) == tune


# ---- lengths after blanks


@pytest.mark.parametrize(
    ("body", "units"),
    [
        ("E 2 F|G 3/2 A /|", [2, 1, Fraction(3, 2), Fraction(1, 2)]),
        ("[CE] 2 z 4|x 2", [2, 4, 2]),
        ("(3A 2 B c d", [Fraction(4, 3), Fraction(2, 3), Fraction(2, 3), 1]),
        ("A>B 2 c", [Fraction(3, 2), 1, 1]),
        ("c' 2-c'|(A 2)", [2, 1, 2]),
        ("A 2&B 2|", [2, 2]),
        ("[V:2]A 2|[V:1]B 2|", [2]),
        ("[C 2 E 3]A", [2, 1]),
    ],
)
def test_a_blank_between_a_note_and_its_length_is_reported_and_the_length_taken(body, units):
    tune = read(body, strict=False)
    assert lengths(body, strict=False)[: len(units)] == units
    assert tune.complete
    assert all("directly after a note, found a blank; it is taken as meant" in one.reason for one in tune.skipped)
    with pytest.raises(AbcSyntaxError, match=r"expected the length '.*' directly after a note, found a blank"):
        read(body)


@pytest.mark.parametrize("body", ["A2 3 B", "AB| 2 c", "A 2B", "A [K:G] 2", "A 9999999 B"])
def test_a_length_that_belongs_to_no_note_is_left_out(body):
    tune = read(body, strict=False)
    assert not tune.complete
    assert set(lengths(body, strict=False)) <= {1, 2}


# ---- fields before the first voice


@pytest.mark.parametrize(
    ("text", "voices"),
    [
        ("M:3/4\nV:Melody clef=treble\nC2D2E2|\nV:Bass\nC6|\n", ["Melody", "Bass"]),
        ("M:3/4\nQ:1/4=90\n[V:Melody]C2D2E2|\n", ["Melody"]),
        ("[M:3/4] [P:A]\nV:Melody\nC2D2E2|\n", ["Melody"]),
        ("M:3/4\nC2D2E2|\nV:2\nC6|\n", ["1", "2"]),
        ("M:3/4\nW:words alone\n", ["1"]),
        ("V:2\nM:3/4\nC6|\nV:1\nc6|\n", ["2", "1"]),
    ],
)
def test_fields_before_the_first_voice_are_those_of_the_voice_that_follows(text, voices):
    tune = read_tune("X:1\nM:4/4\nL:1/8\nK:C\n" + text)
    assert [voice.name for voice in tune.voices] == voices
    assert Field("M", Meter((3,), 4)) in tune.voices[0].elements()
    assert [problem for problem in check(tune) if problem.kind == "voice"] == []
    assert read_tune(write_tune(tune)) == tune


def test_fields_before_the_first_voice_of_several_in_the_header_are_those_of_the_one_that_follows():
    tune = read_tune("X:1\nV:1\nV:2\nK:C\nL:1/4\nV:2\nC4|\nV:1\nc8|\n")
    assert check(tune) == []
    assert [voice.name for voice in tune.voices] == ["1", "2"]


def test_instructions_about_staves_are_kept_in_both_spellings():
    tune = read_tune("X:1\n%%score (1 2)\nI:staves 1 2\n%%MIDI program 1\nK:C\nA|\n")
    assert tune.header.values("I") == ("score (1 2)", "staves 1 2")


@pytest.mark.parametrize("end", ["\r\n", "\r", "\r\r\n"])
def test_foreign_line_ends_and_a_dos_end_of_file_change_nothing(end):
    body = "AB|\ncd|\nw:a b\n"
    assert read_tune((HEADER + body).replace("\n", end) + "\x1a") == read_tune(HEADER + body)


# ---- no text does harm

ALPHABET = "ABCno$;defgzxyZX[](){}<>|:'\",^_=/0123456789.-~+!&\\%HTuvkKLMVPXwWmUs* \n\r\t$\u00e9\u0663\u2028\x1c\x00"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=ALPHABET, max_size=120))
def test_no_text_raises_anything_but_the_documented_error(body):
    for text in (body, HEADER + body):
        for strict in (True, False):
            with suppress(AbcSyntaxError):
                read_tune(text, strict=strict)


HOSTILE = [
    "A", "A>", "(", ")", "[", "]", "[C", "{", "{A", "}", '"', '"A', "!", "!a", "+", "+A", "+AB", "[K:", "[K:G]",
    "[V:", ":",
    "|", ":|", "[1", "[1,", "(3", "(3:", "A-", "&", "/", "A/", "9", "A9", "'", "A'", "^", "_", "<", " ", "\\", "`",
    ".", "Z", "y",
    "=", "A|1 B:|2 ", "\n", "A\n", "V:1\n", "V:", "w:a\n", "+:a\n", "K:G\n", "%\n", "[V:1]A[V:2]B", "P:A\nA|", "A&B|",
    "| ", "$", "$\n", "!A", "!A>B!", "A 2 ", "slowly ", "D.C. ", "&lt;", "&a", "a&eacute;", "k'", "<p ", "A\\\n", "\r",
    "I:linebreak $\n", "I:linebreak !\nA!", "%%begintext\n", "%%begintext\n%%endtext\n", "Y:x\n", "[Y:x]",
    "[V:2]slowly",
]  # fmt: skip


def calls(text):
    """How many calls of functions, ours and the interpreter's, a tolerant reading makes."""
    count = 0

    def counted(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        read_tune(text, strict=False)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_twice_the_text_is_at_most_twice_the_work(piece):
    once, twice = calls(HEADER + piece * 100), calls(HEADER + piece * 200)
    assert twice < 2.2 * once + 200


@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_a_long_text_of_one_kind_ends(piece):
    read_tune(HEADER + piece * (10_000 // len(piece)), strict=False)
