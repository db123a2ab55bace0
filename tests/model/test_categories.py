"""Position, plan, lookback and pitch heads: what they do to the logits, and that a network learns from them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from songrnn.model.categories import LETTERS, STEP_OF_C, Columns, note_letters, rows_of_heads
from songrnn.model.inputs import Reader
from songrnn.model.network import CharRnn, InputTensors, _SummedRows
from songrnn.model.settings import LARGEST_STEP, NO_PLACES, RELATIVE_TO_TONIC, ModelSettings
from songrnn.tracking.lookback import AGREEMENTS, LAGS
from songrnn.tracking.plan import TunePlan
from songrnn.tracking.state import NO_STEP, NO_TONIC
from songrnn.vocabulary import Vocabulary
from tiny import JIG, PLACES, REEL, random_places

PLAIN: dict[str, Any] = {"hidden_size": 8, "embedding_size": 4, "position_size": 4, "dropout": 0, "input_dropout": 0}
PLAIN |= {"weight_dropout": 0, "copying": False, "ngrams": (), **NO_PLACES}
VOCABULARY = Vocabulary.of([JIG, REEL], boundaries=True)
V = len(VOCABULARY)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Threads would only wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def reading(**places: bool) -> tuple[CharRnn, Reader, np.ndarray]:
    """A new network, what makes its inputs, and the ids of a tune."""
    torch.manual_seed(1)
    settings = ModelSettings(**{**PLAIN, **places})
    return CharRnn(settings, VOCABULARY), Reader(settings, VOCABULARY, None), VOCABULARY.encode_tune(JIG)


def inputs_at(reader: Reader, ids: np.ndarray, places: np.ndarray | None = None) -> InputTensors:
    """The inputs of one tune, B = 1, at places of the test's choice."""
    read = reader.read(ids)
    read = read if places is None else read._replace(places=places)
    return InputTensors(*(torch.from_numpy(part)[:, None] for part in read))


@pytest.mark.parametrize("places", PLACES, ids=str)
def test_a_new_network_votes_for_nothing_and_every_weight_learns(places):
    network, reader, ids = reading(**places)
    with torch.no_grad():
        torch.nn.init.zeros_(network.recurrent.weight_ih_l0[:, 4:])  # what is left are the votes
    ways = [inputs_at(reader, ids, random_places(reader.columns, len(ids), seed)) for seed in (1, 2)]
    torch.testing.assert_close(network(ways[0])[0], network(ways[1])[0])
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    network(ways[0])[0].square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("group", ["position", "plan", "agreement", "suggested"])
def test_every_category_has_rows_of_its_own(group):
    network, reader, ids = reading(position=True, plan=True, lookback=True)
    with torch.no_grad():
        torch.nn.init.normal_(network.categories.output.weight)
    before = random_places(reader.columns, len(ids))
    expected = network(inputs_at(reader, ids, before))[0]
    for column in range(*reader.columns.group(group).indices(99)):
        after = before.copy()
        after[:, column] = (after[:, column] + 1) % 2
        assert not torch.equal(network(inputs_at(reader, ids, after))[0], expected)
    rows = before[:, : reader.columns.categories] + reader.columns.offsets
    assert rows.max() < sum(sum(sizes) for sizes in reader.columns.sizes.values())
    assert (np.diff(rows, axis=1) > 0).all()


def test_the_gradient_of_summed_rows_is_that_of_an_embedding_bag():
    rows = torch.tensor([[0, 5], [1, 5], [0, 6]])
    gradient = torch.randn(3, 4)
    tables = [torch.ones(8, 4, requires_grad=True) for _ in range(2)]
    _SummedRows.apply(tables[0], rows).backward(gradient)
    torch.nn.functional.embedding_bag(rows, tables[1], mode="sum").backward(gradient)
    torch.testing.assert_close(tables[0].grad, tables[1].grad)


def test_lookback_raises_what_each_lag_suggests_by_gate_and_bonus():
    network, reader, ids = reading(lookback=True)
    columns = reader.columns
    places = np.zeros((len(ids), len(columns)), dtype=np.int32)
    places[:, columns.group("suggested")] = [3, 3, V, 5, V]
    places[:, columns.group("agreement")] = [1, 2, 0, 4, 0]
    before = network(inputs_at(reader, ids, places))[0]
    with torch.no_grad():
        network.lookback.gate.bias[:] = torch.tensor([1.0, 2.0, 4.0, 8.0, 16.0])
        network.lookback.bonus.weight[0 * AGREEMENTS + 1] = 0.25
        network.lookback.bonus.weight[3 * AGREEMENTS + 4] = 0.5
        network.lookback.bonus.weight[4 * AGREEMENTS + 4] = 99.0
    raised = (network(inputs_at(reader, ids, places))[0] - before)[0, 0]
    expected = torch.zeros(V)
    expected[3], expected[5] = 1 + 0.25 + 2, 8 + 0.5
    torch.testing.assert_close(raised, expected)
    assert len(LAGS) == 5


def test_the_pitch_heads_know_a_letter_by_degree_and_by_interval():
    tonic, step = rows_of_heads(np.array([[1, STEP_OF_C + 8], [NO_TONIC, NO_STEP], [6, 0], [0, 69]]))
    assert tonic[0, LETTERS.index("D")] == NO_TONIC - 1  # the tonic itself, in the lower octave
    assert tonic[0, LETTERS.index("d")] == NO_TONIC - 1 + 7
    assert step[0, LETTERS.index("d")] == LARGEST_STEP  # the last note again
    assert step[0, LETTERS.index("e")] == LARGEST_STEP + 1
    assert (tonic[1] == RELATIVE_TO_TONIC).all()
    assert (step[1] == 2 * LARGEST_STEP + 1).all()
    assert (tonic[2].min(), tonic[3].max()) == (0, RELATIVE_TO_TONIC - 1)
    assert (step[2] == 2 * LARGEST_STEP).all()
    assert (step[3] == 0).all()


def test_the_last_note_of_the_text_is_the_one_that_the_pitch_heads_relate_to():
    _, reader, _ = reading(pitch_heads=True)
    for text, last, tonic in (("K:Dmaj\nDFA", "A", 1), ("K:Gmaj\nGBd", "d", 4), ("K:Dmaj\ng", "g", 1)):
        places = reader.read(VOCABULARY.encode(f"M:6/8\nL:1/8\n{text}")).places
        found = rows_of_heads(places[-1])
        assert found[1][LETTERS.index(last)] == LARGEST_STEP
        assert found[0][tonic] == NO_TONIC - 1


def test_letters_that_the_vocabulary_lacks_are_no_ones():
    vocabulary = Vocabulary("Cb|", boundaries=False)
    letters = note_letters(vocabulary)
    assert (letters[0], letters[-1]) == (0, 1)
    assert (letters[1:-1] == len(vocabulary)).all()
    network = CharRnn(ModelSettings(**{**PLAIN, "pitch_heads": True}), vocabulary)
    torch.nn.init.ones_(network.pitches.tonic.bias)
    before = network.output.bias.detach().clone()
    torch.nn.init.zeros_(network.output.weight)
    rows, places = torch.tensor([[[0, 3, 0, 0]]]), torch.tensor([[[0, NO_STEP]]])
    logits = network(InputTensors(rows, torch.zeros(1, 1, 0, 3), places))[0][0, 0]
    torch.testing.assert_close(logits - before, torch.tensor([1.0, 1.0, 0.0]))


@pytest.mark.parametrize("places", PLACES, ids=str)
def test_a_tune_is_read_at_once_as_character_by_character(places):
    settings = ModelSettings(**{**PLAIN, **places})
    reader = Reader(settings, VOCABULARY, None)
    for plan in (None, TunePlan.of(JIG)):
        ids = VOCABULARY.encode_tune(JIG)
        whole, step = reader.read(ids, plan=plan), reader.incremental(plan)
        for place, character in enumerate(ids):
            np.testing.assert_array_equal(step.read(int(character)).places, whole.at(place).places)
    assert whole.places.shape == (len(ids), len(Columns.of(settings, V)))


def learned(tunes: list[str], steps: int = 50, **places: bool) -> float:
    """Bits per character of a small network after so many steps on tunes that are learned all at once."""
    vocabulary = Vocabulary.of(tunes, boundaries=True)
    settings = ModelSettings(**{**PLAIN, "hidden_size": 12, **places})
    reader = Reader(settings, vocabulary, None)
    read = [reader.read_with_plan(vocabulary.encode_tune(tune)) for tune in tunes]
    rows, expected, parts = (torch.from_numpy(np.stack(part, axis=1)) for part in zip(*read, strict=True))
    torch.manual_seed(0)
    network = CharRnn(settings, vocabulary)
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.03)
    for _ in range(steps):
        logits, _ = network(InputTensors(rows[:-1], expected[:-1], parts[:-1]))
        loss = cross_entropy(logits.flatten(0, 1), rows[1:, :, 0].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return float(loss.detach()) / float(np.log(2))


RNG = np.random.default_rng(0)
NOTES = ["".join(RNG.choice(list("DEFGABcdefg"), 7)) for _ in range(24)]
BARS = [f"M:7/8\nL:1/8\nK:Cmaj\n{bar}|" for bar in NOTES]
AGAIN = [f"{BARS[i]}{NOTES[i]}|" for i in range(24)]
KEYS = {"C": "CDEFG", "D": "DEFGA", "E": "EFGAB", "F": "FGABc", "G": "GABcd", "A": "ABcde"}
SCALES = [
    f"M:5/8\nL:1/8\nK:{key}maj\n{''.join(notes[i] for i in order)}|"
    for key, notes in KEYS.items()
    for order in ([0, 2, 4, 1, 0], [0, 1, 2, 3, 4])
]
PARTS = [
    f"M:2/8\nL:1/8\nK:Cmaj\n|:{''.join('AB|' for _ in range(count))[:-1]}:|" + "%" * (3 * (8 - count))
    for count in (2, 4, 6, 8)
]


@pytest.mark.parametrize(
    ("tunes", "places"),
    [
        (BARS, {"position": True}),  # when the bar is over
        (AGAIN, {"lookback": True}),  # what the bar before had
        (PARTS, {"plan": True}),  # when the part is over
        (SCALES, {"pitch_heads": True}),  # the same degrees in each key
    ],
    ids=["position", "lookback", "plan", "pitch_heads"],
)
def test_what_only_the_place_determines_is_learned_with_it_sooner_than_without(tunes, places):
    assert learned(tunes, **places) < 0.8 * learned(tunes)
