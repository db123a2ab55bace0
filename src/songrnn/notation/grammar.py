"""Tables of the ABC standard 2.1: the meaning of letters, signs and names. Data only.

Source: https://abcnotation.com/wiki/abc:standard:v2.1; the numbers in the comments are its sections.
"""

from collections.abc import Mapping
from types import MappingProxyType

# 3: letter -> name of the field.
FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "A": "area",
        "B": "book",
        "C": "composer",
        "D": "discography",
        "F": "file",
        "G": "group",
        "H": "history",
        "I": "instruction",
        "K": "key",
        "L": "unit note length",
        "M": "meter",
        "m": "macro",
        "N": "notes",
        "O": "origin",
        "P": "parts",
        "Q": "tempo",
        "R": "rhythm",
        "r": "remark",
        "S": "source",
        "s": "symbol line",
        "T": "title",
        "U": "user defined",
        "V": "voice",
        "W": "words",
        "w": "lyrics",
        "X": "reference number",
        "Z": "transcription",
    }
)
# 3: what other letters before a colon begin is a field for a later standard, to be ignored with a warning. Those of
# notes and rests are left out: in the body a note may precede a bar line that begins with a colon.
UNDEFINED_FIELDS = "JYhijklnopqtuvy"
INLINE_FIELDS = "IKLMmNPQRrUV"  # 3: allowed as inline fields, in brackets among the notes

# 4.1, 4.2: regular expressions of an accidental and a pitch; PITCH_PARTS is a pitch with its parts by name.
ACCIDENTAL_PATTERN = r"(?:\^\^?+|__?+|=)"
PITCH_PATTERN = rf"{ACCIDENTAL_PATTERN}?+[A-Ga-g][,']*+"
PITCH_PARTS = rf"(?P<accidental>{ACCIDENTAL_PATTERN})?+(?P<letter>[A-Ga-g])(?P<octave>[,']*+)"

# 3.1.14: mode, its first three letters in lower case -> one name for one scale, as the corpus writes it.
MODES: Mapping[str, str] = MappingProxyType(
    {
        "maj": "maj",
        "ion": "maj",
        "min": "min",
        "aeo": "min",
        "dor": "dor",
        "phr": "phr",
        "lyd": "lyd",
        "mix": "mix",
        "loc": "loc",
        "exp": "exp",
    }
)
# Capitals do not count in modes, so "M" is minor too: the tunes in EM of the old collections are in E minor.
SHORT_MODES: Mapping[str, str] = MappingProxyType({"": "maj", "m": "min", "M": "min"})
# Sharps (flats below zero) of the scale on C in each mode, and of the major scale on each letter.
MODE_SHARPS: Mapping[str, int] = MappingProxyType(
    {"lyd": 1, "maj": 0, "mix": -1, "dor": -2, "min": -3, "phr": -4, "loc": -5}
)
LETTER_SHARPS: Mapping[str, int] = MappingProxyType({"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5})
SHARP_ORDER = "FCGDAEB"  # sharps come in this order, flats from its end
PIPE_KEYS = ("Hp", "HP")  # the Highland pipes: Hp has f and c sharp and g natural, HP no signature
CLEF_NAMES = ("treble", "bass", "baritone", "tenor", "alto", "mezzosoprano", "soprano", "perc")
CLEF_SETTINGS = (
    *("clef", "middle", "m", "transpose", "t", "octave", "stafflines", "staffscale", "shift", "score", "sound"),
    *("cue", "style", "map", "name", "nm", "snm", "subname", "stem"),
)

# 4.1, 4.2: note letters in the order of the scale, and semitones above C.
LETTERS = "CDEFGAB"
SEMITONES: Mapping[str, int] = MappingProxyType({"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11})
ACCIDENTALS: Mapping[str, int] = MappingProxyType({"__": -2, "_": -1, "=": 0, "^": 1, "^^": 2})
ACCIDENTAL_SIGNS: Mapping[int, str] = MappingProxyType({value: sign for sign, value in ACCIDENTALS.items()})

# 4.13: p notes in the time of q; None: 3 in a compound meter, else 2.
TUPLET_TIMES: Mapping[int, int | None] = MappingProxyType({2: 3, 3: 2, 4: 3, 5: None, 6: 2, 7: None, 8: 3, 9: None})
COMPOUND_BEATS = (6, 9, 12)  # 6/8, 9/8, 12/8 and the like

METER_SYMBOLS: Mapping[str, tuple[int, int]] = MappingProxyType({"C": (4, 4), "C|": (2, 2)})

# 4.14: names of decorations, written between two exclamation marks.
_DECORATION_NAMES = """
trill trill( trill) lowermordent uppermordent mordent pralltriller roll turn turnx invertedturn invertedturnx arpeggio
> accent emphasis fermata invertedfermata tenuto 0 1 2 3 4 5 + plus snap slide wedge upbow downbow open thumb breath
pppp ppp pp p mp mf f ff fff ffff sfz crescendo( <( crescendo) <) diminuendo( >( diminuendo) >)
segno coda D.S. D.C. dacoda dacapo fine shortphrase mediumphrase longphrase
"""
DECORATIONS = frozenset(_DECORATION_NAMES.split())
STACCATO = "staccato"  # the standard gives the dot no name; this is what programs call it
# 4.14: a sign or letter -> its decoration, unless a U: field redefines it.
SHORTHANDS: Mapping[str, str] = MappingProxyType(
    {
        ".": STACCATO,
        "~": "roll",
        "H": "fermata",
        "L": "accent",
        "M": "lowermordent",
        "O": "coda",
        "P": "uppermordent",
        "S": "segno",
        "T": "trill",
        "u": "upbow",
        "v": "downbow",
    }
)

# 4.8: the strokes of a bar line, the values of `tune.BarLine.style`.
BAR_STYLES = ("|", "||", "[|", "|]", ".|", "[|]")

# Limits that keep arithmetic small, and reading linear. The longest length in 12 762 tunes of collections is 32.
MOST_LENGTH = 999_999  # numerator of a length in unit note lengths
FINEST_LENGTH = 1024  # its denominator
MOST_DIGITS = 6
MOST_TUPLET = 99  # each number of a tuplet
MOST_BROKEN = 3  # 4.4: > >> >>>
MOST_OCTAVE_SIGNS = 5
OCTAVES = range(4 - MOST_OCTAVE_SIGNS, 5 + MOST_OCTAVE_SIGNS + 1)  # from C,,,,, to b'''''
MOST_REPEATS = 8  # colons of a bar line
MOST_ENDING = 99
MOST_BAR_RESTS = 999
