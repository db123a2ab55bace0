"""What neurons do, recorded and drawn."""

from typing import Any

import numpy as np
import pytest

from songrnn.engines.stepper import NumpyStepper
from songrnn.errors import SettingsError, VocabularyError
from songrnn.neurons.heatmap import liveliest, neuron_grid, overview_figure, similar_neighbours
from songrnn.neurons.record import record_activations
from songrnn.pages.drawing import picture
from tiny import JIG, make_checkpoint

GATES = {
    "rnn": set(),
    "gru": {"reset_gate", "update_gate", "candidate"},
    "lstm": {"cell", "input_gate", "forget_gate", "output_gate", "candidate"},
}


@pytest.mark.parametrize("cell", GATES)
@pytest.mark.parametrize("form", ["raw", "tunebook"])
def test_every_quantity_of_every_layer_is_recorded_at_every_character(cell, form):
    checkpoint = make_checkpoint(cell, layers=2, form=form)
    activations = record_activations(checkpoint, JIG)
    assert set(activations.quantities) == {"hidden"} | GATES[cell]
    for name, values in activations.quantities.items():
        assert values.shape == (len(JIG), 2, 12)
        if name.endswith("gate"):
            assert values.min() >= 0
        if name != "cell":
            assert np.abs(values).max() <= 1


@pytest.mark.parametrize("cell", GATES)
def test_the_recorded_state_is_the_one_that_composing_carries(cell):
    checkpoint = make_checkpoint(cell, layers=2)
    activations = record_activations(checkpoint, JIG)
    stepper = NumpyStepper(checkpoint)
    state = stepper.start()
    ids = np.array([checkpoint.vocabulary.start, *checkpoint.vocabulary.encode(JIG)])
    inputs = checkpoint.reader.read(ids)
    for place in range(len(ids)):
        _, state = stepper.step(inputs.at(slice(place, place + 1)), state)
    for layer in (1, 2):
        np.testing.assert_allclose(activations.of("hidden", layer)[-1], state.hidden[layer - 1][0], atol=1e-5)


def test_a_layer_or_quantity_that_does_not_exist_is_named():
    activations = record_activations(make_checkpoint("gru", layers=2), JIG)
    with pytest.raises(SettingsError, match="layer 3 does not exist; this network has layers 1 to 2"):
        activations.of("hidden", 3)
    with pytest.raises(SettingsError, match="no 'cell'; it has hidden, reset_gate, update_gate, candidate"):
        activations.of("cell", 1)


def test_a_tune_with_a_character_that_was_never_learned_is_refused():
    with pytest.raises(VocabularyError, match=r"'€' \(position 1\)"):
        record_activations(make_checkpoint(), "€")


def test_neurons_that_do_the_same_become_neighbours():
    time = np.linspace(0, 20, 300)
    kinds = [np.sin(time), np.cos(1.7 * time), np.sign(np.sin(3 * time))]
    rng = np.random.default_rng(0)
    kind_of = rng.permutation([0, 1, 2] * 8)
    values = np.stack([kinds[k] + 0.05 * rng.normal(size=300) for k in kind_of], axis=1)
    ordered = kind_of[similar_neighbours(values)]
    changes = int((np.diff(ordered) != 0).sum())
    assert sorted(similar_neighbours(values)) == list(range(24))
    assert changes == 2


@pytest.mark.parametrize("count", [1, 2, 3])
def test_any_number_of_neurons_has_an_order_constant_ones_too(count):
    assert sorted(similar_neighbours(np.zeros((10, count)))) == list(range(count))


def test_the_liveliest_neurons_vary_most():
    values = np.stack([np.zeros(9), np.tile([-1.0, 1.0, 0.0], 3), np.tile([0.1, 0.0, 0.1], 3)], axis=1)
    assert liveliest(values, 2) == [1, 2]


def test_a_grid_shows_every_character_on_its_colour():
    figure = neuron_grid("AB\n$B", np.array([1.0, -1.0, 0.0, 0.5, 0.2]), title="neuron 7")
    axes = figure.axes[0]
    glyphs = {glyph.get_label(): glyph for glyph in axes.collections}
    assert {label: glyph.get_offsets().tolist() for label, glyph in glyphs.items()} == {
        **{"A": [[0, 0]], "B": [[1, 0], [1, 1]], "\n": [[2, 0]], "$": [[0, 1]]}
    }
    assert glyphs["B"].get_facecolors()[:, 0].tolist() == [1, 0]  # white on dark, black on light
    cells = axes.images[0].get_array()
    assert [float(cells[0, 0]), float(cells[0, 1]), float(cells[1, 0])] == [1.0, -1.0, 0.5]
    assert axes.images[0].get_clim() == (-1, 1)
    assert axes.get_title(loc="left") == "neuron 7"


def test_a_cell_state_is_shown_through_tanh():
    cells = neuron_grid("AB", np.array([3.0, -0.5]), title="").axes[0].images[0].get_array()
    np.testing.assert_allclose(cells[0, :2], np.tanh([3.0, -0.5]))


@pytest.mark.parametrize("length", [20, 100])
def test_an_overview_has_a_row_a_neuron_and_a_column_a_character(length):
    text = ("abc$de\n" * 99)[:length]
    figure = overview_figure(text, np.random.default_rng(0).uniform(-1, 1, (length, 30)), title="all")
    assert figure.axes[0].images[0].get_array().shape == (30, length)
    assert picture(figure, "png").startswith(b"\x89PNG")
    assert b"<svg" in picture(figure, "svg")


def test_gates_are_drawn_from_closed_to_open():
    values = np.array([[0.0, 1.0], [0.5, 0.2], [0.8, 0.4]])
    for figure in (
        neuron_grid("ABC", values[:, 0], title="", gate=True),
        overview_figure("ABC", values, title="", gate=True),
    ):
        assert figure.axes[0].images[0].get_clim() == (0, 1)
    letters: Any = neuron_grid("ABC", values[:, 0], title="", gate=True).axes[0].collections
    colours = {letter.get_label(): letter.get_facecolor()[0, :3].tolist() for letter in letters}
    assert colours == {"A": [0, 0, 0], "B": [0, 0, 0], "C": [1, 1, 1]}
    assert neuron_grid("ABC", values[:, 0], title="").axes[0].images[0].get_clim() == (-1, 1)


@pytest.mark.parametrize("length", [20, 600])
def test_every_character_of_an_overview_has_a_label_that_can_be_read(length):
    figure = overview_figure("a" * length, np.zeros((length, 4)), title="")
    labels: Any = figure.axes[0].get_xticklabels()
    assert len(labels) == 2 * length  # above and below
    points_a_column = 72 * (figure.get_figwidth() - 2) / length
    assert all(0.6 * label.get_fontsize() < points_a_column for label in labels)  # letters are 0.6 of their size wide
    assert min(label.get_fontsize() for label in labels) >= 8
