"""Composing on a cluster: the tunes of a request in their order, each a function of its seed and number.

A shard is a range of these numbers, and a task. The command takes the shards in order and appends them to its one file
with its one record, as it does with tunes of its own (`composing/bulk.py`): so each tune is written once, a stopped
command resumes after the last tune on the disk, and the file is that of one machine, byte for byte. Every node computes
with the kernel and precision of this machine's engine, because others may draw other characters.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from songrnn.checkpoint import SUFFIX, Checkpoint, place_of
from songrnn.cluster.connecting import Cluster
from songrnn.cluster.files import Files, digest_of, files_beside, temporary_folder, write_files
from songrnn.cluster.running import Task, results_in_order
from songrnn.composing.companions import Companions
from songrnn.composing.composer import Composer
from songrnn.composing.composition import Composition
from songrnn.composing.request import Request
from songrnn.engines.settings import EngineSettings
from songrnn.engines.types import EngineUsed
from songrnn.errors import OriginalityError

if TYPE_CHECKING:
    from songrnn.rendering.render import Mark

LARGEST_SHARD = 1_000  # candidates; a few seconds on one core
SHARDS_A_CORE = 8  # at least, where there are enough tunes, so that all cores end at about the same time
AHEAD = 4  # shards for each core that are begun and not yet written


@dataclass(frozen=True)
class ShardTune:
    """What a file takes of a `Composition`, without its record of every character."""

    title: str
    text: str
    remark: str
    composed_characters: int
    highlights: "tuple[Mark, ...]" = ()

    def abc(self) -> str:
        """The tune as ABC, as `Composition.abc`."""
        return self.text


@dataclass(frozen=True)
class Shard:
    """A task: the tunes begin..end of a request.

    digest: of the files of the network. highlighted: whether the tunes are rendered.
    """

    request: Request
    computing: EngineSettings
    digest: str
    begin: int
    end: int
    highlighted: bool


@dataclass(frozen=True)
class ShardResult:
    """The tunes of a shard; where one could not be composed, those before it, and why."""

    tunes: tuple[ShardTune, ...]
    error: OriginalityError | None = None


class ClusterComposer:
    """Composes the requests of a composer on a cluster. checkpoint: its path. highlighted: for rendering."""

    def __init__(self, cluster: Cluster, composer: Composer, checkpoint: Path, *, highlighted: bool = False) -> None:
        self._cluster, self._composer, self._highlighted = cluster, composer, highlighted
        files = files_beside(place_of(checkpoint))
        self._files = cluster.put(files)
        self._digest = digest_of(files)
        self._computing = computing_as(composer.engine.used)

    def compose_request(self, request: Request, *, skipped: int = 0) -> Iterator[ShardTune]:
        """The tunes of a request but the first `skipped`, in order; raises what `Composer.compose_request` raises."""
        request = request.with_seed()
        self._composer.compose_request(request, skipped=skipped)  # raises for a wrong request; composes nothing
        candidates = self._composer.candidates_of(request)  # the default depends on the count, which a shard changes
        request = request.model_copy(update={"best_of": candidates})
        shards = self._shards(request, skipped, LARGEST_SHARD // candidates)
        jobs = (Task(compose_shard, (self._files, shard)) for shard in shards)
        return self._tunes(jobs)

    def _tunes(self, jobs: Iterator[Task]) -> Iterator[ShardTune]:
        for result in results_in_order(self._cluster, jobs, ahead=AHEAD * self._cluster.cores):
            yield from result.tunes
            if result.error is not None:
                raise result.error

    def _shards(self, request: Request, skipped: int, largest: int) -> Iterator[Shard]:
        left = request.count - skipped
        fair = -(-left // (SHARDS_A_CORE * max(1, self._cluster.cores)))
        size = max(1, min(fair, largest))
        for begin in range(skipped, request.count, size):
            end = min(begin + size, request.count)
            yield Shard(request, self._computing, self._digest, begin, end, self._highlighted)


def computing_as(used: EngineUsed) -> EngineSettings:
    """The settings with which every node computes as the engine here does, on one core for each task."""
    kernel = used.kernel if used.engine == "native" else ""
    return EngineSettings(**used.as_json() | {"kernel": kernel, "threads": 1})


def compose_shard(files: Files, shard: Shard) -> ShardResult:
    """Compose the tunes of one shard, in a process of a node. files: the checkpoint and its companions."""
    composer = _composer(files, shard)
    tunes: list[ShardTune] = []
    try:
        request = shard.request.model_copy(update={"count": shard.end})
        for made in composer.compose_request(request, skipped=shard.begin):
            tunes.append(_tune(made, shard))  # noqa: PERF401  (what was composed before an error is kept)
    except OriginalityError as error:
        return ShardResult(tuple(tunes), error)
    return ShardResult(tuple(tunes))


def _tune(made: Composition, shard: Shard) -> ShardTune:
    return ShardTune(
        made.title,
        made.abc(),
        made.remark if shard.request.originality.original is not None else "",
        made.composed_characters,
        made.highlights if shard.highlighted else (),
    )


_OPENED: dict[tuple[str, EngineSettings], Composer] = {}
"""The composer of this process, which the next shard of the same network uses again."""


def _composer(files: Files, shard: Shard) -> Composer:
    key = (shard.digest, shard.computing)
    if key not in _OPENED:
        _OPENED.clear()
        with temporary_folder() as folder:
            write_files(files, folder)
            path = next(folder.glob(f"*{SUFFIX}"))
            composer = Composer(Checkpoint.load(path), shard.computing)
            composer.companions = Companions(path)
            _ = composer.companions.melodies, composer.companions.classifier  # read, before the files are removed
        _OPENED[key] = composer
    return _OPENED[key]
