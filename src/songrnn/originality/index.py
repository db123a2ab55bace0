"""The melodies of a training corpus in every key at once, in a compact file beside the checkpoint: `Index`.

A melody is kept as hashes: of every WINDOW steps in a row, in semitones, one number of 16 bits. A tune in another key
has the same steps, so it has the same hashes. A run that two tunes share is a chain of windows that are equal one after
the other; CHAIN windows make the shortest that counts, SHORTEST_RUN notes. With n windows in a tune and N in the index,
chance alone makes a false chain with a probability below n * N / 2^(16 * CHAIN): in one of six million tunes of a
hundred notes, with the 420,000 windows of `folk`. It makes a true chain one note longer at either end once in 65,536.

Each note has its duration, as a number in a table, and every PITCH_EVERY-th note its pitch, which shows
how far a run was transposed. The held-out tunes are in it too, without names: a network cannot have copied
what they have.

The file is `safetensors` with the suffix .melodies: text and numbers, nothing that can run.
"""

import json
from collections.abc import Callable, Iterable, Sequence, Sized
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from songrnn.checkpoint import Description, place_of
from songrnn.corpus.variants import group_variants
from songrnn.errors import OriginalityError
from songrnn.originality.melody import Melody, melody_of
from songrnn.signed_arrays import DamagedFile, read_signed, write_signed
from songrnn.storage import in_package

FORMAT_VERSION = 1
SUFFIX = ".melodies"
WINDOW = 6
CHAIN = 3
SHORTEST_RUN = WINDOW + CHAIN
"""Notes: CHAIN windows of WINDOW steps are WINDOW + CHAIN - 1 steps."""
PITCH_EVERY = 8
HELD_OUT = -1
"""The family of a held-out tune."""

_METADATA_KEY = "songrnn-melodies"
_HASHES = 1 << 16
_RARE = 0  # the code of a duration that has no place in the table, and the value at that place
_KINDS = {
    "windows": np.uint16,
    "durations": np.uint8,
    "pitches": np.uint8,
    "lengths": np.uint32,
    "families": np.int32,
    "duration_table": np.uint32,
    "names": np.uint8,
    "held_out_bits": np.float32,
}


class NamedText(NamedTuple):
    """A tune and its name."""

    name: str
    text: str


class Chains(NamedTuple):
    """C stretches of shared steps, none of which can be extended at either end.

    first: [C] the first note in the queried melody. notes: [C] how many. tune: [C] the tune of the index.
    place: [C] the first note in that tune.
    """

    first: NDArray[np.int64]
    notes: NDArray[np.int64]
    tune: NDArray[np.int64]
    place: NDArray[np.int64]


@dataclass(frozen=True)
class Index:
    """The melodies of M tunes with P notes in all, training tunes first.

    windows:   [W] hash of each window of each tune; a tune of n notes has max(0, n - WINDOW).
    durations: [P] places in duration_table. duration_table: in ticks; 0 at place 0, for durations that are in no table.
    pitches:   MIDI numbers of the notes 0, PITCH_EVERY, 2 * PITCH_EVERY, ... of each tune.
    lengths:   [M] notes in each tune.
    families:  [M] tunes of one number are variants of one melody; HELD_OUT for held-out tunes.
    names:     the name of each training tune.
    corpus:    `Corpus.sha256` of what it was made from; "" for a bare list of tunes.
    held_out_bits: bits per character of each validation tune, in order, as the network of the checkpoint with the
               digest `bits_of` predicts it; empty where none was computed.
    """

    windows: NDArray[np.uint16]
    durations: NDArray[np.uint8]
    pitches: NDArray[np.uint8]
    lengths: NDArray[np.uint32]
    families: NDArray[np.int32]
    duration_table: NDArray[np.uint32]
    names: tuple[str, ...]
    corpus: str = ""
    held_out_bits: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    bits_of: str = ""

    @classmethod
    def build(
        cls,
        training: Sequence[NamedText],
        held_out: Sequence[str] = (),
        *,
        corpus: str = "",
        progress: Callable[[Sequence[str]], Iterable[str]] = iter,
    ) -> "Index":
        """The index of training tunes, and of held-out tunes, which define common stock; 2 to 4 ms a tune.

        progress: takes all texts and yields them one by one as they are read.
        """
        texts = [tune.text for tune in training]
        families = np.zeros(len(texts), dtype=np.int32)
        for number, family in enumerate(group_variants(texts)):
            families[family] = number
        melodies = [melody_of(text) for text in progress([*texts, *held_out])]
        return cls.of_melodies([tune.name for tune in training], melodies, families.tolist(), corpus=corpus)

    @classmethod
    def of_melodies(
        cls, names: Sequence[str], melodies: Sequence[Melody], families: Sequence[int], *, corpus: str = ""
    ) -> "Index":
        """The index of melodies, of which the first are those of the training tunes `names`, of these families."""
        codes, table = _coded(np.concatenate([np.zeros(0, np.int64), *(melody.durations for melody in melodies)]))
        return cls(
            windows=np.concatenate([np.zeros(0, np.uint16), *(hashes(melody.pitches) for melody in melodies)]),
            durations=codes,
            pitches=np.concatenate(
                [np.zeros(0, np.int64), *(melody.pitches[::PITCH_EVERY].clip(0, 255) for melody in melodies)]
            ).astype(np.uint8),
            lengths=np.array([len(melody) for melody in melodies], dtype=np.uint32),
            families=np.array([*families, *[HELD_OUT] * (len(melodies) - len(names))], dtype=np.int32),
            duration_table=table,
            names=tuple(names),
            corpus=corpus,
        )

    def joined(self, earlier: "Index") -> "Index":
        """The training tunes of both, for a network that was first trained on `earlier`; of this corpus.

        No held-out tunes: one that the later training held out may be a training tune of the earlier one.
        """
        both = self._training_alone(), earlier._training_alone()
        codes, table = _coded(np.concatenate([one.durations_at(np.arange(len(one.durations))) for one in both]))
        return replace(
            self,
            windows=np.concatenate([one.windows for one in both]),
            durations=codes,
            pitches=np.concatenate([one.pitches for one in both]),
            lengths=np.concatenate([one.lengths for one in both]),
            families=np.concatenate([both[0].families, both[1].families + np.int32(len(self.lengths))]),
            duration_table=table,
            names=(*self.names, *earlier.names),
        )

    def _training_alone(self) -> "Index":
        """The training tunes, which come first, without the held-out ones."""
        lengths = self.lengths[: len(self.names)]
        return replace(
            self,
            windows=self.windows[: int(_windows_of(lengths).sum())],
            durations=self.durations[: int(lengths.sum())],
            pitches=self.pitches[: int(_pitches_of(lengths).sum())],
            lengths=lengths,
            families=self.families[: len(lengths)],
        )

    @classmethod
    def beside(cls, checkpoint: Path | str) -> "Index | None":
        """The index of a checkpoint, or of a model in the box by its name; None where there is none.

        Raises OriginalityError for a damaged one, or one of other tunes than the training tunes; CheckpointError.
        """
        path = index_path(checkpoint)
        if not path.is_file():
            return None
        index, learned = cls.load(path), Description.read(checkpoint).training.get("corpus", {}).get("sha256")
        if index.corpus != learned:
            raise _unusable(path, f"is of another corpus than {place_of(checkpoint)} has learned")
        return index

    @classmethod
    def load(cls, path: Path) -> "Index":
        """Read and check the file; raises OriginalityError if it is not a complete index of this version."""
        try:
            record, arrays = read_signed(path, _METADATA_KEY)
        except DamagedFile as error:
            raise _unusable(path, str(error)) from error
        try:
            return cls._of_file(json.loads(record), arrays)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _unusable(path, f"has contents that do not fit together ({error})") from error

    @classmethod
    def _of_file(cls, record: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> "Index":
        """The index in a file's contents; raises ValueError, KeyError or TypeError where `save` did not write them."""
        if record["format_version"] != FORMAT_VERSION:
            raise ValueError(f"format version {record['format_version']}, not {FORMAT_VERSION}")
        for name, kind in _KINDS.items():
            if arrays[name].dtype != kind or arrays[name].ndim != 1:
                raise ValueError(f"{name} as {arrays[name].dtype} {list(arrays[name].shape)}")
        tunes, corpus, bits_of = record["tunes"], record["corpus"], record["bits_of"]
        if not (type(tunes) is int and isinstance(corpus, str) and isinstance(bits_of, str)):
            raise TypeError("a record of other types")
        names = arrays["names"].tobytes().decode("utf-8").split("\n")[:tunes]
        values = {name: arrays[name] for name in _KINDS if name != "names"}
        index = cls(names=tuple(names), corpus=corpus, bits_of=bits_of, **values)
        index._check(tunes)
        return index

    def _check(self, tunes: int) -> None:
        """Raise ValueError where lengths or ranges of the arrays do not agree."""
        sizes: dict[str, tuple[Sized, int]] = {
            "windows": (self.windows, _windows_of(self.lengths).sum()),
            "durations": (self.durations, self.lengths.sum(dtype=np.int64)),
            "pitches": (self.pitches, _pitches_of(self.lengths).sum()),
            "families": (self.families, len(self.lengths)),
            "names": (self.names, tunes),
        }
        for name, (values, wanted) in sizes.items():
            if len(values) != wanted:
                raise ValueError(f"{len(values)} {name}, not {wanted}")
        training, held_out = self.families[:tunes], self.families[tunes:]
        in_range = {
            "lengths": 0 <= tunes <= len(self.lengths),
            "families": (training >= 0).all() and (held_out == HELD_OUT).all(),
            "durations": self.durations.max(initial=0) < len(self.duration_table),
            "held_out_bits": np.isfinite(self.held_out_bits).all() and self.held_out_bits.min(initial=0) >= 0,
        }
        for name, right in in_range.items():
            if not right:
                raise ValueError(f"{name} out of range")

    def save(self, path: Path) -> None:
        """Write the file whole (`storage.write_whole`); raises RunError where that is impossible."""
        record = json.dumps(
            {
                "format_version": FORMAT_VERSION,
                "tunes": len(self.names),
                "corpus": self.corpus,
                "bits_of": self.bits_of,
            }
        )
        named = {"names": np.frombuffer("\n".join(self.names).encode("utf-8"), dtype=np.uint8)}
        values: dict[str, NDArray[Any]] = {**vars(self), **named}
        arrays = {name: np.ascontiguousarray(values[name], dtype=kind) for name, kind in _KINDS.items()}
        write_signed(path, _METADATA_KEY, record, arrays)

    def chains(self, melody: Melody) -> Chains:
        """All stretches of SHORTEST_RUN notes or more that the melody shares with a tune, in some key."""
        requested = hashes(melody.pitches).astype(np.int64)
        counts = self._starts[requested + 1] - self._starts[requested]
        first = np.repeat(np.arange(len(requested)), counts)
        within = np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts, counts)
        window = self._order[np.repeat(self._starts[requested], counts) + within].astype(np.int64)
        along = np.argsort((window - first) * np.int64(len(requested) + 1) + first)  # one alignment after the other
        first, window = first[along], window[along]
        tune = np.searchsorted(self._first_windows, window, side="right") - 1
        goes_on = (np.diff(first) == 1) & (np.diff(window) == 1) & (np.diff(tune) == 0)
        begins = np.flatnonzero(np.concatenate([[True], ~goes_on])) if len(first) else np.zeros(0, dtype=np.int64)
        length = np.diff(np.append(begins, len(first)))
        begins, length = begins[length >= CHAIN], length[length >= CHAIN]
        tune = tune[begins]
        return Chains(first[begins], length + WINDOW, tune, window[begins] - self._first_windows[tune])

    def durations_at(self, notes: NDArray[np.int64]) -> NDArray[np.int64]:
        """[N] the durations in ticks of the notes, counted through the whole index; 0 for a rare one."""
        return self._table[self.durations[notes]]

    def transposed_by(self, pitches: NDArray[np.int64], tune: int, place: int) -> int:
        """How many semitones higher `pitches` are than the same run in the tune, where it begins at note `place`."""
        known = -(-place // PITCH_EVERY)
        return int(pitches[known * PITCH_EVERY - place]) - int(self.pitches[self._first_pitches[tune] + known])

    @cached_property
    def first_notes(self) -> NDArray[np.int64]:
        """[M] where each tune's notes begin among all notes."""
        return _begins(self.lengths)

    @cached_property
    def _first_windows(self) -> NDArray[np.int64]:
        return _begins(_windows_of(self.lengths))

    @cached_property
    def _first_pitches(self) -> NDArray[np.int64]:
        return _begins(_pitches_of(self.lengths))

    @cached_property
    def _order(self) -> NDArray[np.int32]:
        """[W] the windows by their hashes."""
        return np.argsort(self.windows, kind="stable").astype(np.int32)

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        """For each hash, where in `_order` its windows begin; one more for the end."""
        return np.concatenate([[0], np.cumsum(np.bincount(self.windows, minlength=_HASHES))])

    @cached_property
    def _table(self) -> NDArray[np.int64]:
        return self.duration_table.astype(np.int64)


def index_path(checkpoint: Path | str) -> Path:
    """The path of a checkpoint's index: checkpoint.safetensors -> checkpoint.melodies beside it."""
    return place_of(checkpoint).with_suffix(SUFFIX)


def hashes(pitches: NDArray[np.int64]) -> NDArray[np.uint16]:
    """[max(0, N - WINDOW)] one number for the WINDOW steps from each of N notes on; equal in every key."""
    if len(pitches) <= WINDOW:
        return np.zeros(0, dtype=np.uint16)
    steps = np.diff(pitches).astype(np.uint64)  # negative ones wrap round, each to its own number
    windows = np.lib.stride_tricks.sliding_window_view(steps, WINDOW)
    mixed = np.full(len(windows), 0x9E3779B97F4A7C15, dtype=np.uint64)
    for column in windows.T:  # the finaliser of splitmix64 (Steele, Lea & Flood 2014) after each step
        mixed = (mixed ^ column) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(48)).astype(np.uint16)


def _coded(durations: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    """Durations in ticks as places in a table, and the table: 0, then the commonest 255 at most, ascending."""
    values, counts = np.unique(durations[durations > 0], return_counts=True)
    commonest = np.argsort(-counts, kind="stable")[: np.iinfo(np.uint8).max]
    table = np.concatenate([[_RARE], np.sort(values[commonest])])
    codes = np.searchsorted(table, durations).clip(max=len(table) - 1)
    return np.where(table[codes] == durations, codes, _RARE).astype(np.uint8), table.astype(np.uint32)


def _windows_of(lengths: NDArray[np.uint32]) -> NDArray[np.int64]:
    return np.maximum(lengths.astype(np.int64) - WINDOW, 0)


def _pitches_of(lengths: NDArray[np.uint32]) -> NDArray[np.int64]:
    return (lengths.astype(np.int64) + PITCH_EVERY - 1) // PITCH_EVERY


def _begins(sizes: NDArray[np.integer]) -> NDArray[np.int64]:
    ends: NDArray[np.int64] = np.cumsum(sizes, dtype=np.int64)
    return ends - sizes


def _unusable(path: Path, reason: str) -> OriginalityError:
    if in_package(path):
        return OriginalityError(f"{path} {reason}; it came with songrnn: install songrnn again")
    return OriginalityError(
        f"{path} {reason}; delete it, and this makes it again: songrnn originality TUNES --against CHECKPOINT"
    )
