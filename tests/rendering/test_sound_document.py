"""docs/sound.md says what the tables of the code say."""

from pathlib import Path

from songrnn.performance.dance_tempo import DANCES, OTHER_NAMES
from songrnn.rendering import limits, midi
from songrnn.rendering.instruments import INSTRUMENTS
from songrnn.rendering.sound_settings import SoundSettings

DOCUMENT = (Path(__file__).parents[2] / "docs" / "sound.md").read_text("utf-8")
ROWS = {row.split(" | ")[0].removeprefix("| "): row for row in DOCUMENT.splitlines() if row.startswith("| ")}


def test_every_dance_has_its_row_with_its_tempos_and_other_names():
    for dance, meters in DANCES.items():
        others = [name for name, meant in OTHER_NAMES.items() if meant == dance]
        name = (dance or "any other rhythm, or none") + (f" ({', '.join(others)})" if others else "")
        assert ", ".join(f"{meter}: {tempo}" for meter, tempo in meters.items()) in ROWS[name]


def test_every_instrument_is_named_with_its_program():
    for first in range(0, 128, 8):
        assert ", ".join(INSTRUMENTS[first : first + 8]) in ROWS[f"{first}-{first + 7}"]


def test_the_limits_and_the_default_are_those_of_the_code():
    assert f"The default is the {SoundSettings().instrument}." in DOCUMENT
    for number in (limits.MOST_CHARACTERS, limits.MOST_WHOLE_NOTES, midi.MOST_TICKS, midi.FINEST):
        assert f"{number:,}" in DOCUMENT
    assert f"more than {limits.MOST_IN_CHORD} notes in a chord" in DOCUMENT
