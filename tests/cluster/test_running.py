"""Tasks and places on two nodes: nothing waits without end, and what is given up ends."""

import socket
import time

import pytest

from node_tasks import end_of_process, number_and_node, say_until_given_up
from songrnn.cluster import connecting, placing
from songrnn.cluster.connecting import Cluster
from songrnn.cluster.placing import places_for
from songrnn.cluster.running import Lost, Task, begin_task, result_with_messages
from songrnn.errors import ClusterError, Interrupted

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own, of its processes and sockets


def nothing():
    """Nothing ends the waiting."""


def nodes_of(connection, places):
    begun = [begin_task(connection, Task(number_and_node, (place.index,), place=place)) for place in places]
    return [outcome.result for outcome in connection.ray.get(begun)]


def test_processes_that_need_each_other_get_their_cores_together_and_the_first_is_here(connection):
    busy = begin_task(connection, Task(number_and_node, (7, 1.0)))  # which has one of the two cores
    with places_for(connection, 2, 1, check=nothing) as places:
        assert connection.ray.wait([busy], timeout=0)[0] == [busy]
        assert nodes_of(connection, places) == [(0, "127.0.0.2"), (1, "127.0.0.3")]


def test_places_are_as_many_as_there_are_cores(connection):
    with places_for(connection, 5, 1, check=nothing) as places:
        assert [place.index for place in places] == [0, 1]


def test_what_waits_for_cores_can_be_stopped_and_gives_up(connection, monkeypatch):
    def stop():
        raise Interrupted("stopped")

    with places_for(connection, 2, 1, check=nothing):
        with pytest.raises(Interrupted, match="stopped"), places_for(connection, 1, 1, check=stop):
            raise AssertionError
        wanted = r"1 cores of the Ray cluster at 127\S+ were not free within 0 seconds; `ray status`"
        with monkeypatch.context() as patch:
            patch.setattr(placing, "FREE_SECONDS", 0.0)
            with pytest.raises(ClusterError, match=wanted), places_for(connection, 1, 1, check=nothing):
                raise AssertionError
    with places_for(connection, 2, 1, check=nothing) as places:  # those given up hold no core
        assert len(places) == 2


def test_what_runs_in_a_place_ends_when_it_is_given_back(connection):
    with places_for(connection, 2, 1, check=nothing) as places:
        running = begin_task(connection, Task(number_and_node, (0, 600.0), place=places[1], retries=0))
        time.sleep(0.5)  # so that it has begun
    assert connection.ray.wait([running], timeout=30)[0] == [running]
    with pytest.raises(connection.ray.exceptions.RayError):
        connection.ray.get(running)


def test_a_task_whose_partner_is_lost_ends(connection, tmp_path):
    with places_for(connection, 2, 1, check=nothing) as places:
        partner = Task(end_of_process, (), place=places[1], retries=0)
        first = Task(say_until_given_up, (tmp_path / "end",), place=places[0], retries=0)
        beside = [(partner, begin_task(connection, partner))]
        with pytest.raises(Lost):
            result_with_messages(connection, first, lambda content: content, beside=beside)


def test_a_task_that_the_command_gives_up_ends(connection, tmp_path):
    def fail(content):
        raise KeyError(content)

    with pytest.raises(KeyError, match="hello"):
        result_with_messages(connection, Task(say_until_given_up, (tmp_path / "end",)), fail)
    deadline = time.monotonic() + 30
    while not (tmp_path / "end").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_cluster_that_no_longer_answers_is_given_up(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    cluster = Cluster(None, address)
    monkeypatch.setattr(connecting, "SILENCE_SECONDS", 0.0)
    with pytest.raises(ClusterError, match=rf"cluster at {address} no longer answers\. What is done is kept"):
        cluster.check()


def test_a_cluster_that_lost_all_cores_is_given_up(monkeypatch):
    monkeypatch.setattr(Cluster, "nodes", lambda self: [])
    with socket.create_server(("127.0.0.1", 0)) as server:
        cluster = Cluster(None, f"127.0.0.1:{server.getsockname()[1]}")
        cluster.check()
        monkeypatch.setattr(connecting, "NO_CORE_SECONDS", 0.0)
        with pytest.raises(ClusterError, match=r"all nodes of the Ray cluster at \S+ that had cores were lost"):
            cluster.check()
