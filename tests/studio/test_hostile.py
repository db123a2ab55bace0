"""What somebody may send who means harm, or has no measure: refused, or harmless."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from serving import serving
from songrnn.composing.composer import Composer
from songrnn.studio.settings import StudioSettings
from tiny import JIG

BOOK = "/api/tunebook/tunes"
MANY = 200
PATIENCE = 90
"""Seconds for an answer; a busy machine takes long."""


@pytest.fixture(scope="module")
def server(tiny_model, tmp_path_factory):
    database = tmp_path_factory.mktemp("book") / "t.db"
    with serving(StudioSettings(checkpoints=(tiny_model,), port=0, database=str(database))) as address:
        yield address


def counted(server, name):
    """A figure of /metrics."""
    lines = requests.get(f"{server}/metrics", timeout=PATIENCE).text.splitlines()
    return next(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


@pytest.mark.parametrize("title", ["<script>alert(1)</script>", "../../x", "..\\..\\x", "x\u202e<b>\x07"])
def test_a_title_is_no_markup_and_no_path(server, title):
    kept = requests.post(f"{server}{BOOK}", json={"abc": f"X:1\nT:{title}\n{JIG}"}, timeout=PATIENCE)
    if kept.status_code == 422:  # it has control characters
        assert "printable" in kept.json()["detail"]
        return
    number = kept.json()["id"]
    rendered = requests.post(f"{server}/api/render", json={"abc": kept.json()["abc"]}, timeout=PATIENCE).json()
    assert "<script" not in rendered["svg"].lower()
    saved = requests.get(f"{server}/api/rendered/{rendered['id']}/abc?save=true", timeout=PATIENCE)
    exported = requests.get(f"{server}/api/tunebook/export/abc?tune={number}", timeout=PATIENCE)
    for answer in (saved, exported):
        name = answer.headers["content-disposition"].partition("filename=")[2].strip('"')
        assert not set(name) & set('/\\<>"')
        assert not name.startswith(".")
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("whole", [True, False], ids=["with its length", "in parts"])
def test_ten_megabytes_are_refused_before_they_are_read(server, whole):
    host, port = server.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        length = "Content-Length: 10000000" if whole else "Transfer-Encoding: chunked"
        head = f"POST /api/check HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{length}\r\n\r\n"
        connection.sendall(head.encode())
        sent = 0
        try:
            while not whole and sent < 10_000_000:
                connection.sendall(b"10000\r\n" + b" " * 65_536 + b"\r\n")
                sent += 65_536
        except OSError:
            pass  # the server has closed the connection
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_many_requests_for_a_billion_characters_are_refused_and_compute_nothing(server):
    body: Any = {"sampling": {"max_characters": 10**9}, "count": 10**9}

    def status(number):
        path = "/api/compose/events" if number % 2 else "/api/compose"
        return requests.post(f"{server}{path}", json=body, timeout=PATIENCE).status_code

    before = counted(server, "songrnn_tunes_composed_total")
    with ThreadPoolExecutor(16) as threads:
        assert set(threads.map(status, range(MANY))) == {422}
    assert counted(server, "songrnn_tunes_composed_total") == before
    assert counted(server, "songrnn_requests_in_work") == 0


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"])
@pytest.mark.parametrize("where", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}, {}])
def test_a_form_of_another_site_changes_nothing(server, kind, where):
    headers = {"content-type": kind, **where}
    answer = requests.post(
        f"{server}{BOOK}", data=json.dumps({"abc": JIG, "title": "evil"}), headers=headers, timeout=PATIENCE
    )
    assert answer.status_code == (403 if where else 422)
    assert requests.get(f"{server}{BOOK}?words=evil", timeout=PATIENCE).json()["total"] == 0


def test_a_foreign_host_is_refused_by_every_resource(server):
    for path in requests.get(f"{server}/openapi.json", timeout=PATIENCE).json()["paths"]:
        answer = requests.get(f"{server}{path}", headers={"host": "evil.example"}, timeout=PATIENCE)
        assert (answer.status_code, answer.headers["content-type"]) == (421, "application/problem+json")


@pytest.mark.parametrize("path", ["/api/compose", "/api/compose/events"])
def test_composing_ends_when_the_client_goes(server, path, monkeypatch):
    begun, made, original = threading.Event(), [], Composer.compose_request

    def slow(composer, body):
        for tune in original(composer, body):
            begun.set()
            made.append(tune)
            time.sleep(0.2)
            yield tune

    monkeypatch.setattr(Composer, "compose_request", slow)
    host, port = server.removeprefix("http://").split(":")
    body = json.dumps({"count": 64, "sampling": {"max_characters": 20, "seed": 1}})
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json"
        connection.sendall(f"{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        assert begun.wait(PATIENCE)
    deadline = time.monotonic() + PATIENCE
    while counted(server, "songrnn_requests_in_work") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert counted(server, "songrnn_requests_in_work") == 0
    assert len(made) < 60
