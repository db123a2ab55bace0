"""abc2midi: the notes that an independent reader plays of every notation feature, and a reason when there are none."""

import os
from pathlib import Path
from typing import Any

import pytest
import symusic

from songrnn.errors import RenderingError
from songrnn.evaluation import abc2midi
from songrnn.evaluation.abc2midi import read_by_abc2midi

needs_sh = pytest.mark.skipif(os.name != "posix", reason="stands a shell script in for abc2midi: POSIX only")
TUNES = Path(__file__).parents[1] / "data" / "abc"

D_PART = [
    62,
    66,
    69,
    66,
    67,
    66,
    64,
    62,
    64,
    66,
    67,
    64,
    61,
    64,
    57,
    62,
    66,
    69,
    66,
    67,
    69,
    71,
    73,
    74,
    69,
    66,
    64,
    62,
]
FIRST_TIME, SECOND_TIME = [64, 67, 72, 67, 59, 60], [67, 65, 64, 62, 60]

PITCHES = {
    "reel": D_PART * 2,
    "pickup": [62, 67, 69, 71, 74, 71, 67, 69, 67, 64, 64, 67, 69, 71, 69, 71, 74, 71, 69, 67, 67],
    "endings": [60, 64, 67, 64, 62, 65, 69, 65, *FIRST_TIME, 60, 64, 67, 64, 62, 65, 69, 65, *SECOND_TIME],
    "tuplets": [69, 71, 73, 76, 78, 80, 81, 76, 69, 71, 73, 76],
    "grace_notes": [78, 76, 74, 71, 69, 79, 71, 76],
    "chords": [65, 69, 72, 67, 70, 74, 65, 72],
    "meter_change": [62, 66, 69, 69, 71, 69, 66, 64, 62],
    "dorian": [69, 71, 72, 74, 76, 78, 79, 81, 69],
    "mixolydian": [62, 64, 66, 67, 69, 71, 72, 74, 62],
    "accidentals": [66, 70, 71, 66, 66, 66, 65, 65],
}


def melody(content: bytes) -> Any:
    """The first track with notes, in order of time."""
    score: Any = symusic.Score.from_midi(content)
    track = next(track for track in score.tracks if track.notes)
    return sorted(track.notes, key=lambda note: (note.time, note.pitch))


def convert(abc: str) -> Any:
    return read_by_abc2midi(abc.encode(), timeout_seconds=10)


@pytest.mark.parametrize("name", PITCHES)
def test_the_notes_of_each_notation_feature_sound_at_their_pitches(name):
    answer = read_by_abc2midi((TUNES / f"{name}.abc").read_bytes(), timeout_seconds=10)
    assert [note.pitch for note in melody(answer.midi)] == PITCHES[name]


def test_three_notes_of_a_triplet_take_the_time_of_two():
    notes = melody(read_by_abc2midi((TUNES / "tuplets.abc").read_bytes(), timeout_seconds=10).midi)
    assert notes[3].time - notes[0].time == 480  # ticks: two eighths


def test_chord_symbols_sound_below_the_melody():
    score: Any = symusic.Score.from_midi(
        read_by_abc2midi((TUNES / "chord_symbols.abc").read_bytes(), timeout_seconds=10).midi
    )
    accompaniment = [note.pitch for track in score.tracks[1:] for note in track.notes]
    assert accompaniment
    assert min(accompaniment) < 60


# What the standard has and abc2midi complains about: [|] and :: after an ending, +:, and several octave marks.
UNKNOWN_TO_ABC2MIDI = {"bar_lines", "continuations", "octaves", "repeats"}


def test_every_other_test_tune_is_free_of_errors():
    for path in (path for path in sorted(TUNES.glob("*.abc")) if path.stem not in UNKNOWN_TO_ABC2MIDI):
        errors = read_by_abc2midi(path.read_bytes(), timeout_seconds=10).errors
        assert errors == (), path.name


def test_a_tune_without_a_key_has_abc2midis_complaint_as_its_reason():
    answer = convert("X:1\nT:Nameless\nM:6/8\nK:\nabc|\n")
    assert answer.midi is None
    assert answer.reason == (
        "abc2midi made no notes: Error in line-char 4-0 : First K: field must specify key signature"
    )
    assert answer.messages[0].startswith("Error in line-char 4-0")


@pytest.mark.parametrize("abc", ["X:1\nT:Silence\nM:4/4\nK:G\nz4 z4|\n", "X:1\nM:4/4\nK:G\n|||\n", ""])
def test_a_tune_of_rests_or_nothing_made_no_notes(abc):
    answer = convert(abc)
    assert answer.midi is None
    assert answer.reason.startswith("abc2midi made no notes")


@pytest.mark.parametrize("meter", ["4/4", "2/4", "2/2", "3/2", "6/8"])
def test_a_hornpipe_plays_without_error_in_every_meter(meter):
    answer = convert(f"X:1\nR:hornpipe\nM:{meter}\nL:1/8\nK:G\ngabg|\n")
    assert answer.midi is not None
    assert answer.errors == ()


def test_warnings_come_with_the_notes():
    answer = convert("X:1\nM:4/4\nL:1/4\nK:C\nC4|CDEFG|C4|\n")
    assert answer.midi is not None
    assert any("has 5 time units while the time signature has 4" in message for message in answer.messages)


@needs_sh
def test_an_abc2midi_that_hangs_is_cut_off(monkeypatch, tmp_path):
    script = tmp_path / "abc2midi"
    script.write_text("#!/bin/sh\nexec sleep 60\n")
    script.chmod(0o755)
    monkeypatch.setattr(abc2midi, "abc2midi", lambda: str(script))
    with pytest.raises(RenderingError, match=r"abc2midi did not end within 0\.2 seconds"):
        read_by_abc2midi(b"X:1\nK:C\nC\n", timeout_seconds=0.2)


@needs_sh
def test_an_abc2midi_that_crashes_is_named_with_its_signal(monkeypatch, tmp_path):
    script = tmp_path / "abc2midi"
    script.write_text("#!/bin/sh\necho 'Error in line-char 3-1 : planted'\nkill -SEGV $$\n")
    script.chmod(0o755)
    monkeypatch.setattr(abc2midi, "abc2midi", lambda: str(script))
    answer = read_by_abc2midi(b"X:1\nK:C\nC\n", timeout_seconds=5)
    assert answer.reason == "abc2midi ended with signal 11: Error in line-char 3-1 : planted"


def test_no_temporary_file_stays(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    convert("X:1\nK:C\nCDE|\n")
    convert("X:1\nK:\n")
    assert list(tmp_path.iterdir()) == []
