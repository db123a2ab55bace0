"""The tunebook that the benchmarks of quality share: train.txt, val.txt, test.txt in one folder, <start>/<end> form."""

import sys
from pathlib import Path

import songrnn
from songrnn.corpus.corpus import read_tunes


def read_tunebook(folder: Path) -> tuple[songrnn.Corpus, list[str]]:
    """Training and validation tunes as a corpus in raw form, and the test tunes; ends the program if there are none."""
    files = [folder / f"{name}.txt" for name in ("train", "val", "test")]
    if missing := [file for file in files if not file.exists()]:
        print(f"skipped: there is no {missing[0]}", file=sys.stderr)
        sys.exit(0)
    train, validation, test = map(str, files)
    settings = songrnn.CorpusSettings(sources=(train,), validation=validation, form="raw")
    return songrnn.read_corpus(settings), read_tunes([test], "raw")
