"""A small corpus and plans for it."""

import pytest

from songrnn.corpus.corpus import Corpus
from songrnn.model.settings import ModelSettings
from songrnn.study.folder import StudyFolder, StudyPlan
from songrnn.study.space import StudySettings
from songrnn.training.settings import TrainingSettings
from tiny import TUNES

MODEL = ModelSettings(embedding_size=8)
TRAINING = TrainingSettings(window=16, batch_size=8, device="cpu")
TWO_TRIALS = StudySettings(cells=("gru",), hidden_sizes=(8,), dropouts=(0.1,), seeds=2, processes=1)


@pytest.fixture(scope="session")
def small_corpus():
    return Corpus("tunebook", tuple(TUNES[6:]), tuple(TUNES[:3]), tuple(TUNES[3:6]), (), {}, ("test",))


@pytest.fixture
def small_plan(small_corpus):
    """Begins a study in a folder without running it; returns the folder and the plan."""

    def begin(path, *, epochs=2, settings=TWO_TRIALS):
        folder, plan = StudyFolder(path), StudyPlan(settings, MODEL, TRAINING, small_corpus, epochs, {})
        folder.begin(plan)
        return folder, plan

    return begin
