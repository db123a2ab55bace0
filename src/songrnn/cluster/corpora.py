"""Corpora on their way to the nodes: texts travel, a packed corpus is where its folder is on every node."""

import pickle
from typing import Any

from songrnn.cluster.connecting import Cluster
from songrnn.corpus.corpus import Corpus
from songrnn.corpus.packed.folder import RECORD, PackedCorpus


def reachable(cluster: Cluster, corpus: Corpus) -> Corpus:
    """The corpus as every node can have it; raises ClusterError for a packed one that a node lacks."""
    if not isinstance(corpus, PackedCorpus):
        return corpus
    path = corpus.path.resolve()
    cluster.refuse_missing([str(path / RECORD)])
    return PackedCorpus(path, corpus.content)


def sent(cluster: Cluster, value: Any) -> Any:
    """Ray's reference to a value that holds a corpus. Only what songrnn sends itself is ever unpickled."""
    return cluster.put(pickle.dumps(value))


def received(content: bytes) -> Any:
    """The value, on a node; raises CorpusError where a packed corpus is not the same there."""
    return pickle.loads(content)
