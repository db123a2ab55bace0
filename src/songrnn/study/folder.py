"""The folder of one study: its files, and how it is begun and resumed.

plan.json                       the settings, the number of epochs and the whole corpus, or where it is if it is packed:
                                all that determines the study's numbers
trials/<name>/                  a run's folder as `songrnn train` writes it, and trial.json once the training is over
compositions/<configuration>/   compositions of one seed's network: a page, the files, and tunes.json once it is
                                complete
figures/                        the pictures of the report
study.json, study.csv, study.md, index.html     the report
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import songrnn
from songrnn.corpus.corpus import Corpus
from songrnn.errors import RunError, SongrnnError
from songrnn.model.settings import ModelSettings
from songrnn.storage import is_free, refuse_package, write_whole
from songrnn.study.space import StudySettings, StudyTrial, trials
from songrnn.training.folder import stored_corpus
from songrnn.training.settings import TrainingSettings


@dataclass(frozen=True)
class StudyPlan:
    """The plan of a study.

    model, training: what all networks have in common; `trials` has what the study sets itself.
    epochs:          of every training.
    timing:          the calibration's measurements, empty where the epochs were given.
    """

    settings: StudySettings
    model: ModelSettings
    training: TrainingSettings
    corpus: Corpus
    epochs: float
    timing: Mapping[str, Any]

    def trials(self) -> list[StudyTrial]:
        """Every training, in the order in which they are to be run."""
        return trials(self.settings, self.model, self.training, epochs=self.epochs)


class StudyFolder:
    """Paths of a study, and reading and writing of its plan."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.plan = self.path / "plan.json"
        self.page = self.path / "index.html"

    def trial(self, trial: StudyTrial) -> Path:
        """The folder of one training."""
        return self.path / "trials" / trial.name

    def compositions(self, configuration: str) -> Path:
        """The folder of the compositions of a configuration's network."""
        return self.path / "compositions" / configuration

    def refuse_if_used(self) -> None:
        """Raise RunError if a new study cannot begin here."""
        if self.plan.exists():
            raise RunError(
                f"{self.path} already holds a study: resume it by --resume {self.path}, or choose another --out"
            )
        refuse_package(self.path)
        if not is_free(self.path):
            raise RunError(f"{self.path} is there and is no empty folder; choose another --out")

    def begin(self, plan: StudyPlan) -> None:
        """Make the folder for a new study; raises RunError if it is used, or cannot be written to."""
        self.refuse_if_used()
        content = {
            "songrnn": songrnn.__version__,
            "settings": plan.settings.model_dump(),
            "model": plan.model.model_dump(),
            "training": plan.training.model_dump(),
            "epochs": plan.epochs,
            "timing": dict(plan.timing),
            "corpus": plan.corpus.stored(),
            "corpus_sha256": plan.corpus.sha256,
        }
        write_whole(self.plan, json.dumps(content, ensure_ascii=False))

    def read(self) -> StudyPlan:
        """The study's plan; raises RunError if there is no study, or it is damaged."""
        if not self.plan.is_file():
            raise RunError(f"{self.path} holds no study to resume: there is no {self.plan.name} in it")
        try:
            content = json.loads(self.plan.read_text(encoding="utf-8"))
            plan = StudyPlan(
                StudySettings(**content["settings"]),
                ModelSettings(**content["model"]),
                TrainingSettings(**content["training"]),
                stored_corpus(content["corpus"]),
                float(content["epochs"]),
                dict(content["timing"]),
            )
            if plan.corpus.sha256 != content["corpus_sha256"]:
                raise ValueError("its corpus was altered")  # noqa: TRY301  (reported below)
            plan.trials()
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, SongrnnError) as error:
            raise RunError(f"{self.plan} is damaged or of another version ({error})") from error
        return plan
