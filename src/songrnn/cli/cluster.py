"""The cluster that `--ray` names, for every command that takes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from songrnn.cluster.settings import ClusterSettings

if TYPE_CHECKING:
    from songrnn.cluster.connecting import Cluster
    from songrnn.corpus.corpus import Corpus


@contextmanager
def cluster_of(settings: ClusterSettings) -> "Iterator[Cluster | None]":
    """The cluster at the address of --ray, checked; None without one, and then no Ray is loaded."""
    if settings.ray is None:
        yield None
        return
    from songrnn.cluster.connecting import connected

    with connected(settings.ray) as cluster:
        yield cluster


def refuse_unreachable(cluster: "Cluster | None", corpus: "Corpus") -> None:
    """Raise ClusterError for a packed corpus that a node of the cluster lacks, before anything is written."""
    if cluster is None:
        return
    from songrnn.cluster.corpora import reachable

    reachable(cluster, corpus)
