"""How much a tune looks like one of the tunebook: a classifier trained on the tunebook and on what a network composes.

Definition: `score` is the logarithm of the odds that a tune is one of the tunebook and not one of the network's: the
sum of two logistic regressions. 0: either way; higher is better. One regression uses sequences of 1 to 4 characters
and pairs of neighbouring notes, counted as in `two_sample.py` (1 + ln of the count, times inverse document frequency,
each tune scaled to length 1); the other uses form: whether the tune ends on its tonic, has strains of eight bars,
AABB, and how long it is. A tune that cannot be read has only its characters.

It is trained on training tunes, never on those that are held out, so that a two-sample test against held-out tunes
stays one. Among several candidates the one that it takes for a tune of the tunebook is closest in distribution to the
tunebook: choosing by a ratio of densities is what rejection sampling does (Azadi et al., Discriminator Rejection
Sampling, ICLR 2019).

The file is `safetensors` with the suffix .classifier: numbers, and text of how it was made.
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

from songrnn.checkpoint import DIGEST_KEY, Description, digest, place_of
from songrnn.errors import CheckpointError, CorpusError
from songrnn.evaluation.analysed import AnalysedTune
from songrnn.evaluation.form import bar_count, form_of
from songrnn.evaluation.key import ends_on_tonic
from songrnn.evaluation.two_sample import VIEWS, require_scikit_learn
from songrnn.storage import in_package, write_whole

FORMAT_VERSION = 2
SUFFIX = ".classifier"
RAREST = 3
"""A feature of fewer tunes is not learned."""
LEAST_TUNES = 5
"""Fewer of one side teach nothing."""
STRENGTHS = {"details": 3.0, "form": 1.0}
"""Inverse regularisation: of several, the ones whose choice among eight was hardest to tell from held-out tunes."""
LENGTHS = (16, 24, 32, 40, 64)
"""Bars as played, between which lengths are told apart."""
TONIC, STRAINS = 0, 1
"""Places in `form_features`."""
FORM_SIZE = 3 + len(LENGTHS) + 1
USUAL = (0.01, 0.99)
"""Quantiles of held-out tunes between which a figure is usual. What the model in the box composes is surer than people:
a narrower range of bits per character would leave few."""
USUAL_LENGTHS = (0.05, 0.95)
"""The same of bars: a hundredth of the held-out tunes of the model in the box have eight bars or fewer."""
NO_LIMITS = (-math.inf, math.inf)
_METADATA = "songrnn-classifier"
_KINDS = {"keys": np.uint32, "rarity": np.float16, "weights": np.float16, "form": np.float32, "biases": np.float32}
_RANGES = ("usual_bits", "usual_bars", "usual_scores")


@dataclass(frozen=True)
class Classifier:
    """What it has learned.

    keys: [F] hashes of features, sorted. rarity, weights: [F] inverse document frequency and weight of each. form:
    [FORM_SIZE] weights of `form_features`. biases: [2] of both regressions. usual_bits, usual_bars, usual_scores:
    low and high of the bits per character that held-out tunes usually have under the network, of their bars as played,
    and of their scores; NaN, or without limit, where that is not known. checkpoint: its digest. taught: how, for
    people.
    """

    keys: NDArray[np.uint32]
    rarity: NDArray[np.float16]
    weights: NDArray[np.float16]
    form: NDArray[np.float32]
    biases: NDArray[np.float32]
    usual_bits: tuple[float, float]
    checkpoint: str
    taught: str
    usual_bars: tuple[float, float] = NO_LIMITS
    usual_scores: tuple[float, float] = NO_LIMITS

    def score(self, analysed: AnalysedTune) -> float:
        """The logarithm of the odds that a tune is one of the tunebook."""
        details = Counter(hashes(analysed))
        known = np.array(sorted(details), dtype=np.uint32)
        places = np.minimum(np.searchsorted(self.keys, known), len(self.keys) - 1)
        found = self.keys[places] == known
        counts = np.array([details[int(key)] for key in known[found]])
        values = (1 + np.log(counts)) * self.rarity[places[found]]
        size = float(np.sqrt((values**2).sum())) or 1.0
        heard_details = float(values @ self.weights[places[found]].astype(np.float64)) / size
        return heard_details + float(form_features(analysed) @ self.form) + float(self.biases.sum())

    @classmethod
    def teach(
        cls,
        human: Sequence[AnalysedTune],
        composed: Sequence[AnalysedTune],
        *,
        usual_bits: tuple[float, float],
        checkpoint: str,
        taught: str = "",
    ) -> "Classifier":
        """Learn to tell tunes of the tunebook from composed ones.

        usual_bits: see `Classifier`. checkpoint: digest of the checkpoint. Raises MissingExtra without scikit-learn,
        CorpusError where a side has fewer than LEAST_TUNES tunes.
        """
        require_scikit_learn()
        if min(len(human), len(composed)) < LEAST_TUNES:
            raise CorpusError(
                f"{len(human)} tunes of the tunebook and {len(composed)} composed ones are too few tunes to teach a "
                f"classifier; it needs {LEAST_TUNES} of each"
            )
        from sklearn.linear_model import LogisticRegression

        tunes, sides = [*human, *composed], np.repeat([1, 0], [len(human), len(composed)])
        keys, rarity, table = _details(tunes)
        details = LogisticRegression(
            C=STRENGTHS["details"], class_weight="balanced", solver="liblinear", random_state=0
        )
        details.fit(table, sides)
        form = LogisticRegression(C=STRENGTHS["form"], class_weight="balanced")
        form.fit(np.array([form_features(tune) for tune in tunes]), sides)
        return cls(
            keys=keys,
            rarity=rarity.astype(np.float16),
            weights=details.coef_[0].astype(np.float16),
            form=form.coef_[0].astype(np.float32),
            biases=np.array([details.intercept_[0], form.intercept_[0]], dtype=np.float32),
            usual_bits=usual_bits,
            checkpoint=checkpoint,
            taught=taught,
        )

    def used_to(self, held_out: Sequence[AnalysedTune]) -> "Classifier":
        """The same, knowing how long tunes are and how it scores those that it has not learned from."""
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
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, framework="numpy") as file:
                metadata = file.metadata() or {}
                arrays = {name: file.get_tensor(name) for name in _KINDS}
            content = json.loads(metadata[_METADATA])
            ranges: dict[str, Any] = {name: _range(content[name]) for name in _RANGES}
            if not isinstance(content["checkpoint"], str) or not isinstance(content["taught"], str):
                raise TypeError("texts are wanted")  # noqa: TRY301  (it is told below)
            classifier = cls(**arrays, **ranges, checkpoint=content["checkpoint"], taught=content["taught"])
            whole = digest(metadata[_METADATA], arrays) == metadata[DIGEST_KEY]
            sound = whole and content["format_version"] == FORMAT_VERSION and classifier._is_sound()
        except (OSError, SafetensorError, ValueError, KeyError, TypeError, RecursionError):
            sound = False
        if not sound:
            remedy = "install songrnn again" if in_package(path) else "make it again: songrnn classifier CHECKPOINT"
            raise CheckpointError(f"{path} is not the classifier of a checkpoint; {remedy}")
        return classifier

    def _is_sound(self) -> bool:
        """Whether every array has the kind, size and range that it must have."""
        arrays = {name: getattr(self, name) for name in _KINDS}
        if any(array.dtype != _KINDS[name] or array.ndim != 1 for name, array in arrays.items()):
            return False
        sizes = {len(self.keys), len(self.rarity), len(self.weights)}
        return (
            len(sizes) == 1
            and len(self.keys) > 0
            and (len(self.form), len(self.biases)) == (FORM_SIZE, 2)
            and bool((np.diff(self.keys.astype(np.int64)) > 0).all())
            and all(np.isfinite(array).all() for array in arrays.values())
            and not self.usual_bits[0] > self.usual_bits[1]
        )

    def save(self, path: Path) -> None:
        """Write to the side, then move; raises RunError if that is impossible."""
        from safetensors.numpy import save

        content: dict[str, Any] = {
            "format_version": FORMAT_VERSION,
            **{name: getattr(self, name) for name in _RANGES},
            "checkpoint": self.checkpoint,
            "taught": self.taught,
        }
        arrays = {name: np.ascontiguousarray(getattr(self, name)) for name in _KINDS}
        record = json.dumps(content)
        write_whole(path, save(arrays, {_METADATA: record, DIGEST_KEY: digest(record, arrays)}))


def usual(figures: Sequence[float], quantiles: tuple[float, float] = USUAL) -> tuple[float, float]:
    """Between which values a figure of tunes usually lies; NaN where there is none."""
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


def hashes(analysed: AnalysedTune) -> Iterator[int]:
    """A number of 32 bits for every sequence of characters and pair of notes in a tune."""
    for view, features in VIEWS.items():
        for feature in features(analysed):
            yield crc32(f"{view[0]}{feature}".encode())


def form_features(analysed: AnalysedTune) -> NDArray[np.float64]:
    """[FORM_SIZE] of a tune: ends on the tonic, has strains, AABB, and one of the lengths; a form it has not is 0."""
    form, bars = form_of(analysed.bars), bar_count(analysed.bars)
    lengths = [0.0] * (len(LENGTHS) + 1)
    lengths[sum(bars > length for length in LENGTHS)] = 1.0
    return np.array([float(ends_on_tonic(analysed) == 1), float(form != ""), float(form == "AABB"), *lengths])


def _details(tunes: Iterable[AnalysedTune]) -> tuple[NDArray[np.uint32], NDArray[np.float64], Any]:
    """Keys and rarity of the features, and a sparse table [N, F] of their values, each tune scaled to length 1."""
    from scipy.sparse import csr_matrix

    counts = [Counter(hashes(tune)) for tune in tunes]
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
