"""`read_corpus`: settings -> the texts of the training, validation and test tunes, and why others were dropped."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from songrnn.corpus.cleaning import Dropped, raw_text, tunebook_text
from songrnn.corpus.ledger import ledger_of
from songrnn.corpus.markers import END, START
from songrnn.corpus.settings import CorpusSettings
from songrnn.corpus.sources import Sources, SourceTune, read_sources
from songrnn.corpus.split import split_corpus
from songrnn.errors import CorpusError

Form = Literal["raw", "tunebook"]
FORMS = ("raw", "tunebook")
SPLITS = ("training", "validation", "test")


@dataclass(frozen=True)
class Drop:
    """A tune that is dropped: its file, its position there from 1, and the reason."""

    source: str
    number: int
    reason: str


@dataclass(frozen=True)
class Corpus:
    """Texts to train on, in the order of their sources.

    form:      "raw" (each text from its <start> to its <end> line) or "tunebook" (R, M, L, K, then the music);
               every text ends in "\\n".
    drops:     each dropped tune, in the order of the sources.
    encodings: file -> as `Sources.encodings` has it.
    sources:   as the settings name them.
    names:     the name of each training tune (`SourceTune.name`), in their order; none where they have none.
    keep_marks: whether the texts have marks, and the spelling of their sources; always so in raw form.
    left_out:  kind of mark or of spelling -> characters by which it made the texts shorter, the largest first.
    ledger:    transcribers, books and terms of the tunes (`ledger_of`).
    """

    form: Form
    training: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    drops: tuple[Drop, ...]
    encodings: Mapping[str, str]
    sources: tuple[str, ...]
    names: tuple[str, ...] = ()
    keep_marks: bool = True
    left_out: Mapping[str, int] = field(default_factory=dict)
    ledger: Mapping[str, Any] = field(default_factory=dict)

    @property
    def dropped(self) -> Mapping[str, int]:
        """Reason -> number of tunes, the commonest first."""
        return _reasons(self.drops)

    @cached_property
    def sha256(self) -> str:
        """A hash over the form and every text in order: the same for the same corpus under any names of
        files and tunes."""
        digest = hashlib.sha256(self.form.encode())
        for name in SPLITS:
            texts: tuple[str, ...] = getattr(self, name)
            digest.update(f"\0{name} {len(texts)}".encode())
            for text in texts:
                digest.update(b"\0" + text.encode())
        return digest.hexdigest()

    def record(self) -> dict[str, Any]:
        """What a checkpoint records of its corpus: counts and the hash, as JSON can hold them."""
        return {
            "sources": list(self.sources),
            "form": self.form,
            "keep_marks": self.keep_marks,
            "tunes": {name: len(getattr(self, name)) for name in SPLITS},
            "characters": {name: sum(map(len, getattr(self, name))) for name in SPLITS},
            "dropped": dict(self.dropped),
            "left_out": dict(self.left_out),
            "sha256": self.sha256,
            "ledger": dict(self.ledger),
        }


def read_corpus(settings: CorpusSettings | str | Sequence[str]) -> Corpus:
    """Read, clean and split the tunes that the settings name.

    settings: a source or several mean CorpusSettings with these sources and the defaults.
    With `settings.validation` every tune of the sources is for training and nothing is for the test.
    Raises CorpusError for sources that cannot be read, when no tune is kept, or too few for a split;
    MissingExtra for a collection when music21 is not installed.
    """
    if not isinstance(settings, CorpusSettings):
        settings = CorpusSettings(sources=(settings,) if isinstance(settings, str) else tuple(settings))
    whole = read_unsplit(settings)
    return whole if settings.validation is not None else split(whole, settings)


def read_unsplit(settings: CorpusSettings) -> Corpus:
    """The corpus with every tune of the sources for training, and the validation file's tunes, if one is named."""
    sources = read_sources(settings.sources)
    form: Form = settings.form if settings.form != "auto" else "raw" if sources.marked else "tunebook"
    cleaner = _Cleaner(form, settings.keep_marks)
    training, names = cleaner.cleaned(sources, settings.sources)
    encodings, validation = dict(sources.encodings), list[str]()
    if settings.validation is not None:
        held_out = read_sources((settings.validation,))
        validation, _ = cleaner.cleaned(held_out, (settings.validation,))
        encodings |= held_out.encodings
    return Corpus(
        form=form,
        training=tuple(training),
        validation=tuple(validation),
        test=(),
        drops=tuple(cleaner.drops),
        encodings=encodings,
        sources=settings.sources,
        names=tuple(names),
        keep_marks=cleaner.keep_marks,
        left_out=dict(cleaner.left_out.most_common()),
        ledger=ledger_of(sources),
    )


def split(whole: Corpus, settings: CorpusSettings) -> Corpus:
    """`whole` with its training tunes divided; raises CorpusError when they are too few."""
    tunes = whole.training
    sides = split_corpus(
        tunes,
        seed=settings.split_seed,
        validation_share=settings.validation_share,
        test_share=settings.test_share,
    )
    return replace(
        whole,
        training=tuple(tunes[index] for index in sides.training),
        names=tuple(whole.names[index] for index in sides.training) if whole.names else (),
        validation=tuple(tunes[index] for index in sides.validation),
        test=tuple(tunes[index] for index in sides.test),
    )


def read_tunes(files: Sequence[str], form: str, *, keep_marks: bool = True) -> list[str]:
    """Held-out tunes in the given form ("raw" or "tunebook"), none split off; raises as `read_corpus` does."""
    if form not in FORMS:
        raise CorpusError(f"the form of a corpus is one of {', '.join(FORMS)}, not {form!r}")
    tunes, _ = _Cleaner(form, keep_marks).cleaned(read_sources(files), files)
    return tunes


class _Cleaner:
    """Tunes as in their files -> texts of one form; gathers why tunes were dropped, and what was left out of others.

    left_out: kind of mark or spelling -> characters, of the tunes that were kept.
    """

    def __init__(self, form: str, keep_marks: bool) -> None:
        self.form = form
        self.keep_marks = keep_marks or form == "raw"
        self.drops: list[Drop] = []
        self.left_out: Counter[str] = Counter()

    def cleaned(self, sources: Sources, given: Sequence[str]) -> tuple[list[str], list[str]]:
        """The texts of the tunes that are kept, and their names; raises CorpusError when there is none.

        given: how the user named the sources.
        """
        earlier: set[str] = set()
        kept: list[tuple[str, str]] = []
        drops: list[Drop] = []
        for tune in sources.tunes:
            try:
                text = self._text(tune, earlier)
            except Dropped as reason:
                drops.append(Drop(tune.source, tune.number, str(reason)))
            else:
                kept.append((text, tune.name))
                earlier.add(text)
        self.drops += drops
        if not kept:
            raise CorpusError(f"no tune could be kept of {', '.join(given)}: {_sentence(drops)}")
        return [text for text, _ in kept], [name for _, name in kept]

    def _text(self, tune: SourceTune, earlier: Collection[str]) -> str:
        """The tune in the form; raises Dropped. In raw form a tune may occur twice, as in its file."""
        if tune.stray:
            raise Dropped(f"text outside {START} and {END}")
        if self.form == "raw":
            return raw_text(tune.text)
        left_out: Counter[str] = Counter()
        text = tunebook_text(tune.text, keep_marks=self.keep_marks, left_out=left_out)
        if text in earlier:
            raise Dropped("same as an earlier tune")
        self.left_out.update(left_out)
        return text


def _sentence(drops: Sequence[Drop]) -> str:
    if not drops:
        return "no line begins with X: and none is <start>, so no tune begins anywhere"
    return ", ".join(f"{reason} ({count})" for reason, count in _reasons(drops).items())


def _reasons(drops: Sequence[Drop]) -> dict[str, int]:
    return dict(Counter(drop.reason for drop in drops).most_common())
