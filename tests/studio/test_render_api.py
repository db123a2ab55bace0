import re

import pytest

from songrnn.studio.render import page_svg
from tiny import JIG

TUNE = f"X:1\nT:The Copper Ladle\n{JIG}"


@pytest.fixture(scope="module")
def rendered(client):
    answer = client.post("/api/render", json={"abc": TUNE})
    assert answer.status_code == 200
    return answer.json()


def test_each_note_that_sounds_stands_in_the_score(rendered):
    signs = set(re.findall(r'data-note="([^"]+)"', rendered["svg"]))
    assert {note["note"] for note in rendered["notes"]} == signs
    assert signs >= {"n7-3", "n7-4"}  # D and F after "|:" in the seventh line


def test_times_follow_the_tempo_and_the_repeat(rendered):
    notes = rendered["notes"]
    assert rendered["sound"] == "3/8=120, violin"
    assert [note["begin"] for note in notes[:3]] == pytest.approx([0, 1 / 6, 2 / 6], abs=1e-3)
    assert rendered["seconds"] == pytest.approx(2 * 4 * 6 / 8 / (3 / 8) / 2)
    assert [note["begin"] for note in notes if note["note"] == "n7-3"] == pytest.approx([0, 4], abs=1e-3)


def test_bars_are_stretches_of_the_text(rendered):
    assert [TUNE[begin:end] for begin, end in rendered["bars"]] == ["DFA dfa|", "gec dAF|", "DFA dfa|", "gec d3:|\n"]
    assert rendered["bar_numbers"] == [1, 2, 3, 4]


def test_a_pickup_has_the_number_0(client):
    rendered = client.post("/api/render", json={"abc": "X:1\nM:3/4\nL:1/4\nK:G\n|: d | GAB :| z | Z | c3 |]\n"}).json()
    assert rendered["bar_numbers"] == [0, 1, 0, 2, 3]
    assert len(rendered["bars"]) == 5


def test_the_score_has_no_style_and_no_id_beside_its_glyphs(rendered):
    _, _, drawing = rendered["svg"].partition("</defs>")
    assert "<style" not in rendered["svg"]
    assert "style=" not in rendered["svg"]
    assert " id=" not in drawing


def test_a_note_of_two_signs_has_one_name():
    assert page_svg('<svg><defs></defs><g id="n3-1"/><g id="n3-1-2"/><g id="x"/></svg>') == (
        '<svg><defs></defs><g data-note="n3-1"/><g data-note="n3-1"/><g/></svg>'
    )


def test_the_beat_of_a_tempo_is_said_in_words(client):
    svg = client.post("/api/render", json={"abc": TUNE.replace("R:jig", "Q:3/8=120")}).json()["svg"]
    assert ">dotted quarter</tspan>" in svg
    assert not re.search("[\ue000-\uf8ff]", svg)  # signs of a music font, which the page does not have


@pytest.mark.parametrize(
    ("name", "media", "begin"),
    [("midi", "audio/midi", b"MThd"), ("mp3", "audio/mpeg", b""), ("musicxml", "application/vnd", b"<?xml")],
)
def test_files_are_made_when_they_are_fetched(client, rendered, name, media, begin):
    answer = client.get(f"/api/rendered/{rendered['id']}/{name}", params={"save": True})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media)
    assert answer.headers["content-disposition"].startswith('attachment; filename="the-copper-ladle.')
    assert answer.content.startswith(begin)
    assert len(answer.content) > 100


def test_the_same_tune_is_rendered_once(client, rendered, monkeypatch):
    monkeypatch.setattr("songrnn.studio.render._made", None)
    assert client.post("/api/render", json={"abc": TUNE}).json() == rendered


def test_a_title_is_never_markup_nor_path(client):
    for title in ("<script>alert(1)</script>", "../../x", '"><img src=x onerror=alert(1)>'):
        made = client.post("/api/render", json={"abc": f"X:1\nT:{title}\n{JIG}"}).json()
        assert "<script" not in made["svg"]
        assert "<img" not in made["svg"]
        file = client.get(f"/api/rendered/{made['id']}/abc", params={"save": True})
        assert re.fullmatch(r'attachment; filename="[\w-]+\.abc"', file.headers["content-disposition"])


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"abc": "X:1\nK:G\n"}, "the tune has no notes"),
        ({"abc": "nothing"}, "line 1"),
        ({"abc": ""}, "abc is missing"),
        ({"abc": TUNE, "tempo": "fast"}, "'fast' is not a tempo"),
        ({"abc": TUNE, "instrument": "kazoo"}, "there is no instrument 'kazoo'"),
        ({"abc": TUNE, "soundfont": "/etc/passwd"}, "RenderRequest has no setting 'soundfont'"),
        ({"abc": TUNE, "page_width": 1}, "page_width is 1, but it must be at least 600"),
        ({"abc": "X:1\nK:G\n" + "a" * 3_000}, "abc has 3,008 characters; this studio takes 3,000"),
    ],
)
def test_what_cannot_be_rendered_is_a_problem_in_words(client, body, detail):
    answer = client.post("/api/render", json=body)
    assert answer.status_code == 422
    assert detail in answer.json()["detail"]


def test_a_tune_that_is_not_kept_and_a_format_that_is_none_are_problems(client, rendered):
    gone = client.get("/api/rendered/0123/mp3")
    assert (gone.status_code, gone.headers["content-type"]) == (404, "application/problem+json")
    assert "render it again" in gone.json()["detail"]
    assert client.get(f"/api/rendered/{rendered['id']}/pdf").status_code == 422


def test_a_tune_is_transposed_with_its_key(client):
    made = client.post("/api/transpose", json={"abc": TUNE, "semitones": 2}).json()
    assert "K:Emaj" in made["abc"]
    assert client.post("/api/transpose", json={"abc": TUNE, "semitones": 99}).status_code == 422
    too_low = client.post("/api/transpose", json={"abc": "K:C\nC,,,,,|\n", "semitones": -24})
    assert (too_low.status_code, "octave" in too_low.json()["detail"]) == (422, True)


def test_a_tune_is_put_into_another_meter_or_the_reason_is_said(client):
    made = client.post("/api/meter", json={"abc": TUNE, "meter": "12/8"}).json()["abc"]
    assert "M:12/8" in made
    assert client.post("/api/check", json={"abc": made}).json()["problems"] == []
    for meter, reason in (("4/4", "without changing the length of notes"), ("jig", "expected a meter such as 6/8")):
        answer = client.post("/api/meter", json={"abc": TUNE, "meter": meter})
        assert (answer.status_code, reason in answer.json()["detail"]) == (422, True)


def test_problems_have_line_and_column(client):
    found = client.post("/api/check", json={"abc": "X:1\nM:4/4\nL:1/4\nK:G\nGABc|GAB|GABc|\n"}).json()
    assert found["readable"]
    assert [(one["line"], one["column"], one["kind"]) for one in found["problems"]] == [(5, 6, "bar")]


def test_a_text_that_is_no_tune_is_unreadable(client):
    found = client.post("/api/check", json={"abc": "hello"}).json()
    assert not found["readable"]
    assert found["problems"][0]["kind"] == "error"


def test_one_tune_is_judged(client):
    judged = client.post("/api/judge", json={"abc": TUNE}).json()
    figures = {figure["name"]: figure["value"] for figure in judged["figures"]}
    assert judged["fault"] == ""
    assert figures["in_key"] == 1
    assert figures["bars"] == 8
    assert judged["originality"] == ""  # this model has no melodies
