"""The folder of one run: what stands in it, and how it is begun and found again.

run.json                 the settings, and the whole corpus: a run can go on when its sources have changed or gone
journal.jsonl            what happened (journal.py)
start.safetensors        the network that it began from, if it did not begin from nothing (transfer.py)
start.melodies           the melodies that this one had learned
checkpoint.safetensors   the best network so far, ready to compose
checkpoint.melodies      the melodies of the training tunes, for songrnn originality (originality/index.py)
resume.safetensors       the network as it is now, and all that --resume needs (snapshot.py)
loss.png, loss.svg       the curves
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from songrnn.checkpoint import FILE_NAME, Checkpoint
from songrnn.corpus.corpus import Corpus, Drop
from songrnn.corpus.settings import short_name
from songrnn.errors import RunError, SongrnnError
from songrnn.model.settings import NO_PLACES, ModelSettings
from songrnn.storage import free_folder, refuse_package, write_whole
from songrnn.training.journal import Journal
from songrnn.training.settings import TrainingSettings
from songrnn.training.transfer import Start


class RunFolder:
    """Paths of a run, and reading and writing of what was decided when it began."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.settings = self.path / "run.json"
        self.start = self.path / "start.safetensors"
        self.start_melodies = self.path / "start.melodies"
        self.checkpoint = self.path / FILE_NAME
        self.snapshot = self.path / "resume.safetensors"
        self.journal = Journal(self.path / "journal.jsonl")

    def refuse_if_used(self) -> None:
        """Raise RunError where a file is there that a run would write, and no run; `begin` refuses a run."""
        refuse_package(self.path)
        written = (self.start, self.start_melodies, self.checkpoint, self.snapshot, self.journal.path)
        pictures = (self.path / "loss.png", self.path / "loss.svg")
        for path in (*written, self.checkpoint.with_suffix(".melodies"), *pictures):
            if path.exists() and not self.settings.exists():
                raise RunError(f"{path} is there already, and no run that it belongs to; choose another --out")

    def begin(
        self, corpus: Corpus, model: ModelSettings, training: TrainingSettings, start: Start | None = None
    ) -> None:
        """Make the folder for a new run; raises RunError if it holds one already, or cannot be written to."""
        if self.settings.exists():
            raise RunError(
                f"{self.path} already holds a run: go on with it by --resume {self.path}, or choose another --out"
            )
        content: dict[str, Any] = {
            "model": model.model_dump(),
            "training": training.model_dump(),
            "corpus": asdict(corpus),
            "corpus_sha256": corpus.sha256,
            "from": None if start is None else {"added": start.added},
        }
        if start is not None:
            start.checkpoint.save(self.start)
        write_whole(self.settings, json.dumps(content, ensure_ascii=False))

    def read(self) -> tuple[Corpus, ModelSettings, TrainingSettings, Start | None]:
        """What the run began with; raises RunError if there is no run, or it is damaged."""
        if not self.settings.is_file():
            raise RunError(f"{self.path} holds no run to resume: there is no {self.settings.name} in it")
        try:
            content = json.loads(self.settings.read_text(encoding="utf-8"))
            corpus = stored_corpus(content["corpus"])
            if corpus.sha256 != content["corpus_sha256"]:
                raise ValueError("its corpus was altered")  # noqa: TRY301  (reported below)
            return (
                corpus,
                ModelSettings(**{**NO_PLACES, **content["model"]}),
                TrainingSettings(**content["training"]),
                content["from"] and Start(Checkpoint.load(self.start), content["from"]["added"]),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, SongrnnError) as error:
            raise RunError(f"{self.settings} is damaged or of another version ({error})") from error


def folder_of(corpus: Corpus, model: ModelSettings) -> Path:
    """`runs/<sources>-<cell>-<hidden size>`, with a number after it if that exists."""
    return free_folder(Path("runs") / f"{short_name(corpus.sources)}-{model.cell}-{model.hidden_size}")


def stored_corpus(content: dict[str, Any]) -> Corpus:
    """The corpus that `asdict` turned into what JSON holds; raises KeyError or TypeError if that is not whole."""
    return Corpus(
        form=content["form"],
        training=tuple(content["training"]),
        validation=tuple(content["validation"]),
        test=tuple(content["test"]),
        drops=tuple(Drop(**drop) for drop in content["drops"]),
        encodings=content["encodings"],
        sources=tuple(content["sources"]),
        names=tuple(content.get("names", ())),  # runs of 0.1.0 have none
        keep_marks=content.get("keep_marks", True),
        left_out=content.get("left_out", {}),
        ledger=content.get("ledger", {}),
    )
