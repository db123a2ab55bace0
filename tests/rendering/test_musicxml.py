"""What a MusicXML file says of a tune, each sign worked out by hand."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from growth import assert_linear
from musicxml_schema import schema_errors
from rich_tunes import rich_tune
from songrnn.errors import RenderingError
from songrnn.notation.grammar import DECORATIONS, STACCATO
from songrnn.notation.read import read_tune
from songrnn.rendering import musicxml as module
from songrnn.rendering.musicxml import musicxml_of

TUNES = Path(__file__).parents[1] / "data" / "abc"


def made(text):
    """The file made of a tune, read tolerantly as the renderer does."""
    return musicxml_of(read_tune(text, strict=False))


def written(body, key="C", header="M:4/4\nL:1/8\n"):
    """The root of the file made of a tune, which is valid."""
    musicxml = made(f"X:1\n{header}K:{key}\n{body}\n")
    assert schema_errors(musicxml) == []
    return ElementTree.fromstring(musicxml)


def notes(body, **more):
    return list(written(body, **more).iter("note"))


def texts(root, path):
    return [element.text for element in root.iterfind(f".//{path}")]


# ---- notes


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("A A2 A4|", ["eighth", "quarter", "half"]),
        ("A3 A6|", ["quarter.", "half."]),
        ("A7 A|", ["half..", "eighth"]),
        ("A>B A<B|", ["eighth.", "16th", "16th", "eighth."]),
        ("(3A>BA|", ["eighth.", "16th", "eighth"]),
        ("z3 [Ac]3|", ["quarter.", "quarter.", "quarter."]),
        ("A5 B3|", ["half", "eighth", "quarter."]),
        ("A/3 B/3 c/3|", ["16th", "16th", "16th"]),
        ("A16|", ["breve"]),
    ],
)
def test_every_length_has_its_sign_and_dots(body, expected):
    assert [note.findtext("type") + "." * len(note.findall("dot")) for note in notes(body)] == expected


def ties(body):
    return ["+".join(tie.get("type") for tie in note.findall("tie")) for note in notes(body)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("A5 B3|", ["start", "stop", ""]),
        ("[Ac]5 B3|", ["start", "start", "stop", "stop", ""]),
        ("A5-A3|", ["start", "stop+start", "stop"]),
        ("z5 A3|", ["", "", ""]),
        ("A4-B4|c8-|", ["", "", ""]),  # to another pitch or to nothing is no tie
        ("|:A8-|1A8:|2A8|]", ["start", "stop", "stop"]),  # into each ending
        ("|:A8-|1A8-:|2A8|]", ["start", "stop", "stop"]),
        ("[Ac]4-[Ae]4|", ["start", "", "stop", ""]),
        ("A4-z4|A8|", ["", "", ""]),
    ],
)
def test_ties_are_shown_where_they_hold(body, expected):
    assert ties(body) == expected


def accidentals(body, **more):
    return [note.findtext("accidental", "") for note in notes(body, **more)]


@pytest.mark.parametrize(
    ("body", "key", "expected"),
    [
        ("^F2F2 =F2F2|^F4 F4|", "C", ["sharp", "", "natural", "", "sharp", ""]),
        ("^F8|^F8|F8|", "C", ["sharp", "sharp", ""]),
        ("F2c2 =c2^G2|", "D", ["", "", "natural", "sharp"]),
        ("F4 ^F4|", "G", ["", "sharp"]),  # written, so shown
        ("^F4 f4|", "C", ["sharp", "sharp"]),  # holds in every octave in ABC, not in a score
        ("[I:propagate-accidentals octave]^F4 f4|", "C", ["sharp", ""]),
        ("[I:propagate-accidentals not]^F4 F4|", "C", ["sharp", "natural"]),
        ("F2 ^F2|[K:D]F2 =F2|", "C", ["", "sharp", "", "natural"]),
        ("^F8-|F8|", "C", ["sharp", ""]),
        ("^F8-|F4 F4|", "C", ["sharp", "", ""]),
        ("__B4 ^^c4|", "C", ["flat-flat", "double-sharp"]),
        ("f4 c4|", "HP", ["", ""]),
        ("{^f}f4 g4|", "C", ["sharp", "natural", ""]),
    ],
)
def test_accidentals_are_shown_as_written_and_where_a_reader_needs_them(body, key, expected):
    assert accidentals(body, key=key) == expected


def test_the_pitch_says_the_alteration_whatever_is_shown():
    assert [note.findtext("pitch/alter") for note in notes("^F4 f4|F8|")] == ["1", "1", None]


def test_notes_of_a_chord_that_are_not_equally_long_stand_beside_it():
    root = written("[c4e2g2]A4|")
    measure = root.find("part/measure")
    tags = [element.tag for element in measure]
    assert tags == ["attributes", "sound", "note", "note", "backup", "note", "note"]
    assert [note.findtext("duration") for note in measure.iter("note")] == ["2", "2", "1", "1"]
    assert measure.findtext("backup/duration") == "4"
    assert [note.findtext("voice") for note in measure.iter("note")] == ["1", "1", "2", "2"]


def test_a_chord_lasts_what_its_members_and_its_length_say():
    assert [note.findtext("duration") for note in notes("[c3e3g3]2 A2|")] == ["3", "3", "3", "1"]


def test_an_overlay_is_a_voice_that_begins_with_the_bar():
    measure = written("c4 d4 & E8|").find("part/measure")
    assert [element.tag for element in measure] == ["attributes", "sound", "note", "note", "backup", "note"]
    assert measure[-1].findtext("voice") == "2"


def test_rests_are_shown_or_not_and_bars_of_rest_expand():
    shown = [
        (note.get("print-object"), note.find("rest").get("measure"), note.findtext("duration"))
        for note in notes("z4 x4|Z2|X|c8|")[:-1]
    ]
    assert shown == [
        (None, None, "2"),
        ("no", None, "2"),
        (None, "yes", "4"),
        (None, "yes", "4"),
        ("no", "yes", "4"),
    ]


def test_grace_notes_take_no_time():
    grace = [note for note in notes("{/c}d4 {efg}a4|") if note.find("grace") is not None]
    assert [note.find("grace").get("slash") for note in grace] == ["yes", None, None, None]
    assert all(note.find("duration") is None for note in grace)


def tuplets(body):
    return ["+".join(t.get("type") for t in note.iter("tuplet")) for note in notes(body)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("(3ABc (3efg|", ["start", "", "stop", "start", "", "stop"]),
        ("(3A>Bc d2|", ["start", "", "stop", ""]),
        ("(3:2:2A2B c2|", ["start", "stop", ""]),
        ("(3:2:4AB/c/d e2|", ["start", "", "", "stop", ""]),
        ("(3AB|c4|", ["start", "stop", "start+stop"]),
        ("(3zAB|", ["start", "", "stop"]),
    ],
)
def test_a_tuplet_is_bracketed_from_its_first_to_its_last_note(body, expected):
    assert tuplets(body) == expected


def test_a_tuplet_has_its_ratio_and_shows_it_when_it_is_unusual():
    root = written("(3ABc (5:4:5ABcde|")
    ratios = zip(texts(root, "actual-notes"), texts(root, "normal-notes"), strict=True)
    assert list(ratios) == [("3", "2")] * 3 + [("5", "4")] * 5
    shown = [tuplet.get("show-number") for tuplet in root.iter("tuplet") if tuplet.get("type") == "start"]
    assert shown == [None, None]
    assert written("(3:4:3ABc|").find(".//tuplet").get("show-number") == "both"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("AB cd|", ["begin", "end", "begin", "end"]),
        ("ABcd|", ["begin", "continue", "continue", "end"]),
        ("A B c|", ["", "", ""]),
        ("AB2c d|", ["", "", "", ""]),
        ("ABzcd|", ["begin", "end", "", "begin", "end"]),
        ("AB/c/|", ["begin", "continue+begin", "end+end"]),
        ("A>B|", ["begin", "end+backward hook"]),
        ("A<B|", ["begin+forward hook", "end"]),
        ("AB|cd|", ["begin", "end", "begin", "end"]),
    ],
)
def test_notes_without_a_blank_between_them_are_beamed(body, expected):
    assert ["+".join(beam.text for beam in note.findall("beam")) for note in notes(body)] == expected


def test_slurs_nest_and_one_that_nothing_ends_is_none():
    slurs = [[(slur.get("type"), slur.get("number")) for slur in note.iter("slur")] for note in notes("(A(B c)d) (e|")]
    assert slurs == [[("start", "1")], [("start", "2")], [("stop", "2")], [("stop", "1")], []]


# ---- bars


def endings(body):
    return [
        (measure.get("number"), ending.get("type"), ending.get("number"))
        for measure in written(body).iter("measure")
        for ending in measure.iter("ending")
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "|:A8|1B8:|2c8||d8|]",
            [("2", "start", "1"), ("2", "stop", "1"), ("3", "start", "2"), ("3", "discontinue", "2")],
        ),
        (
            "|:A8|[1,3 B8:|[2,4 c8|]",
            [("2", "start", "1, 3"), ("2", "stop", "1, 3"), ("3", "start", "2, 4"), ("3", "discontinue", "2, 4")],
        ),
        (
            "|:A8|[1-3 B8|c8:|[4 d8|e8",
            [("2", "start", "1, 2, 3"), ("3", "stop", "1, 2, 3"), ("4", "start", "4"), ("5", "discontinue", "4")],
        ),
        (
            "|:A4[1B4:|2c4|]",
            [("X0", "start", "1"), ("X0", "stop", "1"), ("X1", "start", "2"), ("X1", "discontinue", "2")],
        ),
    ],
)
def test_endings_have_their_passes_and_their_extent(body, expected):
    assert endings(body) == expected


def lines(body):
    """Of each measure: the left bar line and repeat, the right ones with how often that is played."""
    found = []
    for measure in written(body).iter("measure"):
        sides = {line.get("location"): line for line in measure.iter("barline")}
        shown = []
        for side in ("left", "right"):
            line = sides.get(side)
            repeat = None if line is None else line.find("repeat")
            style = "" if line is None else line.findtext("bar-style", "")
            times = "" if repeat is None else repeat.get("direction")[0] + (repeat.get("times") or "")
            shown.append((style + " " + times).strip())
        found.append(tuple(shown))
    return found


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("A8|B8||c8|]", [("", ""), ("", "light-light"), ("", "light-heavy")]),
        ("A8.|B8[|]c8[|d8", [("", "dashed"), ("", "none"), ("", "heavy-light"), ("", "")]),
        ("|:A8:|", [("heavy-light f", "light-heavy b")]),
        ("|:A8::B8:|", [("heavy-light f", "light-heavy b"), ("heavy-light f", "light-heavy b")]),
        ("|::A8::|", [("heavy-light f", "light-heavy b3")]),
        ("|:::A8:::|", [("heavy-light f", "light-heavy b4")]),
        ("A8|||:B8:|", [("", "light-light"), ("heavy-light f", "light-heavy b")]),
        ("|]A8|", [("light-heavy", "")]),
    ],
)
def test_bar_lines_and_repeats_stand_where_the_text_has_them(body, expected):
    assert lines(body) == expected


def numbers(body, **more):
    return [(measure.get("number"), measure.get("implicit")) for measure in written(body, **more).iter("measure")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("A8|B8|", [("1", None), ("2", None)]),
        ("A2|B8|c6||", [("0", "yes"), ("1", None), ("2", None)]),
        ("A2|B8|c6:|:d2|e8|", [("0", "yes"), ("1", None), ("2", None), ("X1", "yes"), ("3", None)]),
        ("A4[|]B4|c8|", [("1", None), ("X0", "yes"), ("2", None)]),
        ("|:A4[1B4:|2c4|d8|]", [("1", None), ("X0", "yes"), ("X1", "yes"), ("2", None)]),
        ("Z3|A8|", [("1", None), ("2", None), ("3", None), ("4", None)]),
        ("|:A8|1 B8:|2 c6||", [("1", None), ("2", None), ("3", None)]),
    ],
)
def test_numbers_count_bars_and_not_pickups(body, expected):
    assert numbers(body) == expected


def test_a_line_of_the_text_begins_a_system():
    root = written("A8|B8|\nc8|d8|\n")
    assert [measure.get("number") for measure in root.iter("measure") if measure.find("print") is not None] == ["3"]


def test_voices_have_equally_many_measures():
    header = 'M:4/4\nL:1/8\nV:1 name="Fiddle"\nV:2 clef=bass\n'
    root = written("V:1\nc8|d8|e8|\nV:2\nC8|", header=header)
    assert [len(part) for part in root.iter("part")] == [3, 3]
    assert texts(root, "part-name") == ["Fiddle", None]
    assert texts(root, "clef/sign") == ["G", "F"]
    silent = root.findall("part")[1][2].find("note")
    assert silent.get("print-object") == "no"


# ---- keys, meters, clefs


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("D", "2 major"),
        ("Ddor", "0 dorian"),
        ("Fmin", "-4 minor"),
        ("none", "0"),
        ("HP", "0"),
        ("Hp", "F:1 C:1 G:0"),
        ("D exp _b _e ^f", "F:1 B:-1 E:-1"),
        ("D exp ^f ^c", "2"),
        ("A ^g", "3 major"),
        ("Amin ^g", "G:1"),
        ("D =c", "1"),
    ],
)
def test_key_signatures(key, expected):
    found = written("A8|", key=key).find(".//key")
    if found.find("fifths") is None:
        steps = zip(found.findall("key-step"), found.findall("key-alter"), strict=True)
        shown = " ".join(f"{step.text}:{alter.text}" for step, alter in steps)
    else:
        shown = " ".join(filter(None, (found.findtext("fifths"), found.findtext("mode"))))
    assert shown == expected


def test_the_pipes_sound_with_sharps_that_k_hp_does_not_show():
    assert [note.findtext("pitch/alter") for note in notes("f2c2g2a2|", key="HP")] == ["1", "1", None, None]


def test_changes_of_key_meter_and_clef_stand_in_their_place():
    root = written("A8|[M:6/8]A6|[K:Bb]B6|[K:bass]C6|[M:C|]C8|[M:none]C4|[M:(2+3)/8]C5|")
    attributes = [measure.find("attributes") for measure in root.iter("measure")]
    assert attributes[1].findtext("time/beats") == "6"
    assert attributes[2].findtext("key/fifths") == "-2"
    assert attributes[3].findtext("clef/sign") == "F"
    assert attributes[4].find("time").get("symbol") == "cut"
    assert attributes[5].find("time/senza-misura") is not None
    assert attributes[6].findtext("time/beats") == "2+3"


@pytest.mark.parametrize(
    ("key", "octave", "change", "transpose"),
    [
        ("C", "4", None, None),
        ("C treble-8", "3", "-1", None),
        ("C clef=treble+8", "5", "1", None),
        ("C octave=1", "5", None, None),
        ("C bass octave=-2", "2", None, None),
        ("C transpose=-2", "4", None, ("-1", "-2", None)),
        ("C transpose=14", "4", None, ("1", "2", "1")),
    ],
)
def test_octaves_and_transposition(key, octave, change, transpose):
    root = written("C8|", key=key)
    found = root.find(".//transpose")
    assert root.findtext(".//pitch/octave") == octave
    assert root.findtext(".//clef-octave-change") == change
    names = ("diatonic", "chromatic", "octave-change")
    assert (found is None and transpose is None) or tuple(map(found.findtext, names)) == transpose


# ---- texts


def test_annotations_stand_above_and_below():
    root = written('"^above"A2 "_below"B2 "<left"c2 ">right"d2|"@1,2 free"A8|')
    shown = [(d.get("placement"), d.findtext("direction-type/words")) for d in root.iter("direction")]
    assert shown == [("above", "above"), ("below", "below"), ("above", "left"), ("above", "right"), ("above", "free")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Am", ("A", None, "minor", None)),
        ("F#m7b5", ("F", "1", "half-diminished", None)),
        ("Bb7/D", ("B", "-1", "dominant", "D")),
        ("C", ("C", None, "major", None)),
        ("G7alt", ("G", None, "other", None)),
        ("Dsus4", ("D", None, "suspended-fourth", None)),
    ],
)
def test_chord_symbols(text, expected):
    harmony = written(f'"{text}"A8|').find(".//harmony")
    paths = ("root/root-step", "root/root-alter", "kind", "bass/bass-step")
    assert tuple(map(harmony.findtext, paths)) == expected


def test_what_is_no_chord_symbol_is_words():
    root = written('"play twice"A8|')
    assert root.find(".//harmony") is None
    assert texts(root, "words") == ["play twice"]


@pytest.mark.parametrize("name", sorted({*DECORATIONS, STACCATO}))
def test_every_decoration_of_the_standard_is_shown(name):
    root = written(f"A4 !{name}!B4|" if name != STACCATO else "A4 .B4|")
    shown = [*root.iter("notations"), *root.iter("direction")]
    assert len(shown) == 1
    assert len(list(shown[0].iter())) >= 2


def test_an_unknown_decoration_shows_nothing():
    assert list(written("!nosuch!A8|").iter("notations")) == []


def test_a_hairpin_ends_after_its_note_also_at_a_bar_line():
    root = written("!<(!A4 B4!<)!|!>(!A4 !>)!B4|")
    kinds = [
        [element.tag if element.tag == "note" else element.find(".//wedge").get("type") for element in measure]
        for measure in ([e for e in m if e.tag in ("note", "direction")] for m in root.iter("measure"))
    ]
    assert kinds == [["crescendo", "note", "note", "stop"], ["diminuendo", "note", "note", "stop"]]


def test_tempos_are_shown_and_sound():
    root = written('A8|[Q:3/8=40]A8|[Q:1/4 3/8=40]A8|[Q:"Slow"]A8|', header='M:4/4\nL:1/8\nQ:"Allegro" 1/4=120\n')
    assert [sound.get("tempo") for sound in root.iter("sound")] == ["120", "60", "100"]
    assert texts(root, "beat-unit") == ["quarter", "quarter"]
    assert texts(root, "words") == ["Allegro\u00a0", "1/4 3/8 = 40", "Slow"]


@pytest.mark.parametrize(("fields", "kind"), [("R:hornpipe\nM:4/4\n", "eighth"), ("R:Strathspey\nM:2/4\n", "16th")])
@pytest.mark.parametrize("tempo", ["", "Q:1/4=160\n", 'Q:"Slowly"\n'])
def test_swing_and_instrument_are_named_for_players(fields, kind, tempo):
    tune = read_tune(f"X:1\nT:T\n{fields}{tempo}L:1/16\nV:1\nV:2\nK:C\nV:1\nABcd|\nV:2\nABcd|\n")
    musicxml = musicxml_of(tune, program=73, swing=True)
    assert schema_errors(musicxml) == []
    root = ElementTree.fromstring(musicxml)
    assert [element.text for element in root.find(".//swing")] == ["2", "1", kind]
    assert texts(root, "instrument-name") == ["flute", "flute"]
    assert texts(root, "midi-program") == ["74", "74"]


@pytest.mark.parametrize(("fields", "swing"), [("R:reel\nM:4/4\n", True), ("R:hornpipe\nM:4/4\n", False)])
def test_what_is_not_swung_says_nothing_of_it(fields, swing):
    tune = read_tune(f"X:1\nT:T\n{fields}L:1/8\nK:C\nABcd|\n")
    assert ElementTree.fromstring(musicxml_of(tune, swing=swing)).find(".//swing") is None


def test_part_labels_are_rehearsal_marks_and_their_order_is_none():
    root = written("P:A\nA8|\nP:B\nB8|", header="M:4/4\nL:1/8\nP:ABA\n")
    assert texts(root, "rehearsal") == ["A", "B"]


def test_titles_composer_rhythm_and_origin_with_their_accents():
    header = "T:Bourr\\'ee\nT:The &eacute;tang\nC:M\\u00e9lanie\nR:reel\nO:Brittany\nM:4/4\nL:1/8\n"
    root = written("T:Inside\nA8|", header=header)
    assert root.findtext("work/work-title") == root.findtext("movement-title") == "Bourrée"
    assert root.findtext("identification/creator") == "Mélanie"
    assert texts(root, "credit-words") == ["Bourrée", "The étang", "Mélanie", "reel", "Brittany"]
    assert texts(root, "words") == ["Inside"]


def lyrics(body):
    """Of each note the syllables of its verses: text, with hyphens that go on, and "_" where it is held."""
    shown = []
    for note in notes(body):
        verses = []
        for lyric in note.findall("lyric"):
            kind = lyric.findtext("syllabic")
            text = lyric.findtext("text", "") + "-" * (kind in ("begin", "middle"))
            verses.append(text + "_" * (lyric.find("extend") is not None))
        shown.append("/".join(verses))
    return shown


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("w:one two three four", ["one", "two", "three", "four", "", ""]),
        ("w:syl-la-ble then", ["syl-", "la-", "ble", "then", "", ""]),
        ("w:held_ * on", ["held_", "_", "", "on", "", ""]),
        ("w:long__ on", ["long_", "_", "_", "on", "", ""]),
        ("w:a~b one\\-two", ["a b", "one-two", "", "", "", ""]),
        ("w:one | two", ["one", "", "", "", "two", ""]),
        ("w:one two\n+:three four", ["one", "two", "three", "four", "", ""]),
        ("w:one two\nw:uno due", ["one/uno", "two/due", "", "", "", ""]),
        ("w:\\'et\\'e", ["été", "", "", "", "", ""]),
        ("w:a b c d e f g h i", ["a", "b", "c", "d", "e", "f"]),
        ("w:time- ly", ["time-", "ly", "", "", "", ""]),
    ],
)
def test_syllables_stand_under_their_notes(words, expected):
    assert lyrics(f"A2B2 {{g}}c2d2|z4 e2[fa]2|\n{words}".replace("[fa]2", "f2")) == [
        text for index, text in enumerate(expected) for text in ([text] if index not in (2, 4) else ["", text])
    ]


def test_a_line_without_words_is_passed_over_by_an_empty_field():
    assert lyrics("A4 B4|\nw:one two\nc4 d4|\nw:\ne4 f4|\nw:three four") == ["one", "two", "", "", "three", "four"]


def test_words_belong_to_the_notes_since_the_words_before():
    assert lyrics("A4 B4|\nw:one two\nc4 d4|\ne4 f4|\nw:three four five") == ["one", "two", "three", "four", "five", ""]


# ---- the whole


@pytest.mark.parametrize("path", sorted(TUNES.glob("*.abc")), ids=lambda path: path.stem)
def test_every_notation_feature_makes_a_valid_file(path):
    assert schema_errors(made(path.read_text(encoding="utf-8"))) == []


def test_a_file_with_a_fault_is_not_valid():
    musicxml = made("X:1\nK:C\nC8|\n")
    assert schema_errors(musicxml.replace(b"<duration>", b"<x/><duration>")) != []


@pytest.mark.parametrize("seed", range(30))
def test_random_tunes_make_valid_files_with_unique_ids(seed):
    musicxml = made(rich_tune(seed))
    assert schema_errors(musicxml) == []
    ids = [note.get("id") for note in ElementTree.fromstring(musicxml).iter("note") if note.find("pitch") is not None]
    assert len(set(ids)) == len(ids)
    assert None not in ids


def test_characters_that_xml_has_no_place_for_are_left_out():
    root = written('"^a\x01b\ufffe"A8|\nw:x\x02y', header="T:\x03T <&>\nM:4/4\nL:1/8\n")
    assert root.findtext("work/work-title") == "T <&>"
    assert texts(root, "words") == ["ab"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("X:1\nM:4/4\nK:C\nz4|\n", "the tune has no notes"),
        ("X:1\nL:1/1\nK:C\n" + "A900000 " * 9 + "|\n", "more than 10,000 notes and rests"),
        ("X:1\nK:C\nA" + "|Z999" * 30 + "|\n", "more than 10,000 notes and rests"),
        ("X:1\nK:C\n[" + "C" * 30_000 + "]|\n", "more than 10,000 notes and rests"),
        ("X:1\nL:1/1\nK:C\n[" + "".join(f"C{n}" for n in range(1, 900)) + "]|\n", "more than 10,000 notes and rests"),
        ("X:1\nK:C\n{" + "C" * 30_000 + "}C|\n", "more than 10,000 notes and rests"),
        ("X:1\nK:C\n" + "".join(f"A/{n} " for n in (7, 11, 13, 17, 19, 23, 29, 31)) + "|\n", "lengths are too fine"),
    ],
    ids=[
        "rests",
        "long notes",
        "bars of rest",
        "a chord",
        "a chord of long notes",
        "grace notes",
        "fine lengths",
    ],
)
def test_what_no_score_can_hold_is_refused_in_one_line(text, reason):
    with pytest.raises(RenderingError, match=reason) as caught:
        made(text)
    assert "\n" not in str(caught.value)


def test_the_bound_counts_what_is_written(monkeypatch):
    monkeypatch.setattr(module, "MOST_SIGNS", 4)
    musicxml_of(read_tune("X:1\nT:T\nL:1/4\nM:4/4\nK:C\nABcd|\n"))
    with pytest.raises(RenderingError, match="more than 4 notes"):
        musicxml_of(read_tune("X:1\nT:T\nL:1/4\nM:4/4\nK:C\nABcd|e|\n"))


def test_the_time_is_linear_in_the_chords_of_one_bar():
    assert_linear(lambda count: musicxml_of(read_tune(f"X:1\nT:T\nL:1/8\nK:C\n{'[CE2]' * count}|\n")), small=400)


def test_the_time_is_linear_in_the_number_of_voices():
    tunes = {}
    for count in (150, 8 * 150):
        header = "".join(f"V:{number} octave=-1\n" for number in range(count))
        body = "".join(f"V:{number}\nC|\n" for number in range(count))
        tunes[count] = read_tune(f"X:1\nT:T\nL:1/4\n{header}K:C\n{body}")
    assert_linear(lambda count: musicxml_of(tunes[count]), small=150)
