"""The tunebook over HTTP: what it answers, what it refuses, and that what is composed can be composed again."""

import json
import re

import pytest

from songrnn.errors import RunError
from songrnn.studio.app import create_app
from songrnn.studio.archive.archive import Archive
from songrnn.studio.settings import StudioSettings
from tiny import JIG

BASE = "/api/tunebook"


def kept(book, **fields):
    answer = book.post(f"{BASE}/tunes", json={"abc": JIG, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_tune_is_kept_changed_deleted_restored_and_removed(book):
    answer = book.post(f"{BASE}/tunes", json={"abc": JIG, "title": "One", "tags": ["B", "a"]})
    tune = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"{BASE}/tunes/{tune['id']}")
    place = f"{BASE}/tunes/{tune['id']}"
    assert book.get(place).json() == tune
    assert book.patch(place, json={"stars": 5}).json()["stars"] == 5
    assert book.get(f"{BASE}/tunes", params={"stars": 5, "tag": "B"}).json()["total"] == 1
    assert book.post(f"{place}/versions", json={"abc": JIG.replace("DFA", "DFF")}).json()["current"] == 2
    assert book.get(f"{place}/versions/1").json()["abc"] == tune["abc"]
    assert book.delete(f"{BASE}/deleted/{tune['id']}").status_code == 404
    assert book.delete(place).json()["deleted_at"]
    assert book.get(f"{BASE}/tunes").json()["total"] == 0
    assert book.post(f"{place}/restore").json()["deleted_at"] is None
    book.delete(place)
    assert book.delete(f"{BASE}/deleted/{tune['id']}").status_code == 204
    assert book.get(place).json()["detail"] == f"there is no tune {tune['id']} in the tunebook"


def test_a_composed_tune_is_composed_again_to_the_character(book):
    request = {"sampling": {"seed": 4, "max_characters": 400}, "count": 2}
    [_, tune] = book.post("/api/compose", json=request).json()["tunes"]
    fields = {"origin": "composed", "request": tune["request"], "tune_number": tune["number"], "model": "tiny"}
    number = kept(book, abc=tune["abc"], **fields)["id"]
    version = book.get(f"{BASE}/tunes/{number}/versions/1").json()
    assert version["checkpoint"]
    assert version["engine"]["kernel"]
    again = book.post(f"{BASE}/tunes/{number}/versions/1/compose").json()
    assert (again["same"], again["model"]) == (True, "tiny")
    edited = kept(book, abc=tune["abc"] + "C|\n", **fields)["id"]
    assert not book.post(f"{BASE}/tunes/{edited}/versions/1/compose").json()["same"]


def test_what_cannot_be_composed_again_says_why(book):
    by_hand = kept(book)["id"]
    answer = book.post(f"{BASE}/tunes/{by_hand}/versions/1/compose")
    assert (answer.status_code, "was not composed whole" in answer.json()["detail"]) == (422, True)
    fields = {"origin": "composed", "request": {"sampling": {"seed": 1}}, "tune_number": 0, "checkpoint": "f" * 64}
    foreign = kept(book, **fields)["id"]
    answer = book.post(f"{BASE}/tunes/{foreign}/versions/1/compose")
    assert "composed with the model ffffffffffff, which is not open" in answer.json()["detail"]


def test_sets_and_titles_and_counts(book):
    first, second = kept(book, title="One")["id"], kept(book, title="Two", tags=["x"])["id"]
    made = book.post(f"{BASE}/sets", json={"title": "S", "tunes": [second, first]}).json()
    assert [tune["title"] for tune in made["tunes"]] == ["Two", "One"]
    place = f"{BASE}/sets/{made['id']}"
    assert book.put(place, json={"title": "S2", "tunes": [first]}).json() == book.get(place).json()
    assert book.get(f"{BASE}/sets").json()[0]["title"] == "S2"
    assert book.delete(place).json()["deleted_at"]
    assert book.get(f"{BASE}/sets?deleted=true").json()[0]["id"] == made["id"]
    assert book.post(f"{place}/restore").json()["deleted_at"] is None
    assert book.get(f"{BASE}/tags").json() == [{"value": "x", "tunes": 1}]
    assert book.get(f"{BASE}/rhythms").json() == [{"value": "jig", "tunes": 2}]
    titles = book.post(f"{BASE}/titles", json={"abc": JIG, "place": "Kilburn", "count": 3}).json()
    assert len(titles) == 3


def test_files_go_in_and_out(book):
    report = book.post(f"{BASE}/import?tag=in", content=f"X:1\nT:One\n{JIG}".encode()).json()
    assert [tune["title"] for tune in report["kept"]] == ["One"]
    answer = book.get(f"{BASE}/export/abc")
    assert answer.headers["content-disposition"] == 'attachment; filename="one.abc"'
    assert answer.text.startswith("X:1\nT:One\n")
    made = book.post(f"{BASE}/sets", json={"title": "../S", "tunes": [1, 1]}).json()
    pdf = book.get(f"{BASE}/export/pdf", params={"set": made["id"]})
    assert (pdf.headers["content-disposition"], pdf.content[:5]) == ('attachment; filename="s.pdf"', b"%PDF-")


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "detail"),
    [
        ("GET", "/tunes/7", None, 404, "there is no tune 7"),
        ("GET", "/tunes/99999999999999999999", None, 422, "tune: "),
        ("GET", "/tunes?words=a%00b", None, 422, "words: .*printable"),
        ("GET", "/tunes?limit=501", None, 422, "limit: "),
        ("GET", "/tunes?wrods=a", None, 422, "wrods: "),
        ("GET", "/export/exe", None, 422, "kind: "),
        ("GET", "/export/abc", None, 422, "found 0 tunes"),
        ("GET", "/export/abc?tune=1&set=1", None, 422, "name tunes, or a set, not both"),
        ("GET", "/export/abc?tune=../../etc/passwd", None, 422, "tune"),
        ("POST", "/tunes", {"abc": "X:1\nT:x\n"}, 422, "expected the field K:"),
        ("POST", "/tunes", {"abc": "K:C\n" + "C" * 3_000}, 422, "3,004 characters; this studio takes 3,000"),
        ("POST", "/tunes", {"abc": JIG, "title": "x" * 201}, 422, "title: "),
        ("POST", "/tunes", {"abc": JIG, "stars": 6}, 422, "stars: "),
        ("POST", "/tunes", {"abc": JIG, "model": "none"}, 422, "there is no model 'none'"),
        ("POST", "/tunes", {"abc": JIG, "request": {"sampling": {"seed": -1}}}, 422, "seed"),
        ("POST", "/tunes", {"abc": "K:C\nC\u0000|"}, 422, "printable"),
        ("POST", "/tunes", {"abc": JIG, "request": {"prompt": "\ud800"}}, 422, "request.*surrogate"),
        ("POST", "/sets", {"title": "S", "tunes": [7]}, 404, "there is no tune 7"),
        ("POST", "/sets", {"title": ""}, 422, "title: "),
        ("POST", "/import", None, 422, ""),
    ],
)
def test_what_is_wrong_is_refused_in_one_line(client, method, path, sent, status, detail):
    content = None if sent is None else json.dumps(sent)  # escaped, so that halves of surrogate pairs get through
    answer = client.request(method, BASE + path, content=content, headers={"content-type": "application/json"})
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert "\n" not in problem["detail"]
    assert re.search(detail, problem["detail"]), problem["detail"]


def test_the_page_names_itself_and_carries_no_script_of_a_tune(book):
    kept(book, title="<script>alert(1)</script>")
    page = book.get("/tunebook")
    assert page.status_code == 200
    assert "alert(1)" not in page.text
    assert 'aria-current="page">Tunebook' in page.text


def test_a_database_that_cannot_be_used_ends_the_start(tmp_path):
    (tmp_path / "notes.db").write_text("these are notes " * 500)
    with pytest.raises(RunError, match="file is not a database"):
        create_app(StudioSettings(database=str(tmp_path / "notes.db")))


def test_where_the_copy_of_an_older_database_is_is_said(tmp_path, monkeypatch, capsys):
    opened = Archive.open(tmp_path / "t.db")
    opened.copied = "t-before-r0002.db"
    monkeypatch.setattr(Archive, "open", lambda _: opened)
    create_app(StudioSettings(database=str(tmp_path / "t.db")))
    opened.close()
    assert "a copy of the older one is t-before-r0002.db" in capsys.readouterr().err
