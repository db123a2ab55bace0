"""Likeness to the tunebook: a classifier of training tunes and tunes that a network composes.

Definition: `score` is the logarithm of the odds that a tune is one of the tunebook and not one of the network's: the
sum of two logistic regressions. 0: even odds; higher is better. One regression uses sequences of 1 to 4 characters of
the text in one spelling and pairs of neighbouring notes, counted as in `two_sample.py` (1 + ln of the count, times
inverse document frequency, each tune scaled to length 1); the other uses the figures of the whole tune
(`tune_features.py`), each in BINS bins of about equally many tunes of the tunebook, since few figures are the better
the higher they are. A tune that cannot be read has only its characters.

It is trained on training tunes, never on held-out tunes, so that a two-sample test against those stays one; it has the
features of that test, not its classifiers: the boosted trees of `two_sample.py` have no part in it. Among several
candidates the one with the highest score is closest in distribution to the tunebook: choosing by a ratio of densities
is what rejection sampling does (Azadi et al., Discriminator Rejection Sampling, ICLR 2019). A score beyond those of
held-out tunes is no better than theirs: `composing/reranking.py` clips it, so that among very many candidates none
wins by an extreme.

The file is `safetensors` with the suffix .classifier: numbers, and text of how it was trained.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from songrnn.checkpoint import Description, place_of
from songrnn.errors import CheckpointError, CorpusError
from songrnn.evaluation.analysed import AnalysedTune, analyse
from songrnn.evaluation.form import bar_count
from songrnn.evaluation.tune_features import NGRAM_VIEWS, feature_table, tune_features
from songrnn.signed_arrays import read_signed, write_signed
from songrnn.storage import in_package

FORMAT_VERSION = 4
SUFFIX = ".classifier"
RAREST = 3
"""A sequence that occurs in fewer tunes is not learned."""
LEAST_TUNES = 5
"""Of each side."""
STRENGTHS = {"sequences": 3.0, "figures": 0.02}
"""Inverse regularisation: of several, those with which the best of eight was closest to held-out tunes."""
BINS = 8
FORM = ("ends on the tonic", "strains")
"""Figures that are above 0 for a tune with that form."""
USUAL = (0.01, 0.99)
"""Quantiles of held-out tunes between which a figure is usual. Composed tunes of `folk` have fewer bits per character
than human ones: a narrower range would leave few."""
USUAL_LENGTHS = (0.05, 0.95)
"""The same of bars: a hundredth of the held-out tunes of the model in the box have eight bars or fewer."""
NO_LIMITS = (-math.inf, math.inf)
MARGIN = 0.15
"""Candidates are ranked by a form before the score only if human tunes have it by so much more often. Without a margin
best of 4 ended on the tonic in 97 % of the tunes (human 80 %), and was easier to separate from human tunes."""
_METADATA = "songrnn-classifier"
_KINDS = {
    "keys": np.uint32,
    "rarity": np.float16,
    "weights": np.float16,
    "edges": np.float64,
    "bin_weights": np.float32,
    "biases": np.float32,
}
_RANGES = ("usual_bits", "usual_bars", "usual_scores")


@dataclass(frozen=True)
class Classifier:
    """The weights of a trained classifier.

    keys: [F] hashes of sequences, sorted. rarity, weights: [F] inverse document frequency and weight of each.
    figures: [N] names of figures of the whole tune. edges: [N, BINS - 1] upper edges of the bins of each but the last,
    ascending, infinite for bins that no tune is in. bin_weights: [N, BINS]. biases: [2] of both regressions.
    usual_bits, usual_bars, usual_scores: low and high of the bits per character that held-out tunes usually have under
    the network, of their bars as played, and of their scores; NaN, or without limit, where unknown. more_often: whether
    tunes of the tunebook end on the tonic, and whether they have strains of eight bars, by MARGIN more often than the
    network's. checkpoint: its digest. trained_on: which tunes, for display.
    """

    keys: NDArray[np.uint32]
    rarity: NDArray[np.float16]
    weights: NDArray[np.float16]
    edges: NDArray[np.float64]
    bin_weights: NDArray[np.float32]
    biases: NDArray[np.float32]
    usual_bits: tuple[float, float]
    checkpoint: str
    trained_on: str
    figures: tuple[str, ...]
    usual_bars: tuple[float, float] = NO_LIMITS
    usual_scores: tuple[float, float] = NO_LIMITS
    more_often: tuple[bool, bool] = (False, False)

    def score(self, analysed: AnalysedTune) -> float:
        """The logarithm of the odds that a tune is one of the tunebook."""
        sequences = Counter(sequence_hashes(analysed))
        known = np.array(sorted(sequences), dtype=np.uint32)
        places = np.minimum(np.searchsorted(self.keys, known), len(self.keys) - 1)
        found = self.keys[places] == known
        counts = np.array([sequences[int(key)] for key in known[found]])
        values = (1 + np.log(counts)) * self.rarity[places[found]]
        size = float(np.sqrt((values**2).sum())) or 1.0
        by_sequences = float(values @ self.weights[places[found]].astype(np.float64)) / size
        return by_sequences + self._score_of_figures(analysed) + float(self.biases.sum())

    def _score_of_figures(self, analysed: AnalysedTune) -> float:
        features = tune_features(analysed)
        figures = np.array([features[name] for name in self.figures])
        return float(binned(figures[None], self.edges)[0] @ self.bin_weights.ravel())

    @classmethod
    def train(
        cls,
        human: Sequence[AnalysedTune],
        composed: Sequence[AnalysedTune],
        *,
        usual_bits: tuple[float, float],
        checkpoint: str,
        trained_on: str = "",
    ) -> "Classifier":
        """Train a classifier of tunes of the tunebook and composed ones; 10,000 tunes take about a minute.

        usual_bits: see `Classifier`. checkpoint: digest of the checkpoint. Raises MissingExtra without scikit-learn,
        CorpusError where a side has fewer than LEAST_TUNES tunes.
        """
        from songrnn.evaluation.two_sample import require_scikit_learn

        require_scikit_learn()
        if min(len(human), len(composed)) < LEAST_TUNES:
            raise CorpusError(
                f"{len(human)} tunes of the tunebook and {len(composed)} composed ones are too few tunes to train a "
                f"classifier; it needs {LEAST_TUNES} of each"
            )
        from sklearn.linear_model import LogisticRegression

        tunes, sides = [*human, *composed], np.repeat([1, 0], [len(human), len(composed)])
        keys, rarity, table = _sequences(tunes)
        sequences = LogisticRegression(
            C=STRENGTHS["sequences"], class_weight="balanced", solver="liblinear", random_state=0
        )
        sequences.fit(table, sides)
        features, names = feature_table(tunes)
        edges = edges_of(features, features[sides == 1])
        figures = LogisticRegression(C=STRENGTHS["figures"], class_weight="balanced", max_iter=3000)
        figures.fit(binned(features, edges), sides)
        has = features[:, [names.index(name) for name in FORM]] > 0
        tonic, strains = has[sides == 1].mean(0) - has[sides == 0].mean(0) > MARGIN
        return cls(
            keys=keys,
            rarity=rarity.astype(np.float16),
            weights=sequences.coef_[0].astype(np.float16),
            edges=edges,
            bin_weights=figures.coef_[0].astype(np.float32).reshape(len(names), BINS),
            biases=np.array([sequences.intercept_[0], figures.intercept_[0]], dtype=np.float32),
            usual_bits=usual_bits,
            checkpoint=checkpoint,
            trained_on=trained_on,
            figures=tuple(names),
            more_often=(bool(tonic), bool(strains)),
        )

    def calibrated(self, held_out: Sequence[AnalysedTune]) -> "Classifier":
        """The classifier with the usual bars and scores of tunes that it was not trained on."""
        known = [analysed for analysed in held_out if analysed.tune is not None]
        if not known:
            return self
        bars = usual([bar_count(analysed.bars) for analysed in known], USUAL_LENGTHS)
        return replace(self, usual_bars=bars, usual_scores=usual([self.score(analysed) for analysed in known]))

    # ---- the file

    @classmethod
    def beside(cls, checkpoint: Path | str) -> "Classifier | None":
        """The classifier that lies beside a checkpoint; None where there is none, or one for another checkpoint.

        Raises CheckpointError for a file that is no classifier.
        """
        path = classifier_path(checkpoint)
        if not path.exists():
            return None
        classifier = cls.load(path)
        return classifier if classifier.checkpoint == Description.read(place_of(checkpoint)).digest else None

    @classmethod
    def load(cls, path: Path) -> "Classifier":
        """Raises CheckpointError for a file that cannot be read, is damaged or no classifier."""
        try:
            record, found = read_signed(path, _METADATA)
            content = json.loads(record)
            arrays: dict[str, Any] = {name: found[name] for name in _KINDS}
            ranges: dict[str, Any] = {name: _range(content[name]) for name in _RANGES}
            texts: dict[str, Any] = {name: content[name] for name in ("checkpoint", "trained_on")}
            if not all(isinstance(text, str) for text in texts.values()):
                raise TypeError("expected texts")  # noqa: TRY301  (reported below)
            tonic, strains = map(bool, content["more_often"])
            figures = tuple(content["figures"])
            classifier = cls(**arrays, **ranges, **texts, figures=figures, more_often=(tonic, strains))
            sound = content["format_version"] == FORMAT_VERSION and classifier._is_sound()
        except (ValueError, KeyError, TypeError, RecursionError):  # DamagedFile is a ValueError
            sound = False
        if not sound:
            remedy = "install songrnn again" if in_package(path) else "train it again: songrnn classifier CHECKPOINT"
            raise CheckpointError(f"{path} is not the classifier of a checkpoint; {remedy}")
        return classifier

    def _is_sound(self) -> bool:
        """Whether every array has the kind, size and range that it must have."""
        arrays = {name: getattr(self, name) for name in _KINDS}
        known, sequences, figures = set(tune_features(analyse(""))), self.keys.shape, len(self.figures)
        shapes = [*[sequences] * 3, (figures, BINS - 1), (figures, BINS), (2,)]
        return (
            [array.dtype for array in arrays.values()] == list(_KINDS.values())
            and [array.shape for array in arrays.values()] == shapes
            and len(sequences) == 1
            and len(self.keys) > 0
            and known.issuperset(self.figures)
            and bool((np.diff(self.keys.astype(np.int64)) > 0).all())
            and all(np.isfinite(array).all() for name, array in arrays.items() if name != "edges")
            and not np.isnan(self.edges).any()
            and not self.usual_bits[0] > self.usual_bits[1]
        )

    def save(self, path: Path) -> None:
        """Write to the side, then move; raises RunError if that is impossible."""
        content: dict[str, Any] = {
            "format_version": FORMAT_VERSION,
            **{name: getattr(self, name) for name in _RANGES},
            "checkpoint": self.checkpoint,
            "trained_on": self.trained_on,
            "more_often": self.more_often,
            "figures": self.figures,
        }
        arrays = {name: np.ascontiguousarray(getattr(self, name)) for name in _KINDS}
        write_signed(path, _METADATA, json.dumps(content), arrays)


def usual(figures: Sequence[float], quantiles: tuple[float, float] = USUAL) -> tuple[float, float]:
    """The usual range of a figure of tunes; NaN where there is none."""
    if not figures:
        return math.nan, math.nan
    low, high = np.quantile(figures, quantiles)
    return float(low), float(high)


def _range(pair: Sequence[float]) -> tuple[float, float]:
    low, high = map(float, pair)
    return low, high


def classifier_path(checkpoint: Path | str) -> Path:
    """Where the classifier of a checkpoint lies."""
    return place_of(checkpoint).with_suffix(SUFFIX)


def sequence_hashes(analysed: AnalysedTune) -> Iterator[int]:
    """A number of 32 bits for every sequence of characters and pair of notes in a tune."""
    for view, features in NGRAM_VIEWS.items():
        for feature in features(analysed):
            yield crc32(f"{view[0]}{feature}".encode())


def edges_of(figures: NDArray[np.float64], human: NDArray[np.float64]) -> NDArray[np.float64]:
    """[N, BINS - 1] upper edges of the bins of N figures of tunes, NaN where undefined.

    figures: [T, N] of all tunes; a figure with at most BINS values has a bin for each. human: those of the tunebook's
    tunes, about equally many of which are in each bin of any other. Edges that are not needed are infinite, at the end.
    """
    edges = np.full((figures.shape[1], BINS - 1), math.inf)
    for row, column, of_human in zip(edges, figures.T, human.T, strict=True):
        defined, human_values = column[~np.isnan(column)], of_human[~np.isnan(of_human)]
        values = np.unique(defined)
        if len(values) <= BINS:
            found = (values[1:] + values[:-1]) / 2
        else:
            binned_tunes = human_values if len(human_values) else defined
            found = np.unique(np.quantile(binned_tunes, np.arange(1, BINS) / BINS, method="midpoint"))
        row[: len(found)] = found
    return edges


def binned(figures: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """[T, N * BINS]: 1 for the bin of each of [T, N] figures, else 0; an undefined figure is in none."""
    places = (figures[..., None] > edges).sum(-1)
    return np.where(np.isnan(figures)[..., None], 0.0, np.eye(BINS)[places]).reshape(len(figures), -1)


def _sequences(tunes: Iterable[AnalysedTune]) -> tuple[NDArray[np.uint32], NDArray[np.float64], Any]:
    """Keys and rarity of the sequences, and a sparse table [N, F] of their values, each tune scaled to length 1."""
    from scipy.sparse import csr_matrix

    counts = [Counter(sequence_hashes(tune)) for tune in tunes]
    spread = Counter(key for count in counts for key in count)
    keys = np.array(sorted(key for key, in_tunes in spread.items() if in_tunes >= RAREST), dtype=np.uint32)
    place = {int(key): index for index, key in enumerate(keys)}
    rarity = np.array([math.log((1 + len(counts)) / (1 + spread[int(key)])) + 1 for key in keys])
    begins, columns, values = [0], list[int](), list[float]()
    for count in counts:
        known = [(place[key], 1 + math.log(times)) for key, times in count.items() if key in place]
        weighed = np.array([value * rarity[column] for column, value in known])
        columns += [column for column, _ in known]
        values += (weighed / (float(np.sqrt((weighed**2).sum())) or 1.0)).tolist()
        begins.append(len(columns))
    return keys, rarity, csr_matrix((values, columns, begins), shape=(len(counts), len(keys)))
