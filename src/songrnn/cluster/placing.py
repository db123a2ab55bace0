"""Cores for processes that work together: reserved at once or not at all, and given back with all that runs on them.

Tasks that are begun one by one can wait for each other without end: one has a core and waits for its partner, which
waits for that core. Ray grants a placement group whole; and when it is removed, Ray ends what still runs in it. (That
is also the safe way to end a task: `ray.cancel` with `force` ends the process that calls it where the task returns at
that moment, "Tried to complete task that was not pending" in Ray 2.60.)
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from songrnn.cluster.connecting import Cluster
from songrnn.errors import ClusterError

FREE_SECONDS = 600.0
"""Until cores that the cluster has are free."""
POLL_SECONDS = 1.0


@dataclass(frozen=True)
class ReservedCores:
    """Cores of one process. group: Ray's placement group; index: of the bundle in it."""

    group: Any
    index: int
    cores: int


@contextmanager
def places_for(
    cluster: Cluster, wanted: int, cores: int, *, check: Callable[[], None]
) -> Iterator[list[ReservedCores]]:
    """Places of `cores` cores each: `wanted`, or as many as the cluster has cores for; the first is on this machine.

    check: called every second until they are free; what it raises ends the waiting. Raises ClusterError where they are
    not free within `FREE_SECONDS`.
    """
    group, bundles = _reserved(cluster, wanted, cores, check)
    try:
        yield [ReservedCores(group, index, int(bundle.get("CPU", 0))) for index, bundle in enumerate(bundles)]
    finally:
        give_back(cluster, group)


def strategy_of(place: ReservedCores) -> Any:
    """The option of a task that binds it to a place."""
    from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

    return PlacementGroupSchedulingStrategy(place.group, placement_group_bundle_index=place.index)


def give_back(cluster: Cluster, group: Any) -> None:
    """End whatever runs in a placement group, and free its cores; a cluster that has ended needs no such request."""
    from ray.util import remove_placement_group

    if not cluster.silent:
        remove_placement_group(group)


def _reserved(
    cluster: Cluster, wanted: int, cores: int, check: Callable[[], None]
) -> tuple[Any, list[dict[str, float]]]:
    """A placement group that was granted, and its bundles; another size is tried when nodes are lost or come."""
    from ray.util import placement_group

    deadline = time.monotonic() + FREE_SECONDS
    while True:
        size = _size(cluster, wanted, cores)
        bundles = _bundles(cluster, size, cores)
        group = placement_group(bundles, strategy="PACK")
        try:
            while size == _size(cluster, wanted, cores):
                if cluster.ray.wait([group.ready()], timeout=POLL_SECONDS)[0]:
                    return group, bundles
                cluster.check()
                check()
                _refuse_after(deadline, f"{size * cores} cores of the Ray cluster at {cluster.address}")
        except BaseException:
            give_back(cluster, group)
            raise
        give_back(cluster, group)


def _size(cluster: Cluster, wanted: int, cores: int) -> int:
    return max(1, min(wanted, cluster.cores // cores))


def _refuse_after(deadline: float, what: str) -> None:
    if time.monotonic() > deadline:
        raise ClusterError(
            f"{what} were not free within {FREE_SECONDS:g} seconds; `ray status` says how many are in use. Try again "
            "when they are free"
        )


def _bundles(cluster: Cluster, size: int, cores: int) -> list[dict[str, float]]:
    """What Ray has to reserve for each process; this machine may have fewer cores, even none."""
    here = cluster.here
    own = min(cores, here.cores)
    first = {f"node:{here.address}": 0.001} | ({"CPU": float(own)} if own else {})
    return [first, *({"CPU": float(cores)} for _ in range(size - 1))]
