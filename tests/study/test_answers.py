"""Sentences follow the numbers, in both directions and where nothing is seen."""

import pytest

from made_up import failure, grid, result
from songrnn.neurons.results import Label, Labels, NeuronName
from songrnn.statistics import Estimate
from songrnn.study.answers import (
    about_cells,
    about_neurons,
    about_numbers,
    about_temperature,
    answers,
    converged,
    unconverged,
)
from songrnn.study.insight import Insight


def noisy(better):
    """The LSTM is better by about this; each seed is a little different."""
    return grid(lambda cell, size, dropout, seed: 2.5 + (cell == "lstm") * (0.01 * (seed - 1) - better))


def test_a_better_lstm_is_called_better():
    said = about_cells(noisy(0.2))
    assert said[0] == "The LSTM needs 0.200 ± 0.025 bits per character less than the plain RNN: better."
    assert said[1] == (
        "At a single size and dropout the LSTM is better than the plain RNN in 4 of 4 cases, worse in 0, "
        "and no difference is seen in 0."
    )


def test_a_worse_lstm_is_called_worse():
    assert about_cells(noisy(-0.2))[0] == (
        "The LSTM needs 0.200 ± 0.025 bits per character more than the plain RNN: worse."
    )


def test_a_difference_smaller_than_its_interval_is_none():
    said = about_cells(noisy(0.02))
    assert said[0] == ("Between the LSTM and the plain RNN no difference is seen (−0.020 ± 0.025 bits per character).")
    assert "no difference is seen in 4" in said[1]


def test_on_test_tunes_it_is_said_again():
    results = [
        result(cell, seed=seed, validation=2.0, test=3.0 - (cell == "lstm") + 0.001 * seed * (cell == "rnn"))
        for cell in ("lstm", "rnn")
        for seed in (0, 1, 2)
    ]
    said = " ".join(about_cells(results))
    assert "Between the LSTM and the plain RNN no difference is seen" in said
    assert "On the test tunes: the LSTM needs 1.001 ± 0.002 bits per character less than the plain RNN" in said


def test_what_was_not_compared_or_failed_is_said():
    assert about_cells(grid(lambda *_: 2.0, cells=("lstm", "gru")))[0] == "This study did not compare the two."
    lost = [failure("lstm", seed=seed) for seed in (0, 1)] + [result("rnn", seed=seed) for seed in (0, 1)]
    assert "cannot be compared: there is no pair in which both trainings succeeded" in about_cells(lost)[0]


@pytest.mark.parametrize(("slope", "verdict"), [(1.0, "more than networks with dropout 0: worse"), (-1.0, "less than")])
def test_dropout_that_changes_something_says_what(slope, verdict):
    results = grid(lambda cell, size, dropout, seed: 2.5 + slope * dropout + 0.001 * seed * (dropout > 0))
    said = about_numbers(results, "dropout")
    assert said[0].startswith("Networks with dropout 0.2 need 0.")
    assert verdict in said[0]
    assert any(sentence.startswith("In the GRU alone: networks with dropout 0.2 need") for sentence in said)


def test_neurons_that_change_nothing_are_no_difference():
    results = grid(lambda cell, size, dropout, seed: 2.5 + 0.01 * ((seed + size // 8) % 3))
    assert about_numbers(results, "hidden_size")[0].startswith(
        "Between networks of 16 neurons and networks of 8 neurons no difference is seen"
    )


def test_one_size_alone_shows_nothing():
    assert about_numbers(grid(lambda *_: 2.0, sizes=(8,)), "hidden_size") == ["This study had one only: of 8 neurons."]


@pytest.mark.parametrize(("best_epoch", "said"), [(4.0, True), (3.2, True), (3.0, False), (2.0, False)])
def test_trainings_that_were_still_learning_are_reported_first_and_give_no_verdict(best_epoch, said):
    results = [
        result(size=size, seed=s, best_epoch=best_epoch, validation=2.0 - size / 100)
        for size in (8, 16)
        for s in (0, 1)
    ]
    sentences = about_numbers(results, "hidden_size")
    first = "These trainings ended before they had converged, after 4 epoch(s): 4 of 4 of the LSTM were best within"
    assert sentences[0].startswith(first) is said
    assert any(sentence.endswith("better so far.") for sentence in sentences) is said
    assert any(sentence.endswith(": better.") for sentence in sentences) is not said


@pytest.mark.parametrize("still", ["rnn", "lstm"])
def test_of_two_cells_one_that_had_not_converged_leaves_the_comparison_open(still):
    results = [
        result(cell, seed=s, validation=2.0 + (cell == "rnn") + 0.001 * s, best_epoch=3.9 if cell == still else 2.0)
        for cell in ("rnn", "lstm")
        for s in (0, 1, 2)
    ]
    said = about_cells(results)
    assert said[0].startswith("These trainings ended before they had converged, after 4 epoch(s): 3 of 3 of the ")
    assert said[1].endswith("bits per character less than the plain RNN: better so far.")
    assert not converged([r for r in results if r.cell == still])
    assert unconverged([r for r in results if r.cell != still]) == []


def test_half_of_the_trainings_still_learning_is_not_most_and_failures_do_not_count():
    half = [result(seed=0, best_epoch=4.0), result(seed=1, best_epoch=1.0), failure(seed=2)]
    assert converged(half)
    assert unconverged(half) == []
    assert not converged([*half, result(seed=3, best_epoch=3.5)])
    assert converged([failure()])


def counts(cool, hot, of=20):
    return [
        {"temperature": 0.5, "composed": of, "valid": cool, "ended": of},
        {"temperature": 2.0, "composed": of, "valid": hot, "ended": 0},
    ]


@pytest.mark.parametrize(
    ("cool", "hot", "verdict"),
    [
        (20, 1, "A higher temperature spoils tunes: more of them are music at 0.5 than at 2 (between "),
        (1, 20, "Fewer tunes are music at 0.5 than at 2 (between −"),
        (11, 9, "No difference is seen in how many are music at 0.5 and at 2 (between −"),
    ],
)
def test_temperature_is_judged_by_the_shares_of_music(cool, hot, verdict):
    said = about_temperature(counts(cool, hot))
    assert (
        said[0] == f"Valid tunes, by the ABC standard and with bars that add up: {cool} of 20 at 0.5, {hot} of 20 at 2."
    )
    assert said[1] == "Tunes that the network ended itself: 20 of 20 at 0.5, 0 of 20 at 2."
    assert said[2].startswith(verdict)


def test_without_compositions_nothing_is_said_of_them():
    assert about_temperature([]) == ["No network composed anything."]


def labelled(index, concept, explained, *, found):
    score = Estimate(0.71, 0.66, 0.75, 9)
    name = NeuronName(1, "hidden", index)
    told = (0.8, 0.55, 0.25)  # accuracy, that of the control task, the difference
    return Label(
        name, concept, "yes_no", "AUC", score, False, explained, False, 0.0, 0.5, 1e-5, 0.05, *told, found, (), found
    )


def insight(*labels):
    found = Labels(labels, (), 0.05, (9, 1200), (9, 1234), 18)
    return Insight("lstm", "lstm-8-dropout-0-seed-1", found, (0,), ())


def test_neurons_are_said_to_follow_what_they_follow():
    said = about_neurons([insight(labelled(0, "space", 0.05, found=False), labelled(1, "bar line", 0.4, found=True))])
    assert said[0].startswith(
        "In the best LSTM (lstm-8-dropout-0-seed-1), 1 of 2 neurons follow a concept: on 9 held-out"
    )
    assert (
        "explains 10% or more of their variance, more than in an untrained network, at a false discovery rate of 5%"
        in said[0]
    )
    assert said[1] == "Neuron 1 follows bar line (AUC 0.71, 95 % interval 0.66 to 0.75; computed)."
    assert len(about_neurons([insight(labelled(0, "space", 0.05, found=False))])) == 1
    assert about_neurons([]) == ["No held-out tune could be read by a network, so nothing is known."]
    few = Insight("lstm", "lstm-8", None, (0,), ())
    assert about_neurons([few]) == [
        "Too few held-out tunes could be read by the best LSTM (lstm-8) to label its neurons."
    ]


def test_every_question_of_the_paper_has_an_answer():
    for results in (noisy(0.2), [failure(cell, seed=s) for cell in ("rnn", "lstm") for s in (0, 1)]):
        given = answers(results, counts(20, 1), [])
        assert len(given) == 5
        assert all(answer.sentences for answer in given)
