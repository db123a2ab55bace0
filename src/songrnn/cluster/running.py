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
from songrnn.errors import ClusterError, Interrupted, SongrnnError

RETRIES = 5
"""How often a task whose worker was lost runs again: the task itself may be what ends its worker."""
TRIES_ELSEWHERE = 3
"""Nodes on which a task is tried that fails for want of disk or memory."""
POLL_SECONDS = 0.3
CHECK_SECONDS = 3.0
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

    cores: that it is given. node: on which alone it may run. retries: how often it runs again when it was lost.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    cores: int = 1
    node: str = ""
    retries: int = RETRIES
    failed_on: dict[str, str] = field(default_factory=dict)
    """Node -> its fault."""


def results_in_order(cluster: Cluster, jobs: Iterable[Task], *, ahead: int) -> Iterator[Any]:
    """The results of the jobs in their order; at most `ahead` of them are begun and not yet taken.

    Raises what a job raises, when all before it are taken, and ClusterError where one is lost too often or a node has a
    fault that no other node makes up for. Jobs that are not taken are cancelled when the iterator is closed.
    """
    waiting, begun = iter(jobs), deque[tuple[Task, Any]]()
    try:
        while True:
            while len(begun) < max(1, ahead) and (job := next(waiting, None)) is not None:
                begun.append((job, begin_task(cluster, job)))
            if not begun:
                return
            job, reference = begun[0]
            result = _result(cluster, job, reference)
            begun.popleft()
            yield result
    finally:
        for _, reference in begun:
            cluster.ray.cancel(reference, force=True)


def result_with_messages(
    cluster: Cluster,
    job: Task,
    answer: Callable[[Any], Any],
    *,
    beside: Sequence[Any] = (),
    check: Callable[[], None] = lambda: None,
) -> Any:
    """The result of a job whose function takes, before its arguments, a function `say`: content -> answer.

    answer: gives the answer to each content, in this process. beside: tasks that were begun, without which this one
    cannot end. check: called every few seconds; what it raises ends the job.
    Raises as `results_in_order`, what `answer` and `check` raise, and Lost for a job without retries.
    """
    key, exchange = uuid.uuid4().hex, cluster.exchange
    talking = replace(job, function=_talk, arguments=(exchange, key, job.function, *job.arguments))
    left, checked = list(beside), time.monotonic()
    reference = begin_task(cluster, talking)
    try:
        while True:
            taking = exchange.take.remote(key, POLL_SECONDS)
            done, _ = cluster.ray.wait([reference, taking], num_returns=1)
            if reference in done:
                result = _result(cluster, talking, reference, again=False)
                if not isinstance(result, _Again):
                    return result
                reference = begin_task(cluster, talking)
                continue
            ended, left = cluster.ray.wait(left, num_returns=len(left), timeout=0) if left else ([], [])
            for other in ended:
                _result(cluster, Task(_talk, (), retries=0), other)
            if time.monotonic() - checked > CHECK_SECONDS:
                check()
                checked = time.monotonic()
            messages = cluster.ray.get(taking)
            if messages:
                exchange.answer.remote({number: answer(content) for number, content in messages})
    except BaseException:
        cluster.ray.cancel(reference, force=True)
        raise
    finally:
        exchange.forget.remote(key)


def begin_task(cluster: Cluster, job: Task) -> Any:
    """Begin a job on a node on which it has not failed; returns Ray's reference to its outcome."""
    options: dict[str, Any] = {"num_cpus": job.cores, "max_retries": job.retries, "scheduling_strategy": "SPREAD"}
    if job.node:
        options["scheduling_strategy"] = cluster.on_node(job.node)
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
    return [] if job.node else nodes


def _outcome(cluster: Cluster, reference: Any, job: Task) -> Outcome:
    exceptions = cluster.ray.exceptions
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
