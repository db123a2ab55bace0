"""Tasks on a cluster: their results in order, or one with messages while it runs; lost ones run again.

A task is a function of its arguments alone and changes nothing outside of its process, so that it may run any number of
times: after a worker or a node was lost Ray runs it again elsewhere. Its result counts once, where the command that
began it takes it.
"""

import errno
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from songrnn.cluster.connecting import Cluster, Node, said
from songrnn.cluster.placing import ReservedCores, give_back, strategy_of
from songrnn.errors import ClusterError, Interrupted, SongrnnError

RETRIES = 5
"""How often a task whose worker was lost runs again: the task itself may be what ends its worker."""
TRIES_ELSEWHERE = 3
"""Nodes on which a task is tried that fails for want of disk or memory."""
POLL_SECONDS = 0.3
CHECK_SECONDS = 3.0
"""How long anything is waited for before it is checked that the cluster is still there."""
EXCHANGE_SECONDS = 120.0
"""Until the process on this machine that carries messages has started, or answers."""
END_SECONDS = 30.0
"""Until processes that were given up have ended."""
Say = Callable[[Any], Any]
"""Sends a content to the command that began a task, and returns its answer."""
FAULTS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENOMEM}
"""Errors of a node, and not of the task."""


@dataclass(frozen=True)
class Outcome:
    """The end of a task: its result, or the error that it raised, or a fault of the node, in words."""

    node: str
    result: Any = None
    error: Exception | None = None
    fault: str = ""


class Lost(Exception):
    """A task was lost, with its worker or its node, as often as it may; or it lost those that it works with."""


@dataclass
class Task:
    """A function and its arguments, and where it failed so far.

    cores: that it is given. place: where alone it runs, with the cores of the place. retries: how often it runs again
    when it was lost.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    cores: int = 1
    place: ReservedCores | None = None
    retries: int = RETRIES
    failed_on: dict[str, str] = field(default_factory=dict)
    """Node -> its fault."""


def results_in_order(cluster: Cluster, jobs: Iterable[Task], *, ahead: int) -> Iterator[Any]:
    """The results of the jobs in their order; at most `ahead` of them are begun and not yet taken.

    Raises what a job raises, when all before it are taken, and ClusterError where one is lost too often or a node has a
    fault that no other node makes up for. Jobs that are begun and not taken run to their end, or to that of the
    connection: they are short, and cancelling one could end this process (`placing.py`).
    """
    waiting, begun = iter(jobs), deque[tuple[Task, Any]]()
    while True:
        while len(begun) < max(1, ahead) and (job := next(waiting, None)) is not None:
            begun.append((job, begin_task(cluster, job)))
        if not begun:
            return
        yield _result(cluster, *begun.popleft())


def result_with_messages(
    cluster: Cluster,
    job: Task,
    answer: Callable[[Any], Any],
    *,
    beside: Sequence[tuple[Task, Any]] = (),
    check: Callable[[], None] = lambda: None,
) -> Any:
    """The result of a job whose function takes, before its arguments, a function `say`: content -> answer.

    answer: gives the answer to each content, in this process. beside: jobs that were begun, with Ray's references,
    without which this one cannot end. check: called every few seconds; what it raises ends the job.
    Raises as `results_in_order`, what `answer` and `check` raise, and Lost for a job without retries. A job that is
    given up ends with its place, or when it next sends a message.
    """
    key = uuid.uuid4().hex
    talking = replace(job, function=_talk, arguments=(cluster.exchange, key, job.function, *job.arguments))
    reference, left = begin_task(cluster, talking), list(beside)
    messages, checked = _Messages(cluster, key), time.monotonic()
    try:
        while True:
            if messages.or_end_of(reference):
                result = _result(cluster, talking, reference, again=False)
                if not isinstance(result, _Again):
                    return result
                reference = begin_task(cluster, talking)
            left = _still_running(cluster, left)
            if time.monotonic() - checked > CHECK_SECONDS:
                cluster.check()
                check()
                checked = time.monotonic()
            messages.answer(answer)
    except BaseException:
        if job.place is not None and not cluster.silent:
            give_back(cluster, job.place.group)
            everything = [reference, *(other for _, other in beside)]
            cluster.ray.wait(everything, num_returns=len(everything), timeout=END_SECONDS)
        raise
    finally:
        cluster.exchange.end.remote(key)


class _Messages:
    """The messages of one task, as they come."""

    def __init__(self, cluster: Cluster, key: str) -> None:
        self._cluster, self._key = cluster, key
        self._take()

    def _take(self) -> None:
        self._taking = self._cluster.exchange.take.remote(self._key, POLL_SECONDS)
        self._since = time.monotonic()

    def or_end_of(self, task: Any) -> bool:
        """Wait until there may be messages, or a task has ended, or for `CHECK_SECONDS`; whether the task has ended."""
        ended, _ = self._cluster.ray.wait([task, self._taking], num_returns=1, timeout=CHECK_SECONDS)
        return task in ended

    def answer(self, answer: Callable[[Any], Any]) -> None:
        """Answer those that have come; raises ClusterError where the process that carries them is lost."""
        if not self._cluster.ray.wait([self._taking], timeout=0)[0]:
            if time.monotonic() - self._since > EXCHANGE_SECONDS:
                raise ClusterError(
                    f"this machine's Ray node has not started a process within {EXCHANGE_SECONDS:g} seconds; see its "
                    "logs in /tmp/ray/session_latest/logs"
                )
            return
        try:
            messages = self._cluster.ray.get(self._taking)
        except self._cluster.ray.exceptions.RayError as error:
            raise ClusterError(
                f"the process that carries messages was lost ({said(error)}). What is done is kept; repeat or resume "
                "the command"
            ) from error
        if messages:
            answers = {number: answer(content) for number, content in messages}
            self._cluster.exchange.answer.remote(self._key, answers)
        self._take()


def _still_running(cluster: Cluster, begun: Sequence[tuple[Task, Any]]) -> list[tuple[Task, Any]]:
    """The jobs of those begun that have not ended; raises what one that has ended raises."""
    if not begun:
        return []
    references = [reference for _, reference in begun]
    ended, _ = cluster.ray.wait(references, num_returns=len(references), timeout=0)
    for job, reference in begun:
        if reference in ended:
            _result(cluster, job, reference)
    return [(job, reference) for job, reference in begun if reference not in ended]


def begin_task(cluster: Cluster, job: Task) -> Any:
    """Begin a job on a node on which it has not failed; returns Ray's reference to its outcome."""
    options: dict[str, Any] = {"num_cpus": job.cores, "max_retries": job.retries, "scheduling_strategy": "SPREAD"}
    if job.place is not None:
        options |= {"num_cpus": job.place.cores, "scheduling_strategy": strategy_of(job.place)}
    others = _left_for(cluster, job) if job.failed_on else []
    if others:
        options["scheduling_strategy"] = cluster.on_node(others[0].id, soft=True)
    return cluster.remote(outcome_of).options(**options).remote(job.function, *job.arguments)


def outcome_of(function: Callable[..., Any], *arguments: Any) -> Outcome:
    """Run a function on a node; errors of users and faults of the node become part of the outcome."""
    node = _address_here()
    try:
        return Outcome(node, function(*arguments))
    except Lost as error:
        return Outcome(node, error=error)
    except (SongrnnError, Interrupted) as error:
        fault = _fault(error.__cause__)
        return Outcome(node, fault=fault) if fault else Outcome(node, error=error)
    except (OSError, MemoryError) as error:
        fault = _fault(error)
        if not fault:
            raise
        return Outcome(node, fault=fault)


class _Again:
    """A job failed on one node, and is to begin on another."""


def _result(cluster: Cluster, job: Task, reference: Any, *, again: bool = True) -> Any:
    """The result of a job that was begun; one that failed for a fault of its node is run on others."""
    while True:
        outcome = _outcome(cluster, reference, job)
        if outcome.error is not None:
            raise outcome.error
        if not outcome.fault:
            return outcome.result
        job.failed_on[outcome.node] = outcome.fault
        if not _left_for(cluster, job) or len(job.failed_on) >= TRIES_ELSEWHERE:
            faults = "; ".join(f"node {node}: {fault}" for node, fault in job.failed_on.items())
            raise ClusterError(f"{faults}. Make room there; the same command then continues with what is done")
        if not again:
            return _Again()
        reference = begin_task(cluster, job)


def _left_for(cluster: Cluster, job: Task) -> list[Node]:
    """The nodes on which a job may still be tried."""
    nodes = [node for node in cluster.nodes() if node.address not in job.failed_on and node.cores >= job.cores]
    return [] if job.place is not None else nodes


def _outcome(cluster: Cluster, reference: Any, job: Task) -> Outcome:
    exceptions = cluster.ray.exceptions
    while not cluster.ray.wait([reference], timeout=CHECK_SECONDS)[0]:
        cluster.check()
    try:
        outcome: Outcome = cluster.ray.get(reference)
    except exceptions.OutOfMemoryError as error:
        raise ClusterError(f"a node has too little memory for a task: {said(error)}") from error
    except exceptions.OutOfDiskError as error:
        raise ClusterError(f"the disk of a node is full: {said(error)}") from error
    except exceptions.RayTaskError:
        raise
    except exceptions.RayError as error:
        if not job.retries:
            raise Lost(said(error)) from error
        raise ClusterError(
            f"a task was lost {RETRIES + 1} times with its worker, or the Ray cluster ended: {said(error)}. The same "
            "command then continues with what is done"
        ) from error
    return outcome


def _talk(exchange: Any, key: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Run a function with `say`."""
    import ray

    return function(lambda content: ray.get(exchange.say.remote(key, content)), *arguments)


def _address_here() -> str:
    """The address of the node on which this runs, as Ray has it."""
    import ray

    address: Any = ray.util.get_node_ip_address
    return str(address())


def _fault(error: BaseException | None) -> str:
    if isinstance(error, MemoryError):
        return "not enough memory"
    if isinstance(error, OSError) and error.errno in FAULTS:
        return (error.strerror or str(error)).lower()
    return ""
