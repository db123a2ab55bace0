"""Titles for tunes that have none: made from key, rhythm and place, of words of our own.

No list of titles was read for these words; the places are made up of two syllables and lie nowhere.
"""

import random
import re
from collections.abc import Mapping
from types import MappingProxyType

from songrnn.studio.archive.records import LONGEST_TITLE
from songrnn.studio.archive.tune_text import Facts, music_digest

PLACE_BEGINNINGS = (
    *("Alder", "Bracken", "Cinder", "Dapple", "Ember", "Fallow", "Gorse", "Hazel", "Juniper", "Kelp"),
    *("Larch", "Merrow", "Osier", "Plover", "Quill", "Rowan", "Sorrel", "Teasel", "Umber", "Withy", "Yarrow"),
)
PLACE_ENDINGS = ("combe", "fen", "garth", "hollow", "lea", "mere", "moss", "rigg", "shaw", "strand", "thwaite", "wick")
BRIGHT = ("Early Light", "First Ferry", "Open Windows", "Dry Hay", "Tall Ships", "Warm Bread", "Fair Wind", "Larksong")
DARK = (
    "Late Rain",
    "Low Lanterns",
    "Last Ferry",
    "Long Shadows",
    "Slack Tide",
    "Wood Smoke",
    "First Frost",
    "Owl Light",
)
MOODS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"maj": BRIGHT, "lyd": BRIGHT, "mix": BRIGHT, "min": DARK, "dor": DARK, "phr": DARK, "loc": DARK}
)
"""The third of a key makes it bright or dark."""
_OF_SEED = re.compile(r"Composition \d+ of seed \d+(?:, try \d+)?")


def propose_titles(facts: Facts, abc: str, *, place: str = "", count: int = 5) -> tuple[str, ...]:
    """`count` different titles, the same for the same music; `place`: the player's own, else a made-up one.

    No two places of one answer are the same unless it is given.
    """
    rng = random.Random(int(music_digest(abc)[:16], 16))
    moods = MOODS.get(facts.key[-3:], BRIGHT + DARK)
    found: dict[str, None] = {}
    while len(found) < count:
        where = place or rng.choice(PLACE_BEGINNINGS) + rng.choice(PLACE_ENDINGS)
        title = _title(rng, rng.choice(moods), where, facts.rhythm)
        if title in found:  # few are possible at one place
            title = f"{title} no. {len(found) + 1}"
        found[title[:LONGEST_TITLE]] = None
    return tuple(found)


def own_title(title: str) -> str:
    """`title`, or "" if it only says which composition of which seed a tune is."""
    return "" if _OF_SEED.fullmatch(title) else title


def _title(rng: random.Random, mood: str, place: str, rhythm: str) -> str:
    dance = " ".join(word.capitalize() for word in rhythm.split()) if rhythm.replace(" ", "").isalpha() else ""
    forms = [f"{mood} at {place}", f"{mood} over {place}"]
    if dance:
        forms += [f"The {place} {dance}", f"{dance} of {mood}"]
    return rng.choice(forms)
