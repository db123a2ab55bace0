"""The whole card: its ends, what is undefined, what it says of strange tunes, and the page."""

import json
import math

import pytest

from songrnn.errors import MissingExtra
from songrnn.evaluation import scorecard
from songrnn.evaluation.metrics import METRICS, PLAYS
from songrnn.evaluation.report import page_of, rows, worst, write_report
from songrnn.evaluation.scorecard import judge
from tiny import JIG, REEL, TUNES

HUMAN = [JIG, REEL, *TUNES[:18]]
STUCK = f"X:1\nT:<b>Stuck</b>\nM:6/8\nL:1/8\nK:Dmaj\n{'dfd cec|' * 40}\n"


@pytest.fixture(scope="module")
def card():
    return judge(["no music at all", STUCK, *TUNES[20:35]], HUMAN, names=("mine", "yours"))


def test_every_metric_is_computed_on_both_sides(card):
    assert list(card.composed.totals) == [metric.name for metric in METRICS]
    assert card.composed.totals["reads"].value == pytest.approx(16 / 17)
    assert card.composed.totals[PLAYS].value == pytest.approx(16 / 17)
    assert card.human.totals["reads"].value == card.human.totals[PLAYS].value == 1
    assert set(card.distances) == {"pitch", "interval", "duration", "rhythm", "repetition", "build"}
    assert set(card.two_samples) == {"characters", "notes", "whole tune"}
    assert card.control == "two halves of the human tunes"
    assert 0 < card.unlikeness < 1


def test_the_worst_tunes_come_first_and_say_why(card):
    broken, stuck = worst(card)[:2]
    assert {broken.number, stuck.number} == {1, 2}
    reported = {tune.number: " / ".join(tune.complaints) for tune in (broken, stuck)}
    assert "cannot be read: line" in reported[1]
    assert "does not play: abc2midi made no notes" in reported[1]
    assert "the same bar in a row: 40, in human tunes " in reported[2]


def test_a_side_without_tunes_is_undefined_and_never_a_crash():
    nothing = judge([], [])
    assert all(math.isnan(estimate.value) for estimate in nothing.composed.totals.values())
    assert json.loads(json.dumps(nothing.as_json(), allow_nan=False))["unlikeness"] is None
    assert {row.composed for row in rows(nothing)} == {"undefined"}
    assert "undefined" in page_of(nothing)
    assert page_of(judge(["broken"], HUMAN[:1], plays=False))


def test_the_same_tunes_on_both_sides_cannot_be_distinguished():
    same = judge(HUMAN, HUMAN, plays=False)
    assert PLAYS not in same.composed.totals
    assert same.composed.totals == same.human.totals
    assert same.unlikeness == 0
    assert all(found.value == 0 for found, _ in same.distances.values())


def test_training_tunes_are_the_control_where_they_are_given():
    card = judge(TUNES[:12], HUMAN, training=TUNES[20:35], plays=False)
    assert card.control == card.as_json()["control"] == "training tunes against the human tunes"
    assert [test.area.tunes for test in card.two_samples["notes"]] == [12 + 20, 15 + 20]


def test_without_scikit_learn_the_card_is_shown_and_says_what_to_install(monkeypatch):
    def missing(*_arguments, **_settings):
        raise MissingExtra("pip install 'songrnn[judge]'")

    monkeypatch.setattr(scorecard, "two_sample", missing)
    card = judge(TUNES[:3], HUMAN, plays=False)
    assert card.two_samples == {}
    assert rows(card)[-1].better == card.missing == "pip install 'songrnn[judge]'"


def test_the_page_and_the_json_are_written_and_what_a_tune_says_stays_text(card, tmp_path):
    path = write_report(card, tmp_path / "new" / "folder")
    page = path.read_text(encoding="utf-8")
    assert "&lt;b&gt;Stuck" in page
    assert "<b>Stuck" not in page
    assert page.count("data:image/svg+xml") == 2
    assert "Discriminative features: notes" in page
    assert "Discriminative features: whole tune" in page
    assert "in the two-sample tests, two halves of the human tunes." in page
    stored = json.loads((path.parent / "scorecard.json").read_text(encoding="utf-8"))
    assert stored["composed"]["totals"]["reads"]["value"] == pytest.approx(16 / 17)
    assert stored["composed"]["tunes"][1]["longest_run"] == 40
    assert stored["two_sample"]["notes"]["human"]["tunes"] == 20
