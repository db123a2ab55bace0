"""Neurons that were planted are found; those that follow nothing are said to follow nothing."""

import numpy as np
import pytest

from songrnn.neurons.probes import FEATURES, WEAKEST, best_neurons, correlations, features, what_neurons_follow
from tiny import JIG, REEL

RAW = '<start>\nX:1\nK:D\n|:d^f "Am"aB:|1 A/2|2 c3||\n<end>\n'
# what each feature is true of in it: the characters; elsewhere a dot. $ is a line end.
EXPECTED = {
    "header fields": """\
........X:1$K:D$.................................
""",
    "start and end markers": """\
<start>$...................................<end>$
""",
    "bar lines": """\
................|:..........:|.....|....||.......
""",
    "repeat signs and endings": """\
................|:..........:|1.....2............
""",
    "note letters": """\
..................d.f.....aB....A.....c..........
""",
    "notes of the lower octave (capitals)": """\
...........................B....A................
""",
    "notes of the upper octave (small letters)": """\
..................d.f.....a...........c..........
""",
    "digits and other lengths": """\
..............................1../2.2..3.........
""",
    "accidentals": """\
...................^.............................
""",
    "blanks": """\
.....................&.........&.....&...........
""",
    "line ends": """\
.......$...$...$..........................$.....$
""",
    "chord symbols, texts and decorations": """\
......................"Am".......................
""",
}


def shown(text, name):
    """The characters of `text` that have the feature; a dot for the others, $ for a line end, & for a blank."""
    column = features([text])[:, list(FEATURES).index(name)]
    visible = text.replace("\n", "$").replace(" ", "&")
    return "".join(c if on else "." for c, on in zip(visible, column, strict=True))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_feature_is_where_it_is_in_the_text(name):
    assert shown(RAW, name) == EXPECTED[name].strip()


def test_words_are_no_music():
    assert shown('K:D\n"Am7"A2!trill!B|\n', "note letters") == ".........A........B.."
    assert shown('K:D\n"Am7"A2!trill!B|\n', "digits and other lengths") == "..........2.........."


def test_places_in_a_bar_are_counted_from_its_bar_line():
    tune = "K:D\nABcd|efga|\n"
    assert shown(tune, "the first characters of a bar") == "....AB...ef...."
    assert shown(tune, "the second half of a bar") == "......cd...ga.."
    assert shown(tune, "the second half of the tune") == ".........efga|$"


def test_planted_neurons_are_found_with_their_features():
    texts = [JIG, REEL, RAW.replace("<start>\n", "").replace("<end>\n", "")]
    rng = np.random.default_rng(4)
    names = list(FEATURES)
    values = []
    for text in texts:
        series = features([text])
        noise = rng.normal(0, 0.1, len(text))
        planted = np.stack(
            [
                series[:, names.index("bar lines")] + noise,
                -series[:, names.index("header fields")] + noise,
                series[:, names.index("line ends")],
                rng.normal(0, 1, len(text)),
                np.full(len(text), 0.3),
            ],
            axis=1,
        )
        values.append(planted.astype(np.float32))
    bars, header, ends, random, still = what_neurons_follow(texts, values)
    assert (bars.neuron, bars.feature) == (0, "bar lines")
    assert bars.r > 0.9
    assert header.feature == "header fields"
    assert header.r < -0.9
    assert ends.r == pytest.approx(1.0)
    assert not random.strong
    assert still.r == 0.0
    assert ends.sentence() == "neuron 2 follows line ends (r = 1.00)"
    assert header.sentence().startswith("neuron 1 follows header fields, upside down (r = −0.9")
    assert still.sentence() == "neuron 4 follows none of them (|r| is 0.00 at most)"
    assert best_neurons([bars, header, ends, random, still])[0].neuron == 2
    assert {f.feature for f in best_neurons([random, still])} == set()


def test_correlations_are_pearsons():
    rng = np.random.default_rng(1)
    x, y = (rng.random((50, 1)) > 0.6).astype(float), rng.normal(size=(50, 1))
    assert correlations(x, y)[0, 0] == pytest.approx(np.corrcoef(x[:, 0], y[:, 0])[0, 1])
    assert correlations(x, -2 * x + 3)[0, 0] == pytest.approx(-1)
    assert WEAKEST == 0.3
