"""The classifier: it separates styles, scores as its docstring says, and its file is the same again or refused."""

import json
import math
import random
import sys
from typing import Any
from zlib import crc32

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from songrnn.checkpoint import Description
from songrnn.errors import CheckpointError, CorpusError, MissingExtra
from songrnn.evaluation.analysed import analyse
from songrnn.evaluation.classifier import (
    BINS,
    Classifier,
    binned,
    classifier_path,
    edges_of,
    sequence_hashes,
)
from songrnn.evaluation.tune_features import tune_features
from songrnn.signed_arrays import digest
from tiny import make_checkpoint

HEAD = "M:4/4\nL:1/4\nK:C\n"


def made_up(seed, letters="CDEFGAB", count=30, ending="DEFE"):
    """Tunes of sixteen bars of random notes; as they stand the last is no tonic."""
    rng = random.Random(seed)
    return [
        analyse(HEAD + "|".join("".join(rng.choices(letters, k=4)) for _ in range(15)) + f"|{ending}|\n")
        for _ in range(count)
    ]


def trained(human, composed):
    return Classifier.train(human, composed, usual_bits=(1.0, 2.0), checkpoint="abc", trained_on="made-up tunes")


@pytest.fixture(scope="module")
def classifier():
    return trained(made_up(1), made_up(2, "ceg"))


def by_hand(**more):
    """It knows the characters C and D, endings on the tonic, and tunes of at most 16, 32 and more bars."""
    rarity = {crc32(b"cC"): 1.0, crc32(b"cD"): 2.0}
    weights = {crc32(b"cC"): 0.5, crc32(b"cD"): -0.25}
    keys = sorted(rarity)
    content: dict[str, Any] = {
        "keys": np.array(keys, np.uint32),
        "rarity": np.array([rarity[key] for key in keys], np.float16),
        "weights": np.array([weights[key] for key in keys], np.float16),
        "figures": ("ends on the tonic", "bars"),
        "edges": np.array([[0.5, *[math.inf] * (BINS - 2)], [16, 32, *[math.inf] * (BINS - 3)]]),
        "bin_weights": np.array([[0, 10, *[0] * (BINS - 2)], [1, 2, 4, *[0] * (BINS - 3)]], np.float32),
        "biases": np.array([0.125, 0.25], np.float32),
        "usual_bits": (1.0, 2.0),
        "usual_bars": (16.0, 48.0),
        "usual_scores": (-1.0, 3.0),
        "checkpoint": "abc",
        "trained_on": "by hand",
        "more_often": (True, False),
    }
    return Classifier(**content | more)


def test_it_separates_unseen_tunes_by_their_sequences(classifier):
    human = [classifier.score(tune) for tune in made_up(3)]
    composed = [classifier.score(tune) for tune in made_up(4, "ceg")]
    assert min(human) > 0 > max(composed)


def test_and_by_figures_of_the_whole_tune_alone():
    letters = "DEFGAB"
    ended, open_ended = (made_up(seed, letters, count=100, ending=f"DEF{last}") for seed, last in ((1, "C"), (2, "E")))
    classifier = trained(ended, open_ended)
    assert classifier.more_often == (True, False)
    weights = classifier.bin_weights[classifier.figures.index("ends on the tonic")].tolist()
    assert weights[1] > 0.05 > -0.05 > weights[0]
    assert weights[2:] == [0] * (BINS - 2)


def test_tunes_of_one_kind_get_scores_of_one_kind():
    classifier = trained(made_up(1, count=60), made_up(2, count=60))
    mine, theirs = ([classifier.score(tune) for tune in made_up(seed, count=60)] for seed in (3, 4))
    wins = np.mean(np.array(mine)[:, None] > np.array(theirs))
    assert 0.35 < wins < 0.65


def test_the_score_by_hand():
    analysed = analyse("M:C\nL:1/8\nK:C\nC4D4|C4E4|\n")
    sounds = 1 + math.log(3)  # C: in the header and twice in the music
    details = (0.5 * sounds - 0.25 * 2) / math.sqrt(sounds**2 + 2**2)
    assert by_hand().score(analysed) == pytest.approx(details + 1 + 0.375)  # one bar; no tonic, no strains
    assert by_hand().score(analyse("K:G\nAAAA|\n")) == pytest.approx(1 + 0.375)  # nothing that it knows
    assert by_hand().score(analyse("K:C\nEE|EC|\n")) == pytest.approx(0.5 + 10 + 1 + 0.375)
    for bars, expected in ((16, 1), (17, 2), (32, 2), (33, 4)):
        assert by_hand().score(analyse(f"K:G\n{'A4|' * bars}\n")) == pytest.approx(expected + 0.375)
    assert by_hand().score(analyse("K:G\n]]]\n")) == pytest.approx(0.375)  # no notes, no figure


def test_the_score_of_the_sequences_is_what_scikit_learn_says_to_half_precision(classifier, monkeypatch):
    from sklearn.linear_model import LogisticRegression

    said = []
    fit = LogisticRegression.fit

    def watched(model, table, sides):
        fit(model, table, sides)
        said.append(model.decision_function(table))
        return model

    monkeypatch.setattr(LogisticRegression, "fit", watched)
    tunes = [*made_up(1), *made_up(2, "ceg")]
    assert_same(trained(made_up(1), made_up(2, "ceg")), classifier)
    assert [classifier.score(tune) for tune in tunes] == pytest.approx((said[0] + said[1]).tolist(), abs=0.01)


def test_a_figure_with_few_values_has_a_bin_for_each_and_others_bins_of_equally_many_human_tunes():
    few, many, undefined = np.resize([0, 0, 0, 1.0], 80), np.arange(80.0), np.full(80, math.nan)
    often = np.where(many < 50, 0, many)  # most human tunes in the first bin
    human = np.stack([few, many, undefined, often, few, undefined], axis=1)
    composed = np.stack([few, many + 1000, undefined, many, many, many], axis=1)
    edges = edges_of(np.concatenate([human, composed]), human)
    assert edges[0].tolist() == [0.5, *[math.inf] * (BINS - 2)]
    assert edges[1].tolist() == [80 * bin_ / BINS - 0.5 for bin_ in range(1, BINS)]
    assert edges[2].tolist() == [math.inf] * (BINS - 1)
    assert edges[3].tolist() == [0, 25, 59.5, 69.5, *[math.inf] * (BINS - 5)]
    assert edges[4].tolist() == [0, 0.5, 1, *[math.inf] * (BINS - 4)]
    assert edges[5].tolist() == edges[1].tolist()


def test_a_figure_on_an_edge_is_in_the_lower_bin_and_an_undefined_one_in_none():
    edges = np.array([[0.5, *[math.inf] * (BINS - 2)], np.arange(1.0, BINS)])
    bins = binned(np.array([[0.5, 4], [0.6, BINS], [math.nan, 1]]), edges).reshape(3, 2, BINS)
    assert bins.argmax(-1)[:2].tolist() == [[0, 3], [1, BINS - 1]]
    assert bins[2].tolist() == [[0] * BINS, [1, *[0] * (BINS - 1)]]
    assert bins.sum() == 5


def test_training_defines_every_figure_of_a_tune(classifier):
    assert classifier.figures == tuple(tune_features(analyse("")))


def test_a_feature_of_one_view_is_none_of_the_other():
    assert set(sequence_hashes(analyse("K:C\nab|\n"))) >= {crc32(b"ca"), crc32(b"cab|")}
    assert crc32(b"n+0 1/4, +4 1/8") in set(sequence_hashes(analyse("M:4/4\nL:1/8\nK:C\nC2Ec|\n")))


def test_a_sequence_in_few_tunes_is_not_learned():
    with_one, with_two = (analyse(f"{HEAD}{'z' * count}C4|\n") for count in (1, 2))
    others = made_up(1, count=10)
    assert crc32(b"cz2z") not in trained([with_one, with_two, with_two, *others], others).keys
    classifier = trained([with_one, *[with_two] * 3, *others], others)
    [place] = np.flatnonzero(classifier.keys == crc32(b"cz2z"))
    assert classifier.rarity[place] == pytest.approx(1 + math.log((1 + 24) / (1 + 3)), rel=1e-3)


RECORD = ("figures", "usual_bits", "usual_bars", "usual_scores", "more_often", "checkpoint", "trained_on")


def assert_same(one, other):
    for name in ("keys", "rarity", "weights", "edges", "bin_weights", "biases"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert [getattr(one, name) for name in RECORD] == [getattr(other, name) for name in RECORD]


def test_it_is_the_same_after_saving_and_loading(classifier, tmp_path):
    classifier.save(tmp_path / "a.classifier")
    again = Classifier.load(tmp_path / "a.classifier")
    assert_same(again, classifier)
    for tune in made_up(3, count=5):
        assert again.score(tune) == classifier.score(tune)


def test_usual_bits_that_are_not_known_stay_unknown(tmp_path):
    by_hand(usual_bits=(math.nan, math.nan)).save(tmp_path / "a.classifier")
    assert all(math.isnan(bits) for bits in Classifier.load(tmp_path / "a.classifier").usual_bits)


def test_training_twice_gives_the_same(classifier):
    assert_same(trained(made_up(1), made_up(2, "ceg")), classifier)


def rewritten(path, **more):
    """The file with another record, or other arrays."""
    record = {"format_version": 4, "usual_bits": [1.0, 2.0], "checkpoint": "abc", "trained_on": ""}
    record |= {"usual_bars": [16, 48], "usual_scores": [-1, 3], "more_often": [True, False]}
    record |= {"figures": ["ends on the tonic", "bars"]}
    arrays = load_file(path)
    for name, value in more.items():
        (arrays if name in arrays else record)[name] = value
    text = json.dumps(record)
    save_file(arrays, path, {"songrnn-classifier": text, "sha256": digest(text, arrays)})


def with_one_bit_turned(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


DAMAGE = {
    "nothing": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_bytes(b"nothing at all"),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-7]),
    "one bit turned": with_one_bit_turned,
    "foreign": lambda path: make_checkpoint().save(path),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "another version": lambda path: rewritten(path, format_version=3),
    "a record of text": lambda path: save_file(load_file(path), path, {"songrnn-classifier": "[]", "sha256": ""}),
    "bits that are no numbers": lambda path: rewritten(path, usual_bits=["low", "high"]),
    "one bit": lambda path: rewritten(path, usual_bits=[1.0]),
    "another kind of number": lambda path: rewritten(path, weights=np.zeros(2, np.float32)),
    "too few weights": lambda path: rewritten(path, weights=np.zeros(1, np.float16)),
    "keys out of order": lambda path: rewritten(path, keys=np.array([5, 5], np.uint32)),
    "weights that are not finite": lambda path: rewritten(path, weights=np.array([1, np.inf], np.float16)),
    "a bias that is no number": lambda path: rewritten(path, biases=np.array([0, np.nan], np.float32)),
    "weights in a row": lambda path: rewritten(path, bin_weights=np.zeros(2 * BINS, np.float32)),
    "bits the wrong way round": lambda path: rewritten(path, usual_bits=[2.0, 1.0]),
    "a name that is no text": lambda path: rewritten(path, checkpoint=3),
    "too many bins": lambda path: rewritten(path, bin_weights=np.zeros((2, BINS + 1), np.float32)),
    "too few figures": lambda path: rewritten(path, figures=["bars"]),
    "an unknown figure": lambda path: rewritten(path, figures=["bars", "beauty"]),
    "an edge that is no number": lambda path: rewritten(path, edges=np.full((2, BINS - 1), np.nan)),
    "nothing of the form": lambda path: rewritten(path, more_often=[]),
    "no feature": lambda path: rewritten(
        path, keys=np.zeros(0, np.uint32), rarity=np.zeros(0, np.float16), weights=np.zeros(0, np.float16)
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_file_that_is_no_classifier_is_refused_with_one_line(tmp_path, damage):
    path = tmp_path / "checkpoint.classifier"
    by_hand().save(path)
    rewritten(path)
    assert_same(Classifier.load(path), by_hand(trained_on=""))
    DAMAGE[damage](path)
    with pytest.raises(
        CheckpointError, match=r"^.*checkpoint\.classifier is not the classifier of a checkpoint; train it a"
    ):
        Classifier.load(path)


def test_it_is_found_beside_its_checkpoint_and_no_other(checkpoint_file):
    assert Classifier.beside(checkpoint_file) is None
    digest = Description.read(checkpoint_file).digest
    by_hand(checkpoint=digest).save(classifier_path(checkpoint_file))
    assert Classifier.beside(checkpoint_file).trained_on == "by hand"
    make_checkpoint(seed=2).save(checkpoint_file)
    assert Classifier.beside(checkpoint_file) is None


def test_the_model_in_the_box_has_one_that_prefers_a_whole_tune():
    classifier = Classifier.beside("folk")
    half = "R:jig\nM:6/8\nL:1/8\nK:Gmaj\n|:G2B d2B|c2A F2D|G2B d2g|f2d c2A|G2B d2B|c2A F2D|GAB cBA|G3 G3:|\n"
    other = "|:g2d B2d|g2b a2g|f2d A2d|f2a g2f|g2d B2d|g2b a2g|fed cBA|G3 G3:|\n"
    without_its_end = half + other[: other.index("f2a")] + "\n"
    assert classifier.score(analyse(half + other)) > classifier.score(analyse(without_its_end)) + 0.1
    low, high = classifier.usual_bits
    assert 0 < low < high < 4


def test_without_scikit_learn_the_remedy_is_named_and_a_trained_one_scores(classifier, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingExtra, match=r"pip install 'songrnn\[judge\]'"):
        trained(made_up(1), made_up(2))
    assert classifier.score(made_up(3)[0]) > 0


@pytest.mark.parametrize("counts", [(0, 0), (1, 1), (0, 5), (5, 0)])
def test_too_few_tunes_train_nothing_and_that_is_said(counts):
    with pytest.raises(CorpusError, match="too few tunes to train a classifier"):
        trained(made_up(1, count=counts[0]), made_up(2, count=counts[1]))
