"""Every feature at a place worked out by hand; the plan; Python and the engine give the same numbers."""

import random
from itertools import groupby

import numpy as np
import pytest

from rich_tunes import rich_tune
from songrnn.notation.tune import Key
from songrnn.notation.values import read_value
from songrnn.tracking import features
from songrnn.tracking.effects import read_character
from songrnn.tracking.features import FEATURES, LAGS, NO_STEP, NO_TONIC, PLAN, PositionFollower, positions
from songrnn.tracking.place import PlannedForm
from songrnn.tracking.plan import PartPlan, TunePlan, parts_of
from songrnn.tracking.state import Tracker
from songrnn.tracking.ticks import WHOLE
from songrnn.vocabulary import Vocabulary
from tiny import JIG, REEL
from walks import swarm_tunes

HEADER = "R:jig\nM:6/8\nL:1/8\nK:D\n"
AABB = HEADER + "A|:D3 F3|A6|1 B6|A5 A:|2 B6|d5||\n|:d6|A6|B6|D6:|\n"
PLANNED = TunePlan((PartPlan(2, True, False, 2, 0), PartPlan(1, False, True, 0, 4)))


def position(text, plan=None):
    """Of a text after its last character."""
    vocabulary = Vocabulary.of([text], boundaries=False)
    follower = PositionFollower(vocabulary, plan)
    *_, last = (follower.tell(int(i)) for i in vocabulary.encode(text))
    return last


def values(text, plan=None):
    """Name -> value of FEATURES and PLAN after the last character."""
    found = position(text, plan)
    names = [one.name for one in (*FEATURES, *PLAN)]
    return dict(zip(names, [*found.features.tolist(), *found.plan.tolist()], strict=True))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("time elapsed in the bar", {"": 1, "ABc": 25, "A6": 49, "A6A": 57, "A9A": 66 - 1, "A6|": 1}),
        ("time left in the bar", {"": 14, "ABc": 8, "A/B/c/": 11, "A6": 2, "A6A": 1, "A//": 14}),
        ("bars in the part", {"": 1, "A6|B6|": 3, "A3|B6|": 2, "|:A6|1B6:|": 3, "|:A6|1B6:|2": 2, "A6||": 1}),
        ("bar of four", {"A6|A6|A6|A6|": 1, "A6|A6|A6|A6|A6|": 2}),
        ("bars in the tune", {"|:A6:|:B6:|": 3, "A|B6|A|": 3, "|:A6|1B6:|2B6||c6|": 4}),
        ("part", {"": 1, "A6||": 2, "A|:B6|": 1, "|:A6|1B6:|2B6|]": 2, "|:A6|1B6:|c": 2, "A6::": 2}),
        ("part", {"|:A6|1B6::": 2, "|:A6|1B6:|{c": 1, "A6|]": 2, "A6[|": 2, "A6|B6::c6:|": 3}),
        ("repeat and ending", {"": 1, "|:": 5, "|:A6|1": 6, "|:A6|1B6:|2": 3, "|:A6[1B6:|[2": 3, "|:A6|3": 8}),
        ("bars of the former part", {"A6|": 0, "A6|B6||": 3, "A6|B6||c6||": 2}),
        ("bars of the first part", {"A6|": 0, "A6|B6||": 3, "A6|B6||c6||": 3}),
        ("begins a part", {"": 2, "A|B": 2, "A6|": 1, "A6||": 2}),
        ("pickup is left", {"A|B5": 2, "A|B4": 1, "A|B6||c6|d5": 3, "A|B6": 0}),
        ("pickup of the part", {"A": 0, "A|": 3, "A6|": 1, "A6||": 0}),
        ("pickup of the former part", {"A|": 0, "A|B6||": 3, "A6||": 1, "A|B6||\nV:2\n": 0}),
        ("bars on the line", {"": 1, "A6|A6|": 3, "A6|A6|\n": 1}),
        (
            "bar line and slur",
            {"A": 0, "A|": 1, "BA:": 2, "A||": 3, "A|:": 4, "BA:|": 5, "BA::": 6, "A|]": 7, "A[|": 8},
        ),
        ("bar line and slur", {"A|1": 10, "A[1": 10, "(A": 11, "(A|": 12, "(A)|": 1, "A |": 1, "A| ": 0}),
        ("tuplet, grace notes and chord", {"A": 1, "(3A": 3, "(3ABc": 1, "(5A": 4, "{A": 5, "{A}": 1, "[A": 9}),
        ("degree", {"D": 2, "d": 2, "^d": 3, "_E": 4, "E": 5, "F": 8, "=F": 7, "": 0}),
        ("octave", {"": 0, "D": 3, "d": 4, "D,": 2, "d'": 5, "D,,,,,": 1}),
        ("duration", {"": 0, "A": 7, "A/": 4, "z2": 13, "A>": 10, "A>B": 4, "(3A": 5, "A16": 50 - 1}),
        ("interval", {"A": 0, "AA": 9, "AB": 10, "BA": 8, "Aa'": 17, "a'A": 1}),
        ("degree on the downbeat", {"": 0, "ABc": 5, "z3A": 0, "A6|": 0, "A6|B": 6}),
        ("degree before", {"A": 0, "AB": 5, "ABc": 6}),
        ("meter", {"": 4, "[M:9/8]": 5, "[M:C|]": 7, "[M:(2+3)/8]": 13, "[M:none]": 12}),
        ("key", {"": 10, "[K:Ador]": 2 + 2 * 13 + 1 + 6, "[K:Em]": 2 + 3 * 13 + 1 + 6, "[K:Hp]": 1, "[K:Dlyd]": 1}),
        ("rhythm", {"": 2, "\nR:Slip Jig": 5, "\nR:reel\n": 1, "\nR:unheard of": 23}),
        ("unit note length", {"": 4, "[L:1/4]": 3, "[L:1]": 1, "[L:1/32]": 6}),
    ],
)
def test_a_feature_has_the_value_worked_out_by_hand(name, expected):
    assert {text: values(HEADER + text)[name] for text in expected} == expected


def test_nothing_but_fields_is_known_in_the_header():
    assert set(position("R:jig\nM:6/8\nL:1/8\nK:D").features.tolist()[:22]) == {0}
    assert position("T:A bad cabbage\nABc |\n").features[4] > 0, "a bar line ends a header without a key"


def test_free_meter_has_no_time_left():
    found = values("M:none\nL:1/8\nK:C\nABc")
    assert found["time elapsed in the bar"] == found["time left in the bar"] == found["pickup is left"] == 0


def test_the_letters_are_those_of_the_tonic_and_of_the_last_note():
    assert position(HEADER).letters.tolist() == [1, NO_STEP]
    assert position("K:none\nC").letters.tolist() == [NO_TONIC, 28]
    assert position(HEADER + "c").letters.tolist() == [1, 35]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (4, 3, 2, 1, 4, 3, 3, 1, 25)),
        ("A|", (4, 3, 2, 1, 4, 3, 1, 1, 25)),
        ("A|B3", (4, 3, 2, 1, 4, 3, 1, 1, 19)),
        ("A|B6|c6", (3, 3, 2, 1, 3, 3, 1, 1, 1)),
        ("A|B6|c6|d6|", (1, 3, 2, 1, 2, 3, 1, 1, 1)),
        ("A|B6|c6:|", (3, 2, 1, 2, 2, 1, 1, 5, 13)),
        ("A|B6|c6:|d6||", (2, 1, 0, 0, 1, 0, 0, 0, 1)),
    ],
)
def test_the_plan_says_what_is_left(text, expected):
    assert tuple(position(HEADER + text, PLANNED).plan.tolist()) == expected


def test_what_is_not_planned_is_not_known():
    assert position(HEADER + "A|").plan.tolist() == [0] * len(PLAN)
    assert position(HEADER + "A|", TunePlan((PartPlan(),))).plan.tolist() == [0, 2, 0, 0, 0, 1, 0, 0, 0]
    assert position(HEADER, TunePlan((PartPlan(8), PartPlan()))).plan.tolist()[4:6] == [0, 0]
    assert position(HEADER, TunePlan((PartPlan(8), PartPlan(), PartPlan(8)))).plan.tolist()[4] == 0
    assert position("K:C\nV:1\nC8|\nV:2\nC8|\n", PLANNED).plan.tolist() == [0] * len(PLAN), "several voices"


def test_the_plan_of_a_tune_has_its_parts():
    first = PartPlan(bars=4, repeated=True, endings=True, pickup=2, cadence=0)
    assert TunePlan.of(AABB) == TunePlan((first, PartPlan(4, True, False, 0, 0)))
    assert TunePlan.of("<start>\nX:1\n" + AABB) == TunePlan.of(AABB)
    assert TunePlan.of(AABB.removesuffix(":|\n")) == TunePlan((first, PartPlan(4, False, False, 0, 0)))
    assert TunePlan.of(JIG).parts == (PartPlan(4, True, False, 0, 0),)
    assert TunePlan.of("K:C\nV:1\nC8|\nV:2\nC8|\n") == TunePlan()
    assert TunePlan.of(f"X:1\n{AABB}\nX:2\n{HEADER}A6|B6||\n").parts == (PartPlan(2, False, False, 0, 5),)
    assert TunePlan.of("") == TunePlan()
    assert TunePlan.of(HEADER + "z6|z6||").parts == (PartPlan(2, False, False, 0, None),), "no note, no cadence"


def test_of_a_plan_of_many_bars_the_engine_says_the_same():
    vocabulary = Vocabulary.of([AABB], boundaries=True)
    ids, plan = vocabulary.encode_tune(AABB), TunePlan((PartPlan(2_000),))
    engine, rules = (positions(ids, vocabulary, plan=plan, compiled=one).plan for one in (True, False))
    assert np.array_equal(engine, rules)


@pytest.mark.parametrize("compiled", [True, False])
def test_a_tune_keeps_to_its_own_plan(compiled):
    vocabulary = Vocabulary.of([AABB], boundaries=True)
    ids = vocabulary.encode_tune(AABB)
    left = positions(ids, vocabulary, plan=TunePlan.of(AABB), compiled=compiled).plan[:, 4].tolist()
    assert [number for number, _ in groupby(left)] == [9, 8, 7, 6, 5, 7, 6, 5, 4, 3, 2, 1]


# ---- values of fields


KEYS = (
    *("C", "Am", "A minor", "Ador", "F#m", "Bb", "Ebmaj", "c", "D Mixolydian", "Dmix ^c", "D exp _b _e ^f", "A ^g"),
    *("none", "HP", "Hp", "C treble-8", "G octave=1", "Glyd", "Ephr", "Bloc", "D clef=bass middle=d", "Gm % comment"),
    *("F#", "Cb", "C#", "Gb maj", "Dmixolydian =c", "C m=B"),
)
METERS = (
    *(
        "4/4",
        "C",
        "C|",
        "6/8",
        "(2+3)/8",
        "2+3/8",
        "3/0",
        "0/4",
        "1/8",
        "1",
        "1/3",
        "1/512",
        "16",
        "none",
        "1 / 8",
        "x",
    ),
    *("C % x", "C| % x", "6/8 % x", "1/8\t% x", "C\r", "1/4\r", "none\r", "Cx", "C||"),
)


@pytest.mark.parametrize("text", KEYS)
def test_a_key_means_what_the_full_reading_says(text):
    tracker = Tracker()
    for character in f"K:{text}\n":
        read_character(tracker, ord(character))
    key = read_value("K", text.partition("%")[0].strip())
    assert isinstance(key, Key)
    assert tracker.current.signature == [key.signature.get(letter, 0) for letter in "CDEFGAB"]
    assert tracker.current.tonic == ("CDEFGAB".index(key.tonic[0]) if key.tonic[:1] in tuple("CDEFGAB") else NO_TONIC)


@pytest.mark.parametrize("letter", ["M", "L"])
@pytest.mark.parametrize("text", METERS)
def test_meters_and_unit_note_lengths_mean_what_the_full_reading_says(letter, text):
    tracker = Tracker()
    for character in f"{letter}:{text}\n":
        read_character(tracker, ord(character))
    found = read_value(letter, text.partition("%")[0].strip())
    if letter == "L":
        assert tracker.current.unit == (found or 0) * WHOLE  # type: ignore[operator]
    else:
        assert tracker.current.bar == ((found.duration if found else None) or 0) * WHOLE
        assert bool(tracker.current.meter) == (found is not None)
        assert bool(tracker.current.compound) == bool(found and found.compound)


# ---- the two copies


def strange_texts():
    """Raw tunes, swarm tunes, and texts that are none."""
    rng = random.Random(5)
    yield from (f"<start>\n{rich_tune(seed)}<end>\n{rich_tune(seed + 50)}" for seed in range(12))
    yield from swarm_tunes(range(12))
    yield from (JIG, REEL, AABB, AABB + AABB, "", "|", "A:|\n A:|B:x\n[K:G]|[r:x][V:2]A|\n<z\nX:2\n")
    signs = "ABcdfgzxZ'|:[]()<>{}-/0123456789\"!^=_KLMRVX \n%&$~.,;é\U0001d15e"
    for length in (50, 300, 800):
        yield HEADER + "".join(rng.choices(signs, k=length))
        yield HEADER + "".join(rng.choices("AB|:2 [", k=length))
        yield "".join(
            rng.choices(["|:", ":|", "|1", "|2", "A6", "B3", "||", "\nV:1\n", "K:D\n", "A/B/", "<start>\n"], k=length)
        )
        yield "".join(chr(rng.randrange(0x110000)) for _ in range(length))


def test_the_engine_gives_the_same_numbers():
    native = pytest.importorskip("songrnn._native", reason="the engine was not built here")
    for text in strange_texts():
        text = text.encode("utf-16", "replace").decode("utf-16")
        vocabulary = Vocabulary.of([text, "A"], boundaries=True)
        ids, plan = vocabulary.encode_tune(text), TunePlan.of(text)
        pairs = zip(*(positions(ids, vocabulary, plan=plan, compiled=one) for one in (True, False)), strict=True)
        assert all(np.array_equal(*pair) for pair in pairs), text
        points = np.array([ord(character) for character in text], dtype=np.int32)
        tracker = Tracker()
        for place, fields in enumerate(native.tracker_states(points)):
            read_character(tracker, int(points[place]))
            assert fields == vars(tracker.current), text[: place + 1]
        assert native.parts(points) == parts_of(points.tolist())


def test_every_value_is_within_its_size():
    for text in strange_texts():
        text = text.encode("utf-16", "replace").decode("utf-16")
        vocabulary = Vocabulary.of([text, "A"], boundaries=True)
        found = positions(vocabulary.encode_tune(text), vocabulary, plan=TunePlan.of(text))
        sizes = [one.size for one in (*FEATURES, *PLAN)] + [len(vocabulary) + 1] * len(LAGS)
        sizes += [features.AGREEMENTS] * len(LAGS) + [NO_TONIC + 1, NO_STEP + 1]
        rows = np.concatenate(found, axis=1)
        assert ((rows >= 0) & (rows < sizes)).all(), text


@pytest.mark.parametrize("beyond", [7, -1])
def test_ids_beyond_the_vocabulary_are_refused(beyond):
    pytest.importorskip("songrnn._native", reason="the engine was not built here")
    with pytest.raises(ValueError, match="an id that is none"):
        positions(np.array([beyond]), Vocabulary("AB", boundaries=True))


def test_the_engine_refuses_a_plan_with_lists_of_unequal_size():
    native = pytest.importorskip("songrnn._native", reason="the engine was not built here")
    nothing = np.array([], dtype=np.int32)
    with pytest.raises(ValueError, match="invalid plan"):
        native.positions(nothing, nothing, PlannedForm(bars=(8, 8), bars_after=(8,)))


def test_no_characters_have_no_positions():
    for compiled in (True, False):
        found = positions(np.array([], dtype=np.int64), Vocabulary("A", boundaries=True), compiled=compiled)
        assert found.features.shape == (0, len(FEATURES))
        assert found.letters.shape == (0, 2)
