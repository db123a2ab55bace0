"""A Ray cluster of two nodes of one core on loopback, for all tests of this folder; `make test-cluster` runs them."""

import os
import signal
from importlib.util import find_spec
from pathlib import Path

import pytest

HEAD, OTHER = "127.0.0.2", "127.0.0.3"
STORE_BYTES = 80_000_000
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_worker_niceness": "0",  # Ray's 15 starves its workers on a busy machine
    "RAY_enable_metrics_collection": "0",
    "PYTHONPATH": str(Path(__file__).parents[1]),  # for node_tasks.py
}


class TwoNodes:
    """Two nodes of one core. address: of the head."""

    def __init__(self):
        from ray.cluster_utils import Cluster

        self.cluster = Cluster(initialize_head=True, head_node_args=self._node(HEAD))
        self.address = self.cluster.address
        self.other = None

    def _node(self, address):
        return {
            "num_cpus": 1,
            "object_store_memory": STORE_BYTES,
            "include_dashboard": False,
            "node_ip_address": address,
            "resources": {address: 1},
        }

    def begin_other(self):
        """Start the second node where it was killed, or never started."""
        if self.other is None:
            self.other = self.cluster.add_node(**self._node(OTHER))
        return self

    def kill_other(self):
        """Kill the second node by its process id; its workers end with it."""
        if self.other is not None:
            [raylet] = self.other.all_processes["raylet"]
            os.kill(raylet.process.pid, signal.SIGKILL)
            self.cluster.remove_node(self.other, allow_graceful=False)
            self.other = None

    def end(self):
        self.cluster.shutdown()


@pytest.fixture(scope="session")
def cluster_processes():
    if find_spec("ray") is None or not os.environ.get("SONGRNN_TEST_CLUSTER"):
        pytest.skip("needs Ray and seconds to start a cluster: make test-cluster")
    os.environ |= QUIET
    nodes = TwoNodes()
    yield nodes
    nodes.end()


@pytest.fixture
def two_nodes(cluster_processes):
    """Both nodes, alive."""
    return cluster_processes.begin_other()


@pytest.fixture
def connection(two_nodes):
    """A checked connection to the two nodes."""
    from songrnn.cluster.connecting import connected

    with connected(two_nodes.address) as cluster:
        yield cluster
