"""MIDI files: read back they hold the notes of `perform` to the tick, with tempo, meter, key, title and instrument."""

import io
import random
from dataclasses import replace
from fractions import Fraction

import mido
import pytest

from songrnn.errors import RenderingError
from songrnn.notation.read import read_tune
from songrnn.performance.timeline import perform, timeline
from songrnn.rendering.interpretation import interpret
from songrnn.rendering.midi import FINEST, MOST_TICKS, midi_from_timeline, ticks_per_quarter

HEADER = "X:1\nT:Trial\nM:4/4\nL:1/4\nK:C\n"


def tune_of(text):
    return read_tune(text if text.startswith("X:") else f"{HEADER}{text}\n", strict=False)


def file_of(text, *, tempo="", swing=False, program=40):
    tune = tune_of(text)
    midi = midi_from_timeline(
        interpret(tune, tempo=tempo, swing=swing).timeline,
        title=next(iter(tune.header.titles), ""),
        voices=[voice.name for voice in tune.voices],
        program=program,
    )
    return mido.MidiFile(file=io.BytesIO(midi), charset="utf-8")


def notes_of(file):
    """(onset, duration, pitch) in whole notes; a note ends at the first note_off of its pitch in its channel."""
    notes, sounding = [], {}
    whole = 4 * file.ticks_per_beat
    for track in file.tracks:
        time = 0
        for message in track:
            time += message.time
            if message.type == "note_on":
                key = message.channel, message.note
                assert key not in sounding, "a note begins in a channel where its pitch sounds already"
                sounding[key] = time
            elif message.type == "note_off":
                begin = sounding.pop((message.channel, message.note))
                notes.append((Fraction(begin, whole), Fraction(time - begin, whole), message.note))
        assert not sounding
    return sorted(notes)


def played(text):
    return sorted((note.onset, note.duration, note.pitch) for note in perform(tune_of(text)))


def metas(file, kind):
    found = []
    for track in file.tracks:
        time = 0
        for message in track:
            time += message.time
            if message.type == kind:
                found.append((time / file.ticks_per_beat, message))
    return found


# The cases of the issue, each with the pitches that a musician plays.
PITCHES = {
    "|:C4|1D4:|2E4:|": [60, 62, 60, 64, 60, 64],
    "|:C4|1D4:|2E4|]": [60, 62, 60, 64],
    "|::C4::|": [60, 60, 60],
    ".c>d ef|": [72, 74, 76, 77],
    "[c3e3g3] c|": [72, 72, 76, 79],
}


@pytest.mark.parametrize("body", PITCHES)
def test_the_notes_are_those_that_a_musician_plays(body):
    assert sorted(note[2] for note in notes_of(file_of(body))) == sorted(PITCHES[body])
    assert notes_of(file_of(body)) == played(body)


def test_a_broken_rhythm_before_a_decoration_and_a_dot_keep_their_lengths():
    lengths = [duration for _, duration, _ in notes_of(file_of("A>~B c2|.c>d e2|"))]
    assert lengths == [Fraction(n, 8) for n in (3, 1, 4, 3, 1, 4)]


@pytest.mark.parametrize(
    "body",
    [
        "|:C3-|1C4:|2C4|]",
        "|:C4|1D4:||:E4|1F4:|2G4|]",
        "[c3e3g3]2|",
        "(3CDE (5ABcde|",
        "CDEF!GABc|",
        "A>\\\nB c2|",
        "C4 & E2 C2|[CC]4|",
        "CC CC|C4-|C4|",
        "V:1\nCCCC|C4|\nV:2\nC4|CCCC|",
        "{cde}C4|z4|Z2|C4|",
        "X:1\nM:3/4\nL:1/8\nK:C\n(5ABcde z|",
        "X:1\nM:4/4\nL:1/512\nK:C\nC/4 D3/8 E|",
        "X:1\nM:4/4\nL:1/4\nP:ABA\nK:C\nP:A\nCDEF|\nP:B\nGABc|\n",
    ],
)
def test_read_back_the_file_is_what_perform_plays(body):
    assert notes_of(file_of(body)) == played(body)


def random_tune(rng):
    """A tune of several voices with tuplets, chords, ties, overlays, repeats and rests."""
    pieces = [
        "C",
        "E2",
        "c/",
        "[CEG]",
        "[C2C]",
        "C-C",
        "z",
        "(3CDE",
        "(5CDEFG",
        "(7CDEFGAB",
        "G>E",
        "{d}C",
        "C3/2",
        "Z",
    ]
    lines = ["|", "|", "|", ":|", "|:", "||", " & ", "|1", ":|2"]
    voices = [
        f"V:{name}\n"
        + "".join(rng.choice(pieces) + (rng.choice(lines) if rng.random() < 0.3 else "") for _ in range(40))
        for name in range(1, rng.randint(2, 5))
    ]
    return f"X:1\nM:{rng.choice(['4/4', '6/8', '3/4'])}\nL:1/8\nK:G\n" + "\n".join(voices) + "\n"


def test_random_tunes_are_read_back_as_perform_plays_them():
    rng = random.Random(5)
    for _ in range(60):
        text = random_tune(rng)
        file = file_of(text)
        if file.ticks_per_beat != FINEST:
            assert notes_of(file) == played(text), text


def test_a_quarter_has_the_least_common_multiple_of_all_denominators_in_ticks():
    def ticks(body):
        return ticks_per_quarter(interpret(tune_of(body), tempo="", swing=False).timeline)

    assert ticks("CDEF|") == 480
    assert ticks("(7CDEFGAB C|") == 483  # the least multiple of 7 that is not under 480
    assert ticks("(7CDEFGAB (3CDE|") % 21 == 0
    assert ticks("(7CDEFGAB (9CDEFGABcd|") <= MOST_TICKS


def test_times_beyond_the_formats_ticks_are_rounded_to_the_nearest():
    tune = tune_of("C4|")
    timeline = interpret(tune, tempo="", swing=False).timeline
    note = replace(timeline.notes[0], duration=Fraction(1, 100_003))
    uneven = replace(timeline, notes=(note, replace(note, onset=Fraction(1, 3))))
    assert ticks_per_quarter(uneven) == FINEST
    midi = midi_from_timeline(uneven, title="", voices=["1"], program=40)
    begins = [begin for begin, _, _ in notes_of(mido.MidiFile(file=io.BytesIO(midi)))]
    assert begins == [0, Fraction(1, 3)]


def test_tempo_meter_key_title_and_instrument_stand_in_the_file():
    file = file_of("X:1\nT:Caf\u00e9\nR:jig\nM:6/8\nL:1/8\nK:Dmin\nABc d3|[M:9/8][K:G]ABc def g3|\n", program=73)
    assert file.type == 1
    assert file.tracks[0].name == "Caf\u00e9"
    assert [(time, round(mido.tempo2bpm(m.tempo))) for time, m in metas(file, "set_tempo")] == [(0, 180)]
    assert [(time, m.numerator, m.denominator) for time, m in metas(file, "time_signature")] == [(0, 6, 8), (3, 9, 8)]
    assert [(time, m.key) for time, m in metas(file, "key_signature")] == [(0, "Dm"), (3, "G")]
    assert [m.program for track in file.tracks[1:] for m in track if m.type == "program_change"] == [73]


@pytest.mark.parametrize(
    ("fields", "quarters"),
    [
        ("R:reel\n", 224),
        ("R:hornpipe\n", 168),
        ("Q:1/2=50\n", 100),
        ("Q:1/4 3/8 1/4 3/8=40\n", 200),
        ("R:reel\nQ:1/4=77\n", 77),
        ("", 160),
    ],
)
def test_the_tempo_is_that_of_the_field_or_of_the_dance(fields, quarters):
    file = file_of(f"X:1\n{fields}M:4/4\nL:1/4\nK:C\nCDEF|\n")
    assert [round(mido.tempo2bpm(m.tempo), 1) for _, m in metas(file, "set_tempo")] == [quarters]


def test_a_tempo_within_the_tune_stands_at_its_place_and_a_requested_one_replaces_all():
    text = "X:1\nM:6/8\nL:1/8\nQ:3/8=60\nK:C\nCDE FGA|[Q:3/8=90]CDE FGA|\n"
    assert [(time, round(mido.tempo2bpm(m.tempo))) for time, m in metas(file_of(text), "set_tempo")] == [
        (0, 90),
        (3, 135),
    ]
    requested = file_of(text, tempo="100")
    assert [(time, round(mido.tempo2bpm(m.tempo))) for time, m in metas(requested, "set_tempo")] == [(0, 150)]


def test_before_the_first_tempo_within_a_tune_it_goes_at_the_usual_one():
    file = file_of("X:1\nR:jig\nM:6/8\nL:1/8\nK:C\nCDE FGA|[Q:3/8=90]CDE FGA|\n")
    assert [(time, round(mido.tempo2bpm(m.tempo))) for time, m in metas(file, "set_tempo")] == [(0, 180), (3, 135)]
    written = file_of("X:1\nR:jig\nM:6/8\nL:1/8\nK:C\n[Q:3/8=90]CDE FGA|\n")
    assert [(time, round(mido.tempo2bpm(m.tempo))) for time, m in metas(written, "set_tempo")] == [(0, 135)]


def test_each_voice_has_a_track_and_each_track_a_channel():
    file = file_of("V:1\nCCCC|\nV:2\nC4|\nV:bass\nC,4 & C,4|")
    names = [track.name for track in file.tracks]
    assert names == ["Trial", "voice 1", "voice 2", "voice bass", "voice bass, 2"]
    channels = [{m.channel for m in track if m.type == "note_on"} for track in file.tracks[1:]]
    assert all(len(one) == 1 for one in channels)
    assert len(set().union(*channels)) == 4
    assert 9 not in set().union(*channels)  # the drums


@pytest.mark.parametrize("body", ["z4|z4|", "|||", "Z4|", "x4|"])
def test_a_tune_without_a_note_is_refused(body):
    with pytest.raises(RenderingError, match="the tune has no notes"):
        file_of(body)


@pytest.mark.parametrize(("note", "where"), [("c''''''", "above the G five"), ("_C,,,,,", "below C five")])
def test_a_pitch_that_midi_has_not_is_named_with_its_place(note, where):
    with pytest.raises(RenderingError, match=rf"line 6, column 3: the note lies {where}"):
        file_of(f"C {note}|")


@pytest.mark.parametrize("meter", ["none", "(99+99+99)/8"])
def test_a_meter_that_midi_has_not_leaves_no_signature(meter):
    file = file_of(f"X:1\nM:{meter}\nL:1/4\nK:C\nCDEF|\n")
    assert metas(file, "time_signature") == []
    assert len(notes_of(file)) == 4


def test_keys_of_more_than_seven_signs_leave_no_signature():
    file = file_of("X:1\nM:4/4\nL:1/4\nK:A#\nCDEF|\n")
    assert metas(file, "key_signature") == []


def test_a_tempo_of_words_alone_leaves_none():
    tune = read_tune('X:1\nT:T\nQ:"Allegro"\nM:4/4\nL:1/4\nK:C\nCDEF|[Q:1/4=90]G4|\n')
    midi = midi_from_timeline(timeline(tune), title="", voices=["1"], program=40)
    messages = [message for track in mido.MidiFile(file=io.BytesIO(midi)).tracks for message in track]
    assert [message.tempo for message in messages if message.type == "set_tempo"] == [666_667]
