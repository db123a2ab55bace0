import json
from typing import Any

import pytest

from songrnn.composing.composer import Composer, load
from songrnn.composing.composition import Composition
from songrnn.composing.reranking import Rank

SMALL: dict[str, Any] = {"max_characters": 300, "seed": 3}


def test_tunes_are_those_of_the_library(client, tiny_model):
    answer = client.post("/api/compose", json={"count": 3, "sampling": SMALL, "form": {"key": "G"}})
    made = [made.abc() for made in load(tiny_model).compose_many(count=3, key="G", **SMALL)]
    assert answer.status_code == 200
    assert [tune["abc"] for tune in answer.json()["tunes"]] == made


def test_the_best_stands_first_and_the_request_of_a_tune_composes_it_again(client, monkeypatch):
    monkeypatch.setattr(Composition, "rank", property(lambda made: Rank(False, 0.0, 0.0, False, made.number != 2, 0.0)))
    body = client.post("/api/compose", json={"count": 4, "sampling": {**SMALL, "seed": 8}}).json()
    ranks = [body["tunes"][place]["rank"] for place in body["best"]]
    assert body["best"] == [2, 0, 1, 3]
    assert ranks == sorted(ranks)
    third = body["tunes"][2]
    again = client.post("/api/compose", json=third["request"]).json()["tunes"]
    assert [tune["abc"] for tune in again] == [third["abc"]]


def test_the_drawn_seed_is_reported(client, drawn_seeds):
    body = client.post("/api/compose", json={"sampling": {"max_characters": 50}}).json()
    assert body["tunes"][0]["request"]["sampling"]["seed"] == body["seed"]


def test_events_bring_each_tune_and_then_the_end(client):
    plain = client.post("/api/compose", json={"count": 2, "sampling": SMALL}).json()["tunes"]
    answer = client.post("/api/compose/events", json={"count": 2, "sampling": SMALL})
    events = [event.split("\n") for event in answer.text.strip().split("\n\n")]
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [name for name, _ in events] == ["event: tune", "event: tune", "event: end"]
    assert [json.loads(data.removeprefix("data: "))["abc"] for _, data in events[:2]] == [t["abc"] for t in plain]


def test_a_mistake_while_events_run_is_an_event(client):
    answer = client.post("/api/compose/events", json={"prompt": "K:G\n☃", "sampling": SMALL})
    assert answer.text.startswith("event: problem\n")
    assert "'☃'" in answer.text


def test_candidates_by_default_count_too(client, monkeypatch):
    monkeypatch.setattr(Composer, "candidates_of", lambda *_: 4)
    answer = client.post("/api/compose", json={"count": 3, "sampling": SMALL})
    assert answer.status_code == 422
    assert "count, its candidates counted, is 12; this studio allows 8" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "detail", "setting"),
    [
        ({"form": {"key": "H"}}, "the key 'H' has no meaning in ABC", ""),
        ({"form": {"bars": -1}}, "bars is -1, but it must be at least 0", "bars"),
        ({"sampling": {"temperature": 9}}, "temperature is 9, but it must be at most 5", "temperature"),
        ({"songs": 1}, "Request has no setting 'songs'", ""),
        ({"count": 10**9}, "count is 1,000,000,000; this studio allows 8", "count"),
        ({"count": 4, "best_of": 3}, "count, its candidates counted, is 12; this studio allows 8", "count"),
        ({"sampling": {"max_characters": 10**6}}, "max_characters is 1,000,000; this studio allows 3,000", ""),
        ({"originality": {"original": "3bars"}}, "tries is 20; this studio allows 3", "tries"),
        ({"prompt": "a" * 3_001}, "prompt has 3,001 characters; this studio takes 3,000", "prompt"),
        ({"prompt": "X:1\nX:2\n"}, "the prompt holds several tunes", ""),
        ([], "the request: ", ""),
        ({"form": "reel"}, "form is 'reel', but it must be settings", "form"),
    ],
)
def test_what_cannot_be_composed_is_a_problem_in_words(client, body, detail, setting):
    answer = client.post("/api/compose", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert detail in answer.json()["detail"]
    assert not setting or answer.json()["setting"] == setting


def test_a_model_that_is_not_open_is_none_even_if_it_is_a_path(client, tiny_model):
    for name in ("nobody", tiny_model, "../tiny"):
        answer = client.post("/api/compose", params={"model": name}, json={})
        assert answer.status_code == 422
        assert "there are tiny" in answer.json()["detail"]


def test_the_form_is_made_from_the_settings(client):
    settings = client.get("/api/settings").json()
    assert settings["models"] == ["tiny"]
    assert settings["sampling"]["properties"]["temperature"]["default"] == 0.8
    assert settings["form"]["properties"]["bars"]["description"].startswith("how many bars are written")
    assert "violin" in settings["instruments"]


def test_selected_bars_are_written_anew(client):
    abc = "X:1\nT:The Long Shelf\nM:4/4\nL:1/8\nK:Gmaj\n|:GBdB gdBd|ecAc fdAF|GBdB gdBd|edcA G4:|\n"
    body = {"abc": abc, "first": 1, "last": 2, "count": 2, "candidates": 16, "sampling": {"seed": 1}}
    made = client.post("/api/rewrite", json=body).json()
    assert len(made["tunes"]) == 2
    for tune in made["tunes"]:
        assert tune["abc"][: tune["begin"]] == abc[: abc.index("ecAc")]
        assert tune["abc"][tune["end"] :] == "|edcA G4:|\n"
    wrong = client.post("/api/rewrite", json={**body, "last": 9})
    assert wrong.status_code == 422
    assert "the tune has 4" in wrong.json()["detail"]
    assert client.post("/api/rewrite", json={**body, "candidates": 10**6}).status_code == 422
