"""Which trainings a study has."""

import pytest

from songrnn.errors import SettingsError
from songrnn.model.settings import ModelSettings
from songrnn.settings import without
from songrnn.study.space import StudySettings, trials
from songrnn.training.settings import TrainingSettings


def trials_of(study, training=None, *, epochs=7):
    return trials(study, ModelSettings(embedding_size=9), training or TrainingSettings(window=5), epochs=epochs)


def test_the_default_study_is_the_papers_grid_with_three_seeds():
    chosen = trials_of(StudySettings())
    assert len({trial.name for trial in chosen}) == len(chosen) == 3 * 3 * 4 * 3
    assert chosen[0].name == "lstm-250-dropout-0-seed-0"
    assert {trial.configuration for trial in chosen[:36]} == {trial.configuration for trial in chosen}


def test_trials_share_everything_that_the_study_does_not_compare():
    training = TrainingSettings(window=5, minutes=3, patience=4, threads=2)
    for trial in trials_of(StudySettings(), training):
        assert trial.model.embedding_size == 9
        assert trial.training == training.replace(
            epochs=7, minutes=None, patience=0, ensemble=1, threads=1, seed=trial.training.seed
        )


def test_within_a_seed_the_longest_training_comes_first():
    names = [trial.model.cell for trial in trials_of(StudySettings(hidden_sizes=(8,), dropouts=(0,), seeds=2))]
    assert names == ["lstm", "gru", "rnn"] * 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cells": ("rnn", "rnn")}, "cells are rnn, rnn: each may be given once"),
        ({"dropouts": (0.1, 0.1)}, "dropouts are 0.1, 0.1"),
        ({"hidden_sizes": ()}, "hidden_sizes is missing"),
        ({"seeds": 1}, "seeds is 1, but it must be at least 2"),
    ],
)
def test_settings_that_make_no_study_are_refused(settings, message):
    with pytest.raises(SettingsError, match=message.replace("(", r"\(").replace(")", r"\)")):
        StudySettings(**settings)


def test_a_network_that_cannot_be_is_named():
    with pytest.raises(SettingsError, match=r"dropout is 1\.5"):
        trials_of(StudySettings(dropouts=(1.5,)))


def test_settings_without_some_fields_keep_the_rest_as_it_is():
    rest = without(TrainingSettings, "seed", "epochs")
    assert set(TrainingSettings.model_fields) - set(rest.model_fields) == {"seed", "epochs"}
    assert rest().window == TrainingSettings().window
    assert rest.model_fields["window"].description == TrainingSettings.model_fields["window"].description
    with pytest.raises(SettingsError, match="window is 0"):
        rest(window=0)
    with pytest.raises(SettingsError, match="no setting 'seed'"):
        rest(seed=3)
