"""The categories of a position and their sizes."""

from typing import NamedTuple

from songrnn.tracking.fields import COMMON_MODES, METERS, MOST_SHARPS, RHYTHMS


class Feature(NamedTuple):
    """A category: its values are 0..size-1, and 0 stands for what is not known or does not apply."""

    name: str
    size: int


FEATURES: tuple[Feature, ...] = (
    Feature("time elapsed in the bar", 66),  # 48ths of the bar; the same in free meter is 0
    Feature("time left in the bar", 35),  # 16ths of a whole note, rounded up, from 2; 1: the bar is too long
    Feature("bars in the part", 34),
    Feature("bar of four", 5),
    Feature("bars in the tune", 66),
    Feature("part", 9),
    Feature("repeat and ending", 9),  # 4 more where a repeat is open; none, first, second, later ending
    Feature("bars of the former part", 34),
    Feature("bars of the first part", 34),
    Feature("begins a part", 3),  # 2: this bar is the first, or its pickup
    Feature("pickup is left", 4),  # 2: the time left is this part's pickup; 3: that of the former part; 1: neither
    Feature("pickup of the part", 18),  # 16ths, from 1; 0 while its first bar is written
    Feature("pickup of the former part", 18),
    Feature("bars on the line", 14),
    Feature("bar line and slur", 22),  # 11 more where a slur is open
    Feature("tuplet, grace notes and chord", 17),  # notes left of the tuplet; 4 more in grace notes, 8 in a chord
    Feature("degree", 22),  # 7 letters from the tonic's, each flattened, as in the key, or sharpened
    Feature("octave", 8),  # 4 for the capital letters
    Feature("duration", 50),  # 48ths of a whole note
    Feature("interval", 18),  # diatonic steps from the note before, 9 for none
    Feature("degree on the downbeat", 8),
    Feature("degree before", 8),  # of the note before the last
    Feature("meter", len(METERS) + 3),
    Feature("key", 2 + COMMON_MODES * (2 * MOST_SHARPS + 1)),  # common modes by sharps; 1: another
    Feature("rhythm", len(RHYTHMS) + 2),
    Feature("unit note length", 8),  # 1: a whole note, 2: a half, ...
)
PLAN: tuple[Feature, ...] = (
    Feature("bars left in the part", 35),  # from 2; 1: it has more than planned
    Feature("parts left", 10),  # from 2, this one among them; 1: all have been written
    Feature("repeated", 3),
    Feature("endings", 3),
    Feature("bars left in the tune", 67),  # from 1
    Feature("bars of the next part", 35),  # from 2; 1: this is the last one
    Feature("pickup", 18),  # 16ths, from 1: of this part in its first bar, later that of the next part
    Feature("cadence", 8),  # degree of the part's last note
    Feature("time left in the part", 50),  # 16ths of a whole note, from 1
)
SIZES = tuple(feature.size for feature in FEATURES)
PLAN_SIZES = tuple(feature.size for feature in PLAN)
