"""How fast a dance is usually played, where the tune has no Q: field: by its rhythm (R:) and its meter.

The figures and their sources are in docs/sound.md. A rhythm that is not in the table, or is in an unusual
meter, has the usual tempo of the meter; in any other meter MODERATE beats go to a minute.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from songrnn.notation.tune import Meter, Tune
from songrnn.performance.tempo import Tempo, read_tempo

MODERATE = Fraction(120)  # beats a minute, or quarters where the beat is shorter

# rhythm -> meter -> tempo. 4/4 stands for C, C| and 2/2 as well.
DANCES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "": {
            "4/4": "1/4=160",
            "2/4": "1/4=112",
            "3/4": "1/4=132",
            "6/8": "3/8=112",
            "9/8": "3/8=120",
            "12/8": "3/8=126",
            "3/8": "3/8=60",
            "3/2": "1/2=108",
            "6/4": "3/4=72",
        },
        "reel": {"4/4": "1/2=112", "2/4": "1/4=112"},
        "jig": {"6/8": "3/8=120", "9/8": "3/8=126", "12/8": "3/8=126"},
        "single jig": {"6/8": "3/8=132", "12/8": "3/8=132"},
        "slip jig": {"9/8": "3/8=126"},
        "hop jig": {"9/8": "3/8=138"},
        "slide": {"12/8": "3/8=136", "6/8": "3/8=136"},
        "hornpipe": {"4/4": "1/4=168", "2/4": "1/4=84", "3/2": "1/2=108"},
        "polka": {"2/4": "1/4=132", "4/4": "1/2=132"},
        "waltz": {"3/4": "1/4=144", "3/8": "3/8=48", "6/8": "3/8=48"},
        "mazurka": {"3/4": "1/4=138"},
        "varsovienne": {"3/4": "1/4=126"},
        "march": {"4/4": "1/4=116", "2/4": "1/4=92", "6/8": "3/8=108", "3/4": "1/4=92", "9/8": "3/8=108"},
        "quickstep": {"2/4": "1/4=112", "4/4": "1/2=112", "6/8": "3/8=112"},
        "strathspey": {"4/4": "1/4=120", "2/4": "1/4=60"},
        "barn dance": {"4/4": "1/4=160", "2/4": "1/4=80"},
        "schottische": {"4/4": "1/4=152", "2/4": "1/4=76"},
        "fling": {"4/4": "1/4=168", "2/4": "1/4=84"},
        "set dance": {"4/4": "1/4=152", "2/4": "1/4=76", "6/8": "3/8=96"},
        "clog": {"4/4": "1/4=160", "2/4": "1/4=80"},
        "air": {"4/4": "1/4=76", "2/4": "1/4=60", "3/4": "1/4=84", "6/8": "3/8=54", "9/8": "3/8=54", "3/8": "3/8=40"},
        "minuet": {"3/4": "1/4=116", "3/8": "3/8=48"},
        "galop": {"2/4": "1/4=144"},
        "quadrille": {"2/4": "1/4=116", "6/8": "3/8=116"},
        "polonaise": {"3/4": "1/4=96"},
        "gavotte": {"4/4": "1/4=132", "2/4": "1/4=76"},
    }
)
OTHER_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "double jig": "jig",
        "light jig": "jig",
        "slow air": "air",
        "lament": "air",
        "planxty": "jig",
        "highland": "fling",
        "schottis": "schottische",
        "schottish": "schottische",
        "barndance": "barn dance",
        "german": "barn dance",
        "valse": "waltz",
        "gallop": "galop",
        "varsoviana": "varsovienne",
        "varsouvienne": "varsovienne",
    }
)
_SAME_BAR = {"C": "4/4", "C|": "4/4", "2/2": "4/4"}
_BEATS_ALONE = re.compile(r"\d{1,4}(?:\.\d{1,3})?", re.ASCII)


def tempo_of(tune: Tune) -> Tempo:
    """The tempo at which a tune begins: that of its Q: field, else the usual one of its rhythm and meter.

    A Q: field of words alone adds its words to the usual tempo.
    """
    text = ""
    for field in reversed(tune.header.fields):
        tempo = read_tempo(str(field.value), tune.header.unit_in_force) if field.letter == "Q" else None
        if tempo is not None and tempo.beats_per_minute is not None:
            return tempo
        text = text or (tempo.text if tempo is not None else "")
    usual = usual_tempo(" ".join(tune.header.values("R")), tune.header.meter_in_force)
    return Tempo(usual.beats, usual.beats_per_minute, text)


def usual_tempo(rhythm: str, meter: Meter) -> Tempo:
    """The usual tempo of a rhythm as R: names it ("Slip Jig", "reels", "") in a meter."""
    name = meter.symbol or "/".join((str(sum(meter.beats)), str(meter.unit)))
    name = _SAME_BAR.get(name, name)
    for dance in (dance_of(rhythm), ""):
        text = DANCES[dance].get(name)
        if text is not None:
            tempo = read_tempo(text, Fraction(1, 8))
            assert tempo is not None
            return tempo
    beat = beat_of(meter)
    return Tempo((beat,), MODERATE if meter.compound else MODERATE * max(Fraction(1), Fraction(1, 4) / beat))


def dance_of(rhythm: str) -> str:
    """The dance in the table that the words of an R: field name; "" for none. Of two names the longer counts."""
    words = " " + " ".join(re.findall(r"[^\W\d_]+", rhythm.lower())) + " "
    found = [name for name in (*DANCES, *OTHER_NAMES) if name and re.search(rf" {name}(?:e?s)? ", words)]
    longest = max(found, key=len, default="")
    return OTHER_NAMES.get(longest, longest)


def beat_of(meter: Meter) -> Fraction:
    """What is counted in a meter, in whole notes: 3/8 in 6/8, 1/2 in C|, else the lower number; 1/4 in free meter."""
    if not meter.beats:
        return Fraction(1, 4)
    return Fraction(3 if meter.compound else 1, meter.unit)


def requested_tempo(text: str, meter: Meter) -> Tempo | None:
    """The tempo requested as "100" or "1/4=120" in this meter; None for anything else."""
    text = text.strip()
    if _BEATS_ALONE.fullmatch(text):
        text = f"{beat_of(meter)}={text}"
    tempo = read_tempo(text, Fraction(1, 8))
    return tempo if tempo is not None and tempo.beats_per_minute is not None else None


def tempo_text(tempo: Tempo) -> str:
    """A tempo as the value of Q:, such as 3/8=120; "" when it has no beats."""
    if tempo.beats_per_minute is None:
        return ""
    beats = " ".join(f"{beat.numerator}/{beat.denominator}" for beat in tempo.beats)
    return f"{beats}={float(tempo.beats_per_minute):g}"
