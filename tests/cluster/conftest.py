"""A Ray cluster of two nodes of one core on loopback, for all tests of this folder; `make test-cluster` runs them.

The cluster, the connection to it and the processes of the head are the same for all tests; only what a test kills is
started again. PyTorch is imported once in each process that needs it, which takes longer than all work here.
"""

import os
import signal
import socket
import threading
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import pytest

HEAD, OTHER = "127.0.0.2", "127.0.0.3"
STORE_BYTES = 80_000_000
STARTS = 3
"""Ray gives a node 30 seconds to start, which is little where several other programs run."""
SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_worker_niceness": "0",  # Ray's 15 starves its workers on a busy machine
    "RAY_enable_metrics_collection": "0",
    "RAY_enable_worker_prestart": "0",
    "RAY_prestart_worker_first_driver": "0",
    "RAY_health_check_period_ms": "300",  # a killed node is missed after five of them; Ray's own are ten times as long
    "RAY_health_check_timeout_ms": "30000",  # a slow one is not
    "PYTHONPATH": str(Path(__file__).parents[1]),  # for node_tasks.py
}


class TwoNodes:
    """Two nodes of one core, and a connection to them. address: of the head."""

    def __init__(self):
        self.cluster = self._started()
        self.address = self.cluster.address
        self.other = None
        self._killing = threading.Lock()
        self._connection = ExitStack()
        self._connected = None

    def _started(self):
        from ray.cluster_utils import Cluster

        for attempt in range(STARTS):
            cluster = Cluster()
            try:
                cluster.add_node(**node_options(HEAD))
            except Exception:  # the class that Ray raises
                cluster.shutdown()
                if attempt == STARTS - 1:
                    raise
            else:
                return cluster
        raise AssertionError

    def begin_other(self):
        """Start the second node where it was killed, or never started."""
        for attempt in range(STARTS):
            if self.other is None:
                try:
                    self.other = self.cluster.add_node(**node_options(OTHER))
                except Exception:
                    if attempt == STARTS - 1:
                        raise
        return self

    def kill_other(self):
        """Kill the second node by its process id; its workers end with it. Threads of a test may call it at once."""
        with self._killing:
            if self.other is not None:
                [raylet] = self.other.all_processes["raylet"]
                os.kill(raylet.process.pid, signal.SIGKILL)
                self.cluster.remove_node(self.other, allow_graceful=False)
                self.other = None

    def connection(self):
        """The one connection of all tests that need no other, checked."""
        from songrnn.cluster.connecting import connected

        if self._connected is None:
            self._connected = self._connection.enter_context(connected(self.address))
        return self._connected

    def disconnect(self):
        """End it, for tests that connect themselves."""
        self._connection.close()
        self._connected = None

    def end(self):
        self.disconnect()
        self.cluster.shutdown()


def node_options(address):
    """Of a node with as few processes as Ray allows. It does not wait for those whose ports it is given."""
    names = ("metrics_agent_port", "metrics_export_port", "runtime_env_agent_port", "dashboard_agent_listen_port")
    return {
        "num_cpus": 1,
        "object_store_memory": STORE_BYTES,
        "include_dashboard": False,
        "include_log_monitor": False,
        "no_monitor": True,
        "node_ip_address": address,
        "resources": {address: 1},
        **dict(zip(names, free_ports(len(names)), strict=True)),
    }


def free_ports(count):
    with ExitStack() as opened:
        sockets = [opened.enter_context(socket.socket()) for _ in range(count)]
        for found in sockets:
            found.bind(("", 0))
        return [found.getsockname()[1] for found in sockets]


@pytest.fixture(scope="session")
def cluster_processes():
    if find_spec("ray") is None or not os.environ.get("SONGRNN_TEST_CLUSTER"):
        pytest.skip("needs Ray and seconds to start a cluster: make test-cluster")
    os.environ |= SETTINGS
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
    return two_nodes.connection()


@pytest.fixture
def disconnected(two_nodes):
    """Both nodes, alive, to which nothing is connected."""
    two_nodes.disconnect()
    return two_nodes
