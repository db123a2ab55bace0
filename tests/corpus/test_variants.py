import random

import pytest

from songrnn.corpus.variants import COMMON_SHINGLE, group_variants, melody_steps

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
