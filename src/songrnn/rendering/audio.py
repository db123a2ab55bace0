"""MIDI -> sound: symusic's synthesiser plays it, soundfile writes it.

One channel, 44 100 samples a second, 16 bits (WAV) or MP3 at a variable bit rate.
"""

import io
from pathlib import Path
from typing import Any, Literal

import numpy as np
import soundfile
import symusic

from songrnn.errors import RenderingError

SAMPLES_PER_SECOND = 44_100
PEAK = 0.9  # of full scale; chords would clip unscaled: three notes at full strength reach 1.9
LONGEST_SECONDS = 900.0  # a slip such as `A99999` would fill the memory


def audio_from_midi(midi: bytes, audio_format: Literal["wav", "mp3"], *, soundfont: Path) -> bytes:
    """A sound file of `midi`, scaled so that its loudest sample is `PEAK`.

    Raises RenderingError when the tune lasts longer than `LONGEST_SECONDS` or makes no sound with this soundfont.
    """
    score = symusic.Score.from_midi(midi)
    in_seconds: Any = symusic.Score.from_midi(midi, "second")  # symusic's stub of this class is incomplete
    seconds = in_seconds.end()
    if seconds > LONGEST_SECONDS:
        raise RenderingError(f"the tune lasts {seconds:.0f} seconds; sound is made of up to {LONGEST_SECONDS:.0f}")
    samples = np.asarray(symusic.Synthesizer(str(soundfont), SAMPLES_PER_SECOND).render(score, stereo=False))[0]
    loudest = float(np.abs(samples).max(initial=0.0))
    if loudest == 0.0:
        raise RenderingError(f"the soundfont {soundfont.name} makes no sound of the tune")
    file = io.BytesIO()
    container, encoding = ("WAV", "PCM_16") if audio_format == "wav" else ("MP3", None)
    soundfile.write(file, samples * (PEAK / loudest), SAMPLES_PER_SECOND, format=container, subtype=encoding)
    return file.getvalue()
