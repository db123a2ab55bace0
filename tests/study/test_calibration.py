"""How many epochs fit into the minutes."""

import pytest

from songrnn.model.settings import ModelSettings
from songrnn.study import calibration
from songrnn.study.calibration import MARGIN, Timing, choose_epochs, refuse, seconds_of, shapes, time_trial
from songrnn.study.space import StudySettings, trials
from songrnn.training.settings import TrainingSettings


@pytest.fixture
def four():
    """Four trials of two kinds."""
    study = StudySettings(cells=("rnn", "lstm"), hidden_sizes=(8,), dropouts=(0.0,), seeds=2)
    return trials(study, ModelSettings(), TrainingSettings(), epochs=1)


TIMINGS = {("rnn", 8): Timing(2.0, 1.0), ("lstm", 8): Timing(2.0, 3.0)}


def test_the_clock_is_laid_out_process_by_process(four):
    assert seconds_of(four, TIMINGS, epochs=4, processes=1) == pytest.approx(MARGIN * (4 * 2 + 4 * 2 * (1 + 3)))
    assert seconds_of(four, TIMINGS, epochs=4, processes=2) == pytest.approx(MARGIN * (2 * 2 + 4 * 4))
    assert seconds_of(four, TIMINGS, epochs=4, processes=4) == pytest.approx(MARGIN * (2 + 4 * 3))


@pytest.mark.parametrize(
    ("available", "epochs"),
    [
        (MARGIN * 16.01, 1),
        (MARGIN * 15.9, 0.9),
        (MARGIN * 8.81, 0.1),
        (MARGIN * 8.79, 0),
        (MARGIN * 8 * 3.56, 2.5),
        (MARGIN * 8 * 101.6, 100),
    ],
)
def test_as_many_epochs_as_fit_and_not_one_more(four, available, epochs):
    assert choose_epochs(four, TIMINGS, available_seconds=available, processes=1) == epochs


def test_without_time_the_message_says_what_would_fit(four):
    error = refuse(four, TIMINGS, minutes=0.2, available_seconds=MARGIN * 9, processes=1)
    assert str(error) == (
        "minutes are 0.2, but 4 trainings of a tenth of an epoch, with the report, take about 0.2 on 1 process(es); "
        "3 of them would fit. Give --minutes 1 or more, or fewer --cells, --hidden-sizes, --dropouts or --seeds"
    )


def test_a_part_of_an_epoch_ends_with_a_validation_of_its_own():
    assert Timing(2.0, 4.0, 0.5).of(3) == 14.0
    assert Timing(2.0, 4.0, 0.5).of(2.5) == 12.5


def test_of_several_timings_the_middle_counts():
    assert Timing.median([Timing(1, 9), Timing(3, 2), Timing(50, 4)]) == Timing(3, 4)


def test_one_trial_stands_for_each_cell_and_size_the_one_with_most_dropout():
    study = StudySettings(cells=("rnn", "gru"), hidden_sizes=(8, 16), dropouts=(0.3, 0.0))
    chosen = shapes(trials(study, ModelSettings(), TrainingSettings(), epochs=1))
    assert set(chosen) == {("rnn", 8), ("rnn", 16), ("gru", 8), ("gru", 16)}
    assert {trial.model.dropout for trial in chosen.values()} == {0.3}


@pytest.fixture
def few_steps(monkeypatch):
    monkeypatch.setattr(calibration, "CHARACTERS", 1_000)


@pytest.mark.usefixtures("few_steps")
def test_a_training_is_timed_in_seconds(tmp_path, small_plan, small_corpus):
    trial = small_plan(tmp_path / "study")[1].trials()[0]
    timing = time_trial(trial, small_corpus)
    assert 0.001 < timing.epoch_seconds < 5
    assert 0.01 < timing.fixed_seconds < 20
    assert timing.of(10) == pytest.approx(timing.fixed_seconds + 10 * timing.epoch_seconds)


def test_every_validation_of_an_epoch_counts(four):
    watch = calibration._Watch()
    watch.begun, watch.ends = 0.0, [2.0 + 0.125 * step for step in range(calibration.WARM_UP_STEPS + 4)]
    watch.ends.append(watch.ends[-1] + 0.625)  # a step with a validation of half a second
    watch.report({"kind": "validation", "step": 12, "epoch": 0.5}, 0.0)
    for every, validations in ((0, 1), (24, 1), (4, 6)):
        trial = four[0].replace(training=four[0].training.replace(validate_every=every))
        assert watch.timing(trial, 1.0) == Timing(3.0, 24 * 0.125 + validations * 0.5, 0.5)
