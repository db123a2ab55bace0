"""Rounds of blind listening over HTTP: what a pair says, whose answers count, and what is in the results."""

import csv
import io

import pytest

from human_tunes import FILE, LONG_JIG, LONG_REEL
from songrnn.corpus.cleaning import tunebook_text
from songrnn.notation.read import read_tune
from songrnn.performance.bar_lengths import bar_duration
from songrnn.performance.bar_places import lasting_bars
from songrnn.statistics import share

API = "/api/listening/rounds"


@pytest.fixture
def code(book):
    made = book.post(API, json={"title": "Class 7b", "source": "file", "file": FILE, "pairs": 3, "seed": 1})
    assert made.status_code == 201, made.text
    return made.json()["code"]


def joined(book, code, name="Nora"):
    return book.post(f"{API}/{code}/participants", json={"name": name}).json()


def answered(book, code, who, number, human="first"):
    answer = {"secret": who["secret"], "human": human, "seconds": 4.25}
    return book.post(f"{API}/{code}/pairs/{number}/answers", json=answer)


def header_and_length(abc):
    tune = read_tune(abc)
    header = [line for line in abc.splitlines() if line[:2] in ("R:", "M:", "L:", "K:")]
    return header, sum(map(bar_duration, lasting_bars(tune))) // tune.header.meter_in_force.duration


def test_the_two_tunes_of_a_pair_differ_in_nothing_but_the_music(book, code):
    pairs = book.get(f"{API}/{code}").json()["hidden"]
    assert len(pairs) == 3
    human = {tunebook_text(tune) for tune in (LONG_JIG, LONG_REEL)}
    for pair in pairs:
        assert set(pair) == {"number", "first", "second"}
        assert header_and_length(pair["first"]) == header_and_length(pair["second"])
        texts = [pair[side].removeprefix("X:1\n") for side in ("first", "second")]
        assert sum(text in human for text in texts) == 1
        assert not any("T:" in text for text in texts)


def test_answers_are_counted_once_all_pairs_are_answered_and_the_keys_come_with_the_end(book, code):
    nora, ben = joined(book, code), joined(book, code, "Ben")
    for number in (1, 2, 3):
        last = answered(book, code, nora, number).json()
    answered(book, code, ben, 1)
    open_results = book.get(f"{API}/{code}/results").json()
    assert open_results["all"]["answers"] == 3
    assert open_results["all"]["right"] == last["right"]
    assert [one["answered"] for one in open_results["participants"]] == [3, 1]
    assert open_results["participants"][1]["share"] is None
    assert {pair["human"] for pair in open_results["pairs"]} == {None}
    refused = book.get(f"{API}/{code}/results.csv")
    assert (refused.status_code, "close the round first" in refused.json()["detail"]) == (422, True)

    closed = book.post(f"{API}/{code}/close").json()
    human = [pair["human"] for pair in closed["pairs"]]
    rights = [float(side == "first") for side in human]
    expected = share([*rights, rights[0]])
    assert closed["all"] == {
        "right": round(sum(rights) + rights[0]),
        "answers": 4,
        "share": expected.value,
        "low": expected.low,
        "high": expected.high,
    }
    assert closed["pairs"][0]["human_title"].startswith("The Kettle")
    assert answered(book, code, ben, 2).status_code == 422
    assert book.post(f"{API}/{code}/participants", json={}).status_code == 422


def test_the_answers_of_a_closed_round_are_a_table_for_statistics_programs(book, code):
    who = joined(book, code, '=1+1,"x"')
    answered(book, code, who, 2, "second")
    closed = book.post(f"{API}/{code}/close").json()
    answer = book.get(f"{API}/{code}/results.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    [row] = csv.DictReader(io.StringIO(answer.text))
    assert row["participant"] == '\'=1+1,"x"'
    assert (row["round"], row["pair"], row["answer"], row["seconds"]) == ("Class 7b", "2", "second", "4.2")
    assert row["right"] == str(int(closed["pairs"][1]["human"] == "second"))
    assert row["human"] == closed["pairs"][1]["human"]


def test_a_name_is_taken_once_and_an_answer_stays(book, code):
    nora = joined(book, code)
    taken = book.post(f"{API}/{code}/participants", json={"name": "Nora"})
    assert (taken.status_code, taken.json()["setting"]) == (422, "name")
    assert joined(book, code, "")["name"] == "Guest 2"
    assert answered(book, code, nora, 1).json()["answered"] == [1]
    again = answered(book, code, nora, 1, "second")
    assert (again.status_code, "answered already" in again.json()["detail"]) == (422, True)
    assert book.get(f"{API}/{code}/participants/{nora['secret']}").json()["answered"] == [1]
    assert book.get(f"{API}/{code}/participants/nobody").status_code == 404
    assert answered(book, code, nora, 4).status_code == 404


def test_a_round_is_listed_and_deleted_with_its_answers(book, code):
    answered(book, code, joined(book, code), 1)
    [listed] = book.get(API).json()
    assert (listed["title"], listed["participants"], listed["answers"]) == ("Class 7b", 1, 1)
    assert book.delete(f"{API}/{code}").status_code == 204
    assert book.get(API).json() == []
    assert book.get(f"{API}/{code}/results").status_code == 404


@pytest.mark.parametrize(
    ("request_of_round", "reason"),
    [
        ({"source": "file", "file": "nothing"}, "the file has no tune"),
        ({"source": "tunebook"}, "has no tune that a person made"),
        ({"source": "file", "file": FILE, "pairs": 40}, "give 3 pairs; 40 are requested"),
        ({"source": "file", "file": FILE, "pairs": 1, "rhythm": "waltz"}, "give 0 pairs of the rhythm 'waltz'"),
        ({"source": "held-out"}, "does not say which tunes it has learned from"),
    ],
)
def test_a_source_without_enough_tunes_is_refused_with_the_reason(book, request_of_round, reason):
    answer = book.post(API, json=request_of_round)
    assert (answer.status_code, reason in answer.json()["detail"]) == (422, True), answer.text


def test_imported_tunes_of_the_tunebook_are_human_and_composed_ones_are_not(book):
    book.post("/api/tunebook/import", content=FILE[: FILE.index("X:3")], headers={"content-type": "text/vnd.abc"})
    composed = {"abc": f"X:1\n{LONG_JIG}", "origin": "rewritten"}
    book.post("/api/tunebook/tunes", json=composed)
    assert book.post(API, json={"source": "tunebook", "pairs": 2}).status_code == 201
    assert "give 2 pairs" in book.post(API, json={"source": "tunebook", "pairs": 3}).json()["detail"]


def test_who_may_not_come_in_gets_no_address_and_a_class_gets_one_with_the_token(book, code, guarded):
    alone = book.get(f"{API}/{code}/joining").json()
    assert (alone["address"], "--host 0.0.0.0 --token" in alone["hint"]) == ("", True)
    headers = {"Authorization": "Bearer evening-class"}
    made = guarded.post(API, json={"source": "file", "file": FILE, "pairs": 1}, headers=headers).json()
    address = guarded.get(f"{API}/{made['code']}/joining", headers=headers).json()["address"]
    assert address.endswith(f"/listening?token=evening-class#{made['code']}")
    assert guarded.get(f"{API}/{made['code']}/qr.svg", headers=headers).text.startswith("<?xml")
    assert guarded.get(f"{API}/{made['code']}").status_code == 401
    guarded.delete(f"{API}/{made['code']}", headers=headers)
