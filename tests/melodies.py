"""Melodies made up by chance, and written as ABC: what tests plant and find again."""

import random
from fractions import Fraction

SPELLED = ("C", "^C", "D", "^D", "E", "F", "^F", "G", "^G", "A", "^A", "B")


def wandering(seed, count=64):
    """(pitch, duration) of `count` notes: steps and small leaps within two octaves, eighths and quarters."""
    rng = random.Random(seed)
    notes, pitch = [], 67
    for _ in range(count):
        pitch = rng.choice([one for one in range(pitch - 5, pitch + 6) if one != pitch and 60 <= one <= 84])
        notes.append((pitch, Fraction(rng.choice((1, 1, 1, 2)), 8)))
    return notes


def transposed(notes, semitones):
    return [(pitch + semitones, duration) for pitch, duration in notes]


def relengthened(notes, every):
    """Every so many-th note twice as long."""
    return [(pitch, duration * (2 if place % every == 0 else 1)) for place, (pitch, duration) in enumerate(notes)]


def abc(notes, meter="4/4", title="Made up"):
    """The notes with the bar lines of the meter; a note that continues after one is tied."""
    bar, at, music = Fraction(meter), Fraction(0), ""
    for pitch, duration in notes:
        left = duration
        while left:
            part = min(left, bar - at)
            octave = pitch // 12 - 5
            name = SPELLED[pitch % 12]
            name = name if name[0] == "^" else "=" + name
            music += f"{name}{(chr(39) if octave > 0 else ',') * abs(octave)}{part * 8}" + ("-" if part < left else "")
            left -= part
            at = (at + part) % bar
            music += " " if at else "|"
    return f"X:1\nT:{title}\nM:{meter}\nL:1/8\nK:C\n{music}\n"
