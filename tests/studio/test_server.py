import threading
import time
from contextlib import aclosing
from typing import Any, cast

import anyio
import pytest
from fastapi.testclient import TestClient

from songrnn.errors import SettingsError
from songrnn.studio.app import create_app
from songrnn.studio.settings import Limits, StudioSettings
from songrnn.studio.state import Cache
from songrnn.studio.work import ClientGone, Work, still_wanted

HERE = "http://127.0.0.1"


def test_health_opens_no_model(tiny_model):
    app = create_app(StudioSettings(checkpoints=("nowhere.safetensors",)))
    with TestClient(app, base_url=HERE) as client:
        assert client.get("/health").json()["models"] == ["nowhere"]
        answer = client.post("/api/compose", json={})
        assert answer.status_code == 422
        assert "nowhere.safetensors" in answer.json()["detail"]


def test_metrics_count_requests_and_tunes(client):
    client.post("/api/compose", json={"count": 2, "sampling": {"max_characters": 60, "seed": 1}})
    text = client.get("/metrics").text
    counted = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(counted["songrnn_tunes_composed_total"]) >= 2
    assert float(counted['songrnn_requests_total{resource="/api/compose",status="200"}']) >= 1
    assert "evil" not in text


def test_addresses_that_are_none_are_counted_as_one(client):
    for number in range(3):
        client.get(f"/evil-{number}")
    assert "evil" not in client.get("/metrics").text


def test_the_api_describes_itself(client):
    description = client.get("/openapi.json").json()
    assert {"/api/compose", "/api/render", "/api/check", "/api/judge", "/health"} <= description["paths"].keys()
    compose = description["paths"]["/api/compose"]["post"]
    assert "application/problem+json" in compose["responses"]["422"]["content"]
    assert description["components"]["schemas"]["FormSettings"]["properties"]["bars"]["maximum"] == 512


def test_the_address_of_the_description_names_no_page_elsewhere(client):
    assert client.get("/docs").status_code == 404


def test_more_than_may_wait_are_refused(tiny_model, monkeypatch):
    limits = Limits(workers=1, waiting=0)
    begun, may_end = threading.Event(), threading.Event()

    def slow(_: str):
        begun.set()
        may_end.wait(60)
        raise AssertionError("never used")

    monkeypatch.setattr("songrnn.studio.judge._checked", slow)
    app = create_app(StudioSettings(checkpoints=(tiny_model,), limits=limits))
    with TestClient(app, base_url=HERE, raise_server_exceptions=False) as client:
        waiting = threading.Thread(target=lambda: client.post("/api/check", json={"abc": "X:1"}))
        waiting.start()
        assert begun.wait(60)
        refused = client.post("/api/check", json={"abc": "X:1"})
        assert client.get("/health").status_code == 200  # what computes nothing is answered meanwhile
        may_end.set()
        waiting.join()
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "2"


def test_the_same_request_is_the_same_beside_others(client):
    body = {"count": 3, "sampling": {"seed": 5, "max_characters": 400}}
    alone = client.post("/api/compose", json=body).json()
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(client.post("/api/compose", json=body).json())) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [alone] * 6


def test_what_was_not_used_for_the_longest_time_is_forgotten_first():
    cache = Cache[str](10)
    cache.put("a", "A", 5)
    cache.put("b", "B", 5)
    assert cache.get("a") == "A"
    cache.put("c", "C", 5)
    assert [cache.get(name) for name in "abc"] == ["A", None, "C"]
    cache.put("d", "D", 11)
    assert [cache.get(name) for name in "acd"] == [None, None, None]


def test_work_ends_when_its_reader_stops():
    made = []

    def items():
        for number in range(10_000):
            made.append(number)
            yield number

    async def read_two(work):
        async with aclosing(work.each(items)) as each:
            return [await anext(each), await anext(each)]

    work = Work(1, 0)
    assert anyio.run(read_two, work) == [0, 1]
    assert len(made) < 10
    assert work.taken == 0


def test_work_ends_when_the_client_goes():
    class Gone:
        async def is_disconnected(self):
            return True

    rounds = []

    def endless():
        for _ in range(1_000):
            still_wanted()
            rounds.append(1)
            time.sleep(0.02)

    async def ask(work: Work):
        with pytest.raises(ClientGone):
            await work.run(cast(Any, Gone()), endless)

    work = Work(1, 0)
    anyio.run(ask, work)
    assert len(rounds) < 500
    assert work.taken == 0


def test_a_mistake_in_work_is_raised_where_it_is_awaited():
    class There:
        async def is_disconnected(self):
            return False

    async def ask():
        with pytest.raises(SettingsError, match="no"):
            await Work(1, 0).run(cast(Any, There()), fail)

    def fail():
        raise SettingsError("no")

    anyio.run(ask)


def test_outside_a_server_work_is_always_wanted():
    still_wanted()


def test_it_is_made_at_once_since_no_model_is_read():
    begin = time.thread_time()
    create_app()
    assert time.thread_time() - begin < 1
