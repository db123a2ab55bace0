"""render(): every format of a tune, reasons in place of exceptions, files moved into place."""

import io
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
import soundfile

from songrnn.errors import RenderingError, SettingsError
from songrnn.notation.text_strings import title_of
from songrnn.rendering import score
from songrnn.rendering.render import FORMATS, Renderer, render
from songrnn.rendering.sound_settings import SoundSettings
from songrnn.rendering.soundfont import find_soundfont, system_folders

TUNES = Path(__file__).parents[1] / "data" / "abc"
REEL = (TUNES / "reel.abc").read_text()


@pytest.fixture(scope="module")
def renderer():
    with Renderer() as renderer:
        yield renderer


@pytest.fixture(scope="module")
def reel(renderer):
    return renderer.render(REEL, formats=FORMATS)


def test_a_tune_becomes_every_format(reel):
    assert tuple(reel.outputs) == FORMATS
    assert reel.failures == {}
    assert reel.title == "The Lantern on the Gate"
    assert reel.outputs["abc"].decode() == reel.abc == REEL


def test_the_sound_has_its_rate_and_is_neither_silent_nor_clipped(reel):
    samples, rate = soundfile.read(io.BytesIO(reel.outputs["wav"]))
    assert rate == 44_100
    assert samples.ndim == 1
    assert 8.5 < len(samples) / rate < 12.0  # 32 quarters at 224 a minute, and the last note dies away
    assert np.abs(samples).max() == pytest.approx(0.9, abs=0.001)
    assert np.sqrt(np.mean(samples**2)) > 0.01


def test_the_mp3_lasts_as_long_as_the_wav_and_is_much_smaller(reel):
    wav, mp3 = (soundfile.info(io.BytesIO(reel.outputs[name])) for name in ("wav", "mp3"))
    assert mp3.format == "MP3"
    assert mp3.duration == pytest.approx(wav.duration, abs=0.1)
    assert len(reel.outputs["mp3"]) < len(reel.outputs["wav"]) / 4


def test_the_score_shows_every_note_once(reel):
    svg = ElementTree.fromstring(reel.outputs["svg"])
    notes = [element for element in svg.iter() if element.get("class") == "note"]
    assert len(notes) == 28


def test_the_musicxml_holds_every_note_with_its_octave(reel):
    xml = ElementTree.fromstring(reel.outputs["musicxml"])
    pitches = [(note.findtext("pitch/step"), note.findtext("pitch/octave")) for note in xml.iter("note")]
    assert len(pitches) == 28
    assert pitches[:3] == [("D", "4"), ("F", "4"), ("A", "4")]


@pytest.mark.parametrize("path", sorted(TUNES.glob("*.abc")), ids=lambda path: path.stem)
def test_every_notation_feature_becomes_midi_and_a_score(renderer, path):
    rendering = renderer.render(path.read_text(), formats=["midi", "svg"])
    assert rendering.failures == {}


def test_the_same_tune_gives_the_same_bytes_in_another_process(reel):
    again = render(REEL, formats=["midi", "wav", "musicxml", "svg"])
    assert all(again.outputs[name] == reel.outputs[name] for name in again.outputs)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no music at all",
        "X:1\nK:\n",
        "X:1\nK:G\n" + "(" * 500,
        "X:1\nT:\0\ud800\nK:Q#\n[[[[{{{{:::|2|2\n",
        "%" * 20_000,
    ],
    ids=["empty", "prose", "no key", "open slurs", "broken characters", "a long comment"],
)
def test_garbage_yields_a_reason_for_every_format_and_no_exception(renderer, text):
    rendering = renderer.render(text, formats=FORMATS)
    assert set(rendering.outputs) == {"abc"}
    assert set(rendering.failures) == set(FORMATS) - {"abc"}
    assert all(reason and "\n" not in reason for reason in rendering.failures.values())


def test_sound_fails_for_the_reason_for_which_midi_fails(renderer):
    rendering = renderer.render("X:1\nT:High\nM:6/8\nK:C\nc''''''bc|\n", formats=["wav", "mp3", "midi", "musicxml"])
    assert "where MIDI has no pitch" in rendering.failures["midi"]
    assert rendering.failures["wav"] == rendering.failures["mp3"] == rendering.failures["midi"]
    assert set(rendering.outputs) == {"abc", "musicxml"}
    assert rendering.sound == ""


def test_only_what_was_requested_is_returned(renderer):
    rendering = renderer.render(REEL, formats=["svg"])
    assert set(rendering.outputs) == {"abc", "svg"}
    assert rendering.messages == ()
    assert rendering.sound == ""


@pytest.mark.parametrize("formats", [["midi"], ["musicxml"], ["svg"], ["midi", "svg"], ["mp3"]])
def test_what_check_finds_comes_with_every_format(renderer, formats):
    rendering = renderer.render("X:1\nM:4/4\nL:1/4\nK:C\nC4|CDEFG|C4|\n", formats=formats)
    assert rendering.messages == ("line 5, column 4: expected a bar that lasts 1, found one that lasts 5/4",)


def test_tempo_and_instrument_are_those_that_are_requested():
    with Renderer(SoundSettings(tempo="60", instrument="flute")) as renderer:
        slow = renderer.render(REEL, formats=["wav"])
    assert slow.sound == "1/2=60, flute"
    assert soundfile.info(io.BytesIO(slow.outputs["wav"])).duration > 16


def test_the_reel_is_played_as_reels_are(reel):
    assert reel.sound == "1/2=112, violin"


def test_a_score_of_rests_alone_is_a_failure(renderer):
    rendering = renderer.render("X:1\nM:4/4\nL:1/4\nK:G\nz4|z4|\n", formats=["musicxml", "svg"])
    assert rendering.failures == {"musicxml": "the tune has no notes", "svg": "the tune has no notes"}


def test_an_endless_note_makes_no_endless_sound(renderer):
    rendering = renderer.render("X:1\nM:none\nL:1/1\nQ:1/4=60\nK:G\n" + "G16 " * 20 + "|\n", formats=["midi", "wav"])
    assert "midi" in rendering.outputs
    assert rendering.failures["wav"] == "the tune lasts 1280 seconds; sound is made of up to 900"


def test_a_score_that_does_not_fit_one_picture_says_so(reel, monkeypatch):
    monkeypatch.setitem(score.OPTIONS, "pageHeight", 300)
    with pytest.raises(RenderingError, match=r"the score is too long for one picture: it fills \d"):
        score.svg_from_musicxml(reel.outputs["musicxml"], page_width=300)


def test_musicxml_that_verovio_cannot_read_is_a_failure():
    with pytest.raises(RenderingError, match="verovio cannot read the MusicXML"):
        score.svg_from_musicxml(b"junk")


def test_an_unknown_format_names_the_known_ones(renderer):
    with pytest.raises(
        SettingsError, match="format 'pdf' is unknown; the formats are abc, midi, wav, mp3, musicxml, svg"
    ):
        renderer.render(REEL, formats=["midi", "pdf"])


def test_a_soundfont_that_is_not_there_is_one_clear_error():
    with pytest.raises(RenderingError, match=r"soundfont 'nowhere\.sf2' is no file"):
        render(REEL, formats=["wav"], sound=SoundSettings(soundfont="nowhere.sf2"))


def test_a_file_that_is_no_soundfont_is_one_clear_error(tmp_path):
    (tmp_path / "tunes.abc").write_text(REEL)
    with pytest.raises(RenderingError, match=r"tunes\.abc' is not a soundfont; name an \.sf2"):
        render(REEL, formats=["wav"], sound=SoundSettings(soundfont=tmp_path / "tunes.abc"))


def test_a_damaged_soundfont_fails_the_sound_alone(tmp_path):
    fake = tmp_path / "fake.sf2"
    fake.write_bytes(b"RIFF\0\0\0\0sfbk and nothing of what follows")
    rendering = render(REEL, formats=["midi", "wav"], sound=SoundSettings(soundfont=fake))
    assert "midi" in rendering.outputs
    assert "wav" in rendering.failures


def test_a_system_soundfont_goes_before_the_built_in_one(monkeypatch, tmp_path):
    monkeypatch.setattr("songrnn.rendering.soundfont.system_folders", lambda: (tmp_path / "absent", tmp_path))
    assert find_soundfont().name == "TimGM6mb.sf2"
    (tmp_path / "own.sf2").write_bytes(b"")
    assert find_soundfont() == tmp_path / "own.sf2"


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_every_operating_system_has_places_for_soundfonts(monkeypatch, platform):
    monkeypatch.setattr("sys.platform", platform)
    assert all("ound" in str(folder) or "Audio" in str(folder) for folder in system_folders())


def test_no_soundfont_at_all_names_the_remedy(monkeypatch):
    monkeypatch.setattr("songrnn.rendering.soundfont.system_folders", lambda: ())
    monkeypatch.setattr("songrnn.rendering.soundfont.find_spec", lambda name: None)
    with pytest.raises(RenderingError, match="no soundfont was found; name one with --soundfont"):
        find_soundfont()


def test_the_title_is_the_first_title_field_unless_given(renderer):
    assert title_of("X:1\nT:  The First \nT:The Second\nK:C\n") == "The First"
    assert title_of("X:1\nT:\nK:C\nCDE|\n") == ""
    assert renderer.render(REEL, title="Another", formats=["abc"]).title == "Another"


@pytest.mark.parametrize(
    ("fields", "requested", "quarters", "mark"),
    [
        ("R:reel\nM:C|\n", "", "224", None),
        ("R:jig\nM:6/8\n", "", "180", None),
        ("R:reel\nM:C|\nQ:1/4=90\n", "", "90", "90"),
        ("R:reel\nM:C|\nQ:1/4=90\n", "70", "140", "70"),
        ("R:jig\nM:6/8\n", "1/4=100", "100", "100"),
        ('R:waltz\nM:3/4\nQ:"Gently"\n', "", "144", None),
    ],
)
def test_the_musicxml_has_the_tempo_and_the_score_shows_it_where_it_is_written_or_requested(
    fields, requested, quarters, mark
):
    with Renderer(SoundSettings(tempo=requested)) as renderer:
        rendering = renderer.render(f"X:1\n{fields}L:1/8\nK:C\nCDE FGA|\n", formats=["musicxml"])
    xml = ElementTree.fromstring(rendering.outputs["musicxml"])
    assert [sound.get("tempo") for sound in xml.iter("sound")] == [quarters]
    assert [element.text for element in xml.iter("per-minute")] == ([mark] if mark else [])


def test_a_title_has_its_accents_in_the_midi_file_too(renderer):
    rendering = renderer.render("X:1\nT:Bourr\\'ee\nM:4/4\nL:1/4\nK:C\nCDEF|\n", formats=["midi"])
    assert rendering.title == "Bourr\u00e9e"
    assert "Bourr\u00e9e".encode() in rendering.outputs["midi"]


def texts_of(svg):
    """All texts of a picture, each that of one innermost element."""
    return [element.text.strip() for element in ElementTree.fromstring(svg).iter() if (element.text or "").strip()]


def test_the_score_shows_titles_texts_and_words_once_and_no_abc(renderer):
    text = (
        "X:1\nT:Bourr\\'ee\nT:The &eacute;tang\nC:M\\u00e9lanie\nR:reel\nM:4/4\nL:1/8\nK:D exp _b _e ^f\n"
        'P:A\n"^slow"D2 "_soft"E2 "Gm"F4|1,3 G8:|2,4 A8|]\nw:one two-three\n'
    )
    rendering = renderer.render(text, formats=["svg"])
    shown = texts_of(rendering.outputs["svg"])
    assert rendering.title == "Bourrée"
    for word in ("Bourrée", "The étang", "Mélanie", "reel", "A", "slow", "soft", "Gm", "one", "two", "three"):
        assert shown.count(word) == 1, word
    assert not any(field in " ".join(shown) for field in ("X:", "T:", "K:", "|", "\\"))


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("|:C8|[1,3 D8:|[2,4 E8|]", {"1, 3": 1, "2, 4": 1}),
        ("|::C8|D8::|", {"3×": 1}),
        ("C4|" + "CDEF GABc|" * 4 + "\n" + "CDEF GABc|" * 4, {"5": 1}),  # the pickup is not counted
    ],
)
def test_the_score_shows_endings_times_and_bar_numbers(renderer, body, shown):
    svg = renderer.render(f"X:1\nM:4/4\nL:1/8\nK:C\n{body}\n", formats=["svg"]).outputs["svg"]
    found = texts_of(svg)
    assert {word: found.count(word) for word in shown} == shown


def test_lines_of_the_text_are_systems_where_they_fill_the_width(renderer):
    def systems(lines):
        text = "X:1\nM:4/4\nL:1/8\nK:C\n" + "\n".join(lines) + "\n"
        svg = ElementTree.fromstring(renderer.render(text, formats=["svg"]).outputs["svg"])
        return sum(element.get("class") == "system" for element in svg.iter())

    bar = "CDEF GABc|"
    assert systems([bar * 4] * 3) == 3
    assert systems([bar] * 12) == systems([bar * 12]) <= 3


def test_free_meter_in_one_of_several_voices_does_not_end_verovio(renderer):
    text = "X:1\nM:C|\nL:1/4\nV:1\nV:2\nK:G\nV:1\nG4|A4|B4|\nV:2\nG4|[M:none](4GABc d|B4 z|\n"
    assert renderer.render(text, formats=["svg"]).failures == {}


def test_instrument_and_swing_are_written_into_midi_and_musicxml():
    hornpipe = "X:1\nT:Hop\nR:hornpipe\nM:4/4\nL:1/8\nK:D\nABcd efga|\n"
    sound = SoundSettings(instrument="clarinet", swing=True)
    rendering = render(hornpipe, formats=("midi", "musicxml"), sound=sound)
    assert b"<midi-program>72</midi-program>" in rendering.outputs["musicxml"].replace(b"\n", b"")
    assert b"<swing><first>2</first>" in rendering.outputs["musicxml"].replace(b"\n", b"")
    assert bytes([0xC1, 71]) in rendering.outputs["midi"]


def test_a_field_that_the_standard_does_not_define_is_reported():
    messages = render("X:1\nY:ABA\nT:T\nM:4/4\nL:1/4\nK:C\nCDEF|\n", formats=("midi",)).messages
    assert messages == ("line 2, column 3: the field Y: is none of the standard and is ignored",)
