"""Addresses and clusters that cannot be used are refused in one line."""

import socket
import sys
import threading
import time

import pytest

import songrnn
from songrnn.cli import compose as compose_command
from songrnn.cli.main import parse
from songrnn.cluster.connecting import connected, versions_in
from songrnn.cluster.facts import NodeFacts, differing_version, facts_of_this_process
from songrnn.errors import ClusterError, MissingExtra, SettingsError

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own
MISMATCH = """Version mismatch: The cluster was started with:
    Ray: 2.59.0
    Python: 3.11.7
This process on node 10.0.0.1 was started with:
    Ray: 2.60.0
    Python: 3.11.7
"""


def refused(address):
    with connected(address):
        raise AssertionError("connected")


@pytest.mark.parametrize("address", ["nowhere", "10.0.0.1", "ray://10.0.0.1:10001", "10.0.0.1:x", ":6379", "h:70000"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(SettingsError, match=r"is no address of a Ray cluster; it must be host:port"):
        refused(address)


def test_without_ray_the_message_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra, match=r"--ray needs Ray: pip install 'songrnn\[cluster\]'"):
        refused("127.0.0.1:6379")


def test_an_address_where_nothing_answers_is_refused_within_seconds():
    pytest.importorskip("ray")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begun = time.monotonic()
    with pytest.raises(ClusterError, match=rf"there is no Ray cluster at 127.0.0.1:{port}: connection refused"):
        refused(f"127.0.0.1:{port}")
    assert time.monotonic() - begun < 10


def test_an_address_where_something_else_answers_is_refused_within_seconds():
    pytest.importorskip("ray")
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=lambda: server.accept()[0].sendall(b"hello\n"), daemon=True).start()
        begun = time.monotonic()
        with pytest.raises(ClusterError, match="is no Ray cluster; start one with `ray start --head`"):
            refused(f"127.0.0.1:{server.getsockname()[1]}")
        assert time.monotonic() - begun < 10


def test_a_node_with_another_version_is_refused(disconnected, monkeypatch):
    monkeypatch.setattr(songrnn, "__version__", "9.9")
    with pytest.raises(ClusterError, match=r"node 127\.0\.0\.\d of the Ray cluster has songrnn .*, where this machine"):
        refused(disconnected.address)


def test_a_cluster_with_another_version_of_ray_is_refused(disconnected, monkeypatch):
    monkeypatch.setattr("ray.__version__", "2.59.0")
    with pytest.raises(ClusterError, match=r"Ray 2\.60\.0 and Python .* there, Ray 2\.59\.0 and Python .* here"):
        refused(disconnected.address)


def test_the_versions_in_rays_message_are_named():
    assert versions_in(MISMATCH).startswith("Ray 2.59.0 and Python 3.11.7 there, Ray 2.60.0 and Python 3.11.7 here")


def test_the_first_version_that_differs_is_named():
    here = NodeFacts("this machine", (("songrnn", "1.0"), ("numpy", "2.4")))
    assert differing_version(here, here) == ""
    other = NodeFacts("10.0.0.2", (("songrnn", "1.0"), ("numpy", "2.3")))
    assert differing_version(here, other) == "numpy 2.3, where this machine has numpy 2.4"
    lacking = NodeFacts("10.0.0.2", (("songrnn", "1.0"),))
    assert differing_version(here, lacking) == "no numpy, where this machine has numpy 2.4"


def test_the_facts_of_a_node_name_its_versions_and_the_files_it_has(tmp_path):
    (tmp_path / "there").touch()
    facts = facts_of_this_process("x", [str(tmp_path / "there"), str(tmp_path / "not")])
    assert dict(facts.versions)["songrnn"] == songrnn.__version__
    assert facts.files == (str(tmp_path / "there"),)


def test_a_node_without_the_corpus_is_named(connection, two_nodes, tmp_path):
    connection.refuse_missing([str(tmp_path)])
    with pytest.raises(ClusterError, match=r"node 127\.0\.0\.\d has no /nowhere/tunes; .*on every node"):
        connection.refuse_missing(["/nowhere/tunes"])


def test_composing_on_a_cluster_needs_a_file(checkpoint_file):
    command = parse(compose_command, "compose", [str(checkpoint_file), "--ray", "127.0.0.1:1"])
    with pytest.raises(SettingsError, match="--ray composes many tunes into a file; name it: --out"):
        compose_command.run(command)
