import random
import tracemalloc
from itertools import combinations

import pytest

from growth import assert_linear
from songrnn.corpus import variants
from songrnn.corpus.variants import (
    COMMON_SHINGLE,
    MIN_SHARED,
    SHINGLE_STEPS,
    VARIANT_SHARE,
    group_variants,
    melody_steps,
)

REEL = "M:4/4\nL:1/8\nK:Dmaj\nd2fd adfd|e2ce gece|d2fd adfa|gece d2d2:|\nf2af bfaf|g2bg c'gbg|fagf edcB|A2ce d4:|\n"


def random_tune(rng: random.Random, notes: int = 60) -> str:
    return "M:4/4\nL:1/8\nK:Cmaj\n" + "".join(rng.choice("CDEFGABcdefgab") for _ in range(notes)) + "\n"


def transposed(tune: str, degrees: int) -> str:
    """The tune some scale degrees higher, header untouched."""
    scale = ["C", "D", "E", "F", "G", "A", "B", "c", "d", "e", "f", "g", "a", "b", "c'", "d'", "e'", "f'", "g'"]
    head, _, body = tune.partition("K:Dmaj\n")
    body = body.replace("c'", "!")
    places = {"!": 14} | {note: place for place, note in enumerate(scale[:14])}
    return f"{head}K:Gmaj\n" + "".join(scale[places[c] + degrees] if c in places else c for c in body)


def test_steps_are_counted_in_scale_degrees_between_notes_that_differ():
    assert melody_steps("K:Cmaj\nCCEG c2c'\n") == [2, 2, 3, 7]


@pytest.mark.parametrize(
    "body", ['{ga}C "Am"E !fermata!D', "[CEG] [K:Amin] E D", "C%abc\n ED", "C\nT:Edge\nE\nw:bad\nD", "^C_E=D"]
)
def test_steps_ignore_what_is_no_melody(body):
    assert melody_steps(f"K:Cmaj\n{body}\n") == [2, -1]


def test_the_markers_of_a_raw_tune_are_no_notes():
    assert melody_steps("<start>\nX:1\nK:C\nCD\n<end>\n") == [1]


@pytest.mark.parametrize(
    "variant",
    [
        pytest.param(transposed(REEL, 3), id="in another key"),
        pytest.param(REEL.replace("d2", "dd").replace("|", " | "), id="with other note lengths"),
        pytest.param(REEL.replace("d2fd", "{e}d2fd").replace("f2", '"D"Tf2'), id="with ornaments and chords"),
        pytest.param(REEL[: REEL.index("f2af")], id="with its first part only"),
        pytest.param("<start>\nX:1\nT:Bad egg\n" + REEL + "<end>\n", id="in raw form"),
    ],
)
def test_a_variant_stands_with_its_tune(variant):
    stranger = random_tune(random.Random(0))
    assert group_variants([REEL, stranger, variant]) == [[0, 2], [1]]


@pytest.mark.parametrize(
    ("notes", "shared"), [(60, 16), (16, 11)], ids=["long tunes, one passage", "short tunes, one ending"]
)
def test_different_tunes_stay_apart_even_with_a_passage_in_common(notes, shared):
    rng = random.Random(1)
    passage = "GABcdedcBAGFEDCB"[:shared]
    tunes = [random_tune(rng, notes - shared)[:-1] + passage + "\n" for _ in range(20)]
    assert group_variants(tunes) == [[index] for index in range(20)]


def test_a_short_tune_stands_with_the_long_one_that_contains_it():
    rng = random.Random(3)
    long = random_tune(rng, 300)
    assert group_variants([long, long[:70]]) == [[0, 1]]


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (2, 0, 1)])
def test_a_variant_of_a_variant_is_of_the_family(order):
    rng = random.Random(2)
    first, second = (random_tune(rng).partition("K:Cmaj\n")[2] for _ in range(2))
    family = [f"K:Cmaj\n{body}" for body in (first, first + second, second)]
    assert group_variants([family[index] for index in order]) == [[0, 1, 2]]


def test_a_run_that_is_in_very_many_tunes_relates_none_of_them():
    scale = "K:Cmaj\n" + "CDEFGABcdefgab" + "\n"
    assert len(group_variants([scale] * (COMMON_SHINGLE + 1))) == COMMON_SHINGLE + 1
    assert len(group_variants([scale] * COMMON_SHINGLE)) == 1


def test_no_tunes_have_no_families_and_tunes_without_notes_stand_alone():
    assert group_variants([]) == []
    assert group_variants(["K:C\nz4|\n", "K:C\nz4|\n"]) == [[0], [1]]


def families_by_definition(tunes):
    """What the module's docstring says, pair by pair."""
    shingles = []
    for steps in map(melody_steps, tunes):
        begins = range(max(1, len(steps) - SHINGLE_STEPS + 1) if steps else 0)
        shingles.append({tuple(steps[begin : begin + SHINGLE_STEPS]) for begin in begins})
    holders = [shingle for own in shingles for shingle in own]
    common = {shingle for shingle in set(holders) if holders.count(shingle) > COMMON_SHINGLE}
    families = [{index} for index in range(len(tunes))]
    for first, second in combinations(range(len(tunes)), 2):
        smaller = min(len(shingles[first]), len(shingles[second]))
        shared = len((shingles[first] & shingles[second]) - common)
        if shared and shared >= VARIANT_SHARE * smaller and shared >= min(MIN_SHARED, smaller):
            one, other = (next(own for own in families if index in own) for index in (first, second))
            if one is not other:
                families.remove(other)
                one |= other
    return sorted(sorted(own) for own in families)


def related_tunes(rng):
    """Tunes of very different lengths, many of them cut from others; some are shorter than a shingle."""
    bodies = [
        "".join(rng.choice("CDEFGABc") for _ in range(rng.choice((0, 1, 2, 5, 9, 12, 30, 60)))) for _ in range(40)
    ]
    for _ in range(40):
        body = rng.choice(bodies)
        begin = rng.randrange(len(body) + 1)
        bodies.append(body[begin : begin + rng.randrange(5, 50)] + rng.choice(bodies)[: rng.randrange(12)])
    return [f"K:Cmaj\n{body}\n" for body in bodies]


@pytest.mark.parametrize(("windows", "pairs"), [(1 << 14, 1 << 15), (1, 1), (13, 5)])
def test_the_families_are_those_of_the_definition_wherever_a_block_of_the_work_ends(windows, pairs, monkeypatch):
    monkeypatch.setattr(variants, "WINDOWS_AT_ONCE", windows)
    monkeypatch.setattr(variants, "PAIRS_AT_ONCE", pairs)
    for seed in range(3 if windows > 1 else 1):
        tunes = related_tunes(random.Random(seed))
        assert group_variants(tunes) == families_by_definition(tunes)


def test_leaps_beyond_what_a_byte_holds_count_as_the_largest():
    far = "K:C\nC" + "c" + "'" * 30 + "CDEFGAcBA\n"
    farther = far.replace("'" * 30, "'" * 40)
    assert group_variants([far, farther]) == [[0, 1]]


def test_grouping_takes_less_than_two_kilobytes_a_tune():
    rng = random.Random(4)
    tunes = [random_tune(rng, 130) for _ in range(2_000)]
    tunes += [tune.replace("C", "D", 1) for tune in tunes[:400]]
    tracemalloc.start()
    try:
        assert len(group_variants(tunes)) == 2_000
        assert tracemalloc.get_traced_memory()[1] < 2_000 * len(tunes)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("opened", ["{a", "[A", "[", '"', "[M:"])
def test_what_opens_often_and_never_closes_is_read_in_linear_time(opened):
    assert_linear(lambda size: melody_steps("K:C\n" + opened * (size // len(opened)) + "\n"))
