"""`read_corpus`: settings -> the texts of the training, validation and test tunes, and what became of the others."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from songrnn.corpus.cleaning import Dropped, raw_text, tunebook_text
from songrnn.corpus.markers import END, START
from songrnn.corpus.settings import CorpusSettings
from songrnn.corpus.sources import Sources, SourceTune, read_sources
from songrnn.corpus.split import split_corpus
from songrnn.errors import CorpusError

Form = Literal["raw", "tunebook"]
SPLITS = ("training", "validation", "test")


@dataclass(frozen=True)
class Drop:
    """A tune that is not learned from: the file it stands in, its position there from 1, and the reason."""

    source: str
    number: int
    reason: str


@dataclass(frozen=True)
class Corpus:
    """Texts ready to learn from, in the order of their sources.

    form:      "raw" (each text from its <start> to its <end> line) or "tunebook" (R, M, L, K, then the music);
               every text ends in "\\n".
    drops:     each dropped tune, in the order of the sources.
    encodings: file -> as `Sources.encodings` has it.
    sources:   as the settings name them.
    names:     what people call each training tune (`SourceTune.name`), in their order; none where nobody knows.
    """

    form: Form
    training: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    drops: tuple[Drop, ...]
    encodings: Mapping[str, str]
    sources: tuple[str, ...]
    names: tuple[str, ...] = ()

    @property
    def dropped(self) -> Mapping[str, int]:
        """Reason -> number of tunes, the commonest first."""
        return _reasons(self.drops)

    @cached_property
    def sha256(self) -> str:
        """A hash over the form and every text in order: the same for the same corpus, whatever its files and tunes are
        called."""
        digest = hashlib.sha256(self.form.encode())
        for name in SPLITS:
            texts: tuple[str, ...] = getattr(self, name)
            digest.update(f"\0{name} {len(texts)}".encode())
            for text in texts:
                digest.update(b"\0" + text.encode())
        return digest.hexdigest()

    def record(self) -> dict[str, Any]:
        """What a checkpoint keeps of its corpus: counts and the hash, as JSON can hold them."""
        return {
            "sources": list(self.sources),
            "form": self.form,
            "tunes": {name: len(getattr(self, name)) for name in SPLITS},
            "characters": {name: sum(map(len, getattr(self, name))) for name in SPLITS},
            "dropped": dict(self.dropped),
            "sha256": self.sha256,
        }


def read_corpus(settings: CorpusSettings | str | Sequence[str]) -> Corpus:
    """Read, clean and split the tunes that the settings name.

    settings: a source or several stand for CorpusSettings with these sources and the defaults.
    With `settings.validation` every tune of the sources is for training and nothing is for the test.
    Raises CorpusError for sources that cannot be read, when no tune survives, or when too few do for a split;
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
    training, names, drops = _cleaned(sources, form, settings.sources)
    encodings, validation = dict(sources.encodings), list[str]()
    if settings.validation is not None:
        held_out = read_sources((settings.validation,))
        validation, _, more_drops = _cleaned(held_out, form, (settings.validation,))
        drops += more_drops
        encodings |= held_out.encodings
    return Corpus(form, tuple(training), tuple(validation), (), tuple(drops), encodings, settings.sources, tuple(names))


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


def read_tunes(files: Sequence[str], form: str) -> list[str]:
    """Held-out tunes in the given form ("raw" or "tunebook"), none split off; raises as `read_corpus` does."""
    if form not in _CLEANERS:
        raise CorpusError(f"the form of a corpus is one of {', '.join(_CLEANERS)}, not {form!r}")
    tunes, _, _ = _cleaned(read_sources(files), form, files)
    return tunes


_CLEANERS = {"raw": raw_text, "tunebook": tunebook_text}


def _cleaned(sources: Sources, form: str, given: Sequence[str]) -> tuple[list[str], list[str], list[Drop]]:
    """The texts of the tunes that survive, what they are called, and the drops; raises CorpusError when none survives.

    given: how the user named the sources.
    """
    texts: list[str] = []
    names: list[str] = []
    earlier: set[str] = set()
    drops: list[Drop] = []
    for tune in sources.tunes:
        try:
            text = _cleaned_text(tune, form, earlier)
        except Dropped as reason:
            drops.append(Drop(tune.source, tune.number, str(reason)))
        else:
            texts.append(text)
            names.append(tune.name)
            earlier.add(text)
    if not texts:
        raise CorpusError(f"no tune survives in {', '.join(given)}: {_sentence(drops)}")
    return texts, names, drops


def _cleaned_text(tune: SourceTune, form: str, earlier: set[str]) -> str:
    """The tune in the given form; raises Dropped. In raw form a tune may stand twice, as it does in its file."""
    if tune.stray:
        raise Dropped(f"text outside {START} and {END}")
    text = _CLEANERS[form](tune.text)
    if form == "tunebook" and text in earlier:
        raise Dropped("same as an earlier tune")
    return text


def _sentence(drops: Sequence[Drop]) -> str:
    if not drops:
        return "no line begins with X: and none is <start>, so no tune begins anywhere"
    return ", ".join(f"{reason} ({count})" for reason, count in _reasons(drops).items())


def _reasons(drops: Sequence[Drop]) -> dict[str, int]:
    return dict(Counter(drop.reason for drop in drops).most_common())
