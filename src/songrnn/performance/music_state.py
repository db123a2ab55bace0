"""Key, meter, unit note length, tempo and shift in force at each place of a voice, as its fields change them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from songrnn.notation.shift import Shift, settings_in, shift_at_start
from songrnn.notation.tune import Field, Header, Key, Meter
from songrnn.performance.tempo import Tempo, read_tempo


@dataclass(frozen=True, slots=True)
class MusicState:
    """What is in force at a place of the text. unit: the unit note length; tempo: None before any Q: field."""

    key: Key
    meter: Meter
    unit: Fraction
    shift: Shift
    tempo: Tempo | None = None

    @classmethod
    def at_start(cls, header: Header, voice_settings: Sequence[str] = ()) -> "MusicState":
        """Before the music of a voice. voice_settings: those of the header's V: fields of this voice."""
        tempos = (read_tempo(text, header.unit_in_force) for text in reversed(header.values("Q")))
        tempo = next((tempo for tempo in tempos if tempo), None)
        shift = shift_at_start(header, voice_settings)
        return cls(header.key, header.meter_in_force, header.unit_in_force, shift, tempo)

    def after(self, field: Field) -> "MusicState":
        """The state after a field of the body; this one itself if the field changes none of it."""
        shift = self.shift.changed(settings_in(field))
        state = self if shift == self.shift else replace(self, shift=shift)
        match field.letter, field.value:
            case "K", Key() as key:
                return replace(state, key=key)
            case "M", Meter() as meter:
                return replace(state, meter=meter)
            case "L", Fraction() as unit:
                return replace(state, unit=unit)
            case "Q", str(text) if tempo := read_tempo(text, self.unit):
                return replace(state, tempo=tempo)
        return state
