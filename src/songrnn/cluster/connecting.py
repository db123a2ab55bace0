"""`connected`: an address -> a checked connection to a Ray cluster.

Before any work the address must answer, and every node must have this machine's versions of Ray, Python and songrnn:
another version may compute other results. Work is sent as functions of songrnn by name, so each node needs songrnn
installed; it needs no file of this machine.
"""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from songrnn.cluster.facts import NodeFacts, differing_version, facts_of_this_process
from songrnn.errors import ClusterError, MissingExtra, SettingsError

CONNECT_SECONDS = 3.0
"""For a TCP connection, and again for the first answer of Ray's control service."""
FACTS_SECONDS = 120.0
"""Until every node has started a process and reported its versions."""
SILENCE_SECONDS = 30.0
"""Until a cluster that no longer answers is given up; Ray ends this process without a word after 60."""
NO_CORE_SECONDS = 60.0
"""Until a cluster is given up whose nodes with cores were all lost."""
LISTINGS = 5
"""How often the nodes are listed anew where one of them is lost meanwhile."""


@dataclass(frozen=True)
class Node:
    """One machine of a cluster that is alive; address: of its network interface."""

    id: str
    address: str
    cores: int


class Cluster:
    """A connection to a Ray cluster. ray: the module; address: as it was given."""

    def __init__(self, ray: ModuleType, address: str) -> None:
        self.ray: Any = ray
        self.address = address
        self._remote: dict[Callable[..., Any], Any] = {}
        self._had_cores = time.monotonic()
        self._exchange: Any = None
        self._starting = threading.Lock()

    def nodes(self) -> list[Node]:
        """The nodes that are alive now; raises ClusterError where the cluster no longer answers."""
        self._refuse_silence()
        return [
            Node(node["NodeID"], node["NodeManagerAddress"], int(node["Resources"].get("CPU", 0)))
            for node in self.ray.nodes()
            if node["Alive"]
        ]

    @property
    def here(self) -> Node:
        """The node of this machine."""
        own = self.ray.get_runtime_context().get_node_id()
        return next(node for node in self.nodes() if node.id == own)

    @property
    def cores(self) -> int:
        """How many tasks of one core run at once on the nodes that are alive now."""
        return sum(node.cores for node in self.nodes())

    def check(self) -> None:
        """Raise ClusterError where the cluster has ended, or has had no core for a while; for whatever waits."""
        now = time.monotonic()
        if self.cores:
            self._had_cores = now
        elif now - self._had_cores > NO_CORE_SECONDS:
            raise ClusterError(
                f"all nodes of the Ray cluster at {self.address} that had cores were lost. What is done is kept; start "
                "nodes, and repeat or resume the command"
            )

    @property
    def silent(self) -> bool:
        """Whether nothing answers at the address now. What then is asked of Ray ends this process after a minute."""
        try:
            socket.create_connection(_host_and_port(self.address), CONNECT_SECONDS).close()
        except OSError:
            return True
        return False

    def _refuse_silence(self) -> None:
        """Wait while nothing answers; raise ClusterError after `SILENCE_SECONDS`."""
        deadline = time.monotonic() + SILENCE_SECONDS
        while self.silent:
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"the Ray cluster at {self.address} no longer answers. What is done is kept; start the cluster "
                    "again, and repeat or resume the command"
                )
            time.sleep(1)

    def put(self, value: Any) -> Any:
        """Ray's reference to a value, for tasks; raises ClusterError where this machine has no room for it."""
        try:
            return self.ray.put(value)
        except self.ray.exceptions.RayError as error:
            raise ClusterError(f"this machine's Ray node has no room for what is to be sent: {said(error)}") from error

    def remote(self, function: Callable[..., Any]) -> Any:
        """Ray's form of a function, which is sent to the nodes once."""
        if function not in self._remote:
            self._remote[function] = self.ray.remote(function)
        return self._remote[function]

    def on_node(self, node: str, *, soft: bool = False) -> Any:
        """The option of a task that binds it to a node; soft: unless that is lost."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        return NodeAffinitySchedulingStrategy(node_id=node, soft=soft)

    def facts(self, *paths: str) -> list[NodeFacts]:
        """The versions on every node, and which of the files at `paths` it has; raises ClusterError."""
        for _ in range(LISTINGS - 1):
            try:
                return self._facts(paths)
            except ClusterError as error:  # a node was lost after it was listed
                if not isinstance(error.__cause__, self.ray.exceptions.TaskUnschedulableError):
                    raise
                time.sleep(1)
        return self._facts(paths)

    def _facts(self, paths: Sequence[str]) -> list[NodeFacts]:
        probe = self.remote(facts_of_this_process)
        found = [
            probe.options(num_cpus=0, scheduling_strategy=self.on_node(node.id)).remote(node.address, paths)
            for node in self.nodes()
        ]
        try:
            return list(self.ray.get(found, timeout=FACTS_SECONDS))
        except self.ray.exceptions.GetTimeoutError as error:
            raise ClusterError(
                f"a node of the Ray cluster at {self.address} has not started a process within {FACTS_SECONDS:g} "
                "seconds; see its logs in /tmp/ray/session_latest/logs"
            ) from error
        except self.ray.exceptions.RayTaskError as error:
            raise ClusterError(
                f"songrnn cannot be loaded on a node of the Ray cluster at {self.address} ({error.cause}); install "
                "songrnn[cluster] on every node, in the Python that runs Ray"
            ) from error
        except self.ray.exceptions.RayError as error:
            raise ClusterError(f"a node of the Ray cluster at {self.address} cannot be used: {said(error)}") from error

    def refuse_missing(self, paths: Sequence[str]) -> None:
        """Raise ClusterError where a node lacks one of the files or folders that its tasks read."""
        for there in self.facts(*paths):
            lacking = next((path for path in paths if path not in there.files), None)
            if lacking is not None:
                raise ClusterError(
                    f"node {there.node} has no {lacking}; copy it to the same place on every node, or name one in a "
                    "folder that all nodes share"
                )

    @property
    def exchange(self) -> Any:
        """The actor that carries the messages of running tasks, on this machine's node; it ends with the connection.

        There is one, although several threads may ask for it at once.
        """
        from songrnn.cluster.exchange import Exchange

        with self._starting:
            if self._exchange is None:
                here = self.on_node(self.here.id)
                self._exchange = self.ray.remote(Exchange).options(num_cpus=0, scheduling_strategy=here).remote()
            return self._exchange


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """A connection to the cluster at `address` (host:port of its head), checked; closed at the end.

    Raises SettingsError for what is no address, MissingExtra without Ray, and ClusterError where nothing answers, this
    machine is no node of the cluster, or a node has another version of Ray, Python or songrnn.
    """
    host, port = _host_and_port(address)
    ray = ray_module()
    _refuse_silence(address, host, port)
    try:
        with _handlers_kept():
            _connect(ray, address)
        cluster = Cluster(ray, address)
        _refuse_differences(cluster)
        yield cluster
    finally:
        ray.shutdown()


def ray_module() -> Any:
    """`ray`, set up to print and report nothing; raises MissingExtra where it is not installed."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # else a warning about its next version
    try:
        import ray
    except ModuleNotFoundError as error:
        raise MissingExtra("--ray needs Ray: pip install 'songrnn[cluster]'") from error
    return ray


def said(error: object) -> str:
    """The first sentence of one of Ray's messages of many lines."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.removeprefix("[").replace("]:", ":").rpartition(":")
    if "://" in address or not host or not port.isdigit() or not 0 < int(port) < 65_536:
        raise SettingsError(
            f"--ray {address!r} is no address of a Ray cluster; it must be host:port of its head, such as 10.0.0.1:6379"
        )
    return host, int(port)


def _refuse_silence(address: str, host: str, port: int) -> None:
    """Raise ClusterError where no Ray answers: Ray itself would try for minutes."""
    hint = "start one with `ray start --head`, which prints its address, or leave --ray out"
    try:
        socket.create_connection((host, port), CONNECT_SECONDS).close()
    except OSError as error:
        reason = "no answer" if isinstance(error, TimeoutError) else (error.strerror or str(error)).lower()
        raise ClusterError(f"there is no Ray cluster at {address}: {reason}; {hint}") from error
    client: Any = import_module("ray._raylet").GcsClient

    answers = threading.Event()

    def ask() -> None:
        try:
            client(address=f"{host}:{port}").internal_kv_get(b"songrnn", None, timeout=CONNECT_SECONDS)
        except Exception:  # whatever it is, there is no cluster
            return
        answers.set()

    threading.Thread(target=ask, daemon=True).start()
    if not answers.wait(CONNECT_SECONDS):
        raise ClusterError(f"what answers at {address} is no Ray cluster; {hint}")


def _connect(ray: Any, address: str) -> None:
    # Ray prints every lost task and node on standard output, which is the command's; there is no setting against it.
    import_module("ray._private.worker").__dict__["print_to_stdstream"] = lambda *_, **__: None
    try:
        ray.init(address=address, log_to_driver=False, logging_level="CRITICAL", namespace="songrnn")
    except RuntimeError as error:
        if "ersion" in str(error):
            raise ClusterError(f"the Ray cluster at {address} has other versions: {versions_in(str(error))}") from error
        raise ClusterError(f"the Ray cluster at {address} cannot be used: {said(error)}") from error
    except (ConnectionError, OSError, ValueError, KeyError) as error:
        raise ClusterError(
            f"this machine cannot join the Ray cluster at {address} ({said(error)}); start a node on it, which may "
            f"have no cores: ray start --address {address} --num-cpus 0"
        ) from error


def versions_in(message: str) -> str:
    """Such as "Ray 2.59.0 and Python 3.11.7, not Ray 2.60.0 and Python 3.11.7", from Ray's message."""
    values = [
        line.split(":", 1)[1].strip() for line in message.splitlines() if line.strip().startswith(("Ray:", "Python:"))
    ]
    if len(values) != 4:
        return said(message)
    return (
        f"Ray {values[0]} and Python {values[1]} there, Ray {values[2]} and Python {values[3]} here; install the same"
    )


def _refuse_differences(cluster: Cluster) -> None:
    if not cluster.cores:
        raise ClusterError(f"the Ray cluster at {cluster.address} has no core to compute on; start a node with some")
    here = facts_of_this_process("this machine", ())
    for there in cluster.facts():
        if differs := differing_version(here, there):
            raise ClusterError(f"node {there.node} of the Ray cluster has {differs}; install the same on every node")


@contextmanager
def _handlers_kept() -> Iterator[None]:
    """Keep the handlers of signals, which Ray replaces by its own."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kept: list[tuple[int, Any]] = [(kind, signal.getsignal(kind)) for kind in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield
    finally:
        for kind, handler in kept:
            signal.signal(kind, handler)
