"""A scorecard for people: rows of texts, and a folder with one self-contained page and all of it as JSON."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

from songrnn.evaluation.plots import bar_likeness, histograms
from songrnn.evaluation.questions import QUESTIONS
from songrnn.evaluation.scorecard import JudgedTune, Scorecard, Side, between, shown
from songrnn.evaluation.statistics import Estimate
from songrnn.pages.document import Figure, Table
from songrnn.rendering.page import page
from songrnn.storage import write_whole

WORST = 30
COMMONEST_FORMS = 8
DISTANCE_TITLES = {
    "pitch": "pitches",
    "interval": "intervals",
    "duration": "lengths",
    "rhythm": "rhythms",
    "repetition": "repetition",
    "build": "build",
}
FEATURES = {
    "characters": "The sequences of characters whose shares of tunes differ most between the sides; ⏎ is a line end, "
    "␣ a blank.",
    "notes": "The pairs of notes whose shares of tunes differ most between the sides; each note is its interval from "
    "the one before, in semitones, and its length, of a whole note.",
}
ABOUT = """\
Composed tunes beside human ones. In brackets: between these the figure lies with 95 %, were there as many tunes as one
likes. "higher": the higher the better. "near human": the nearer to the human figure the better.

Where whole collections are compared, the human column has two halves of the human tunes: what the figure comes to where
there is nothing to find."""


@dataclass(frozen=True)
class Row:
    """One line of the card, as texts."""

    title: str
    composed: str
    human: str
    better: str


def rows(card: Scorecard) -> list[Row]:
    """Every figure of the card, in the order in which it is shown."""
    sides = (card.composed, card.human)
    found = []
    for question in QUESTIONS:
        if question.name in card.composed.totals:
            composed, human = (_estimated(side.totals[question.name], question.percent) for side in sides)
            found.append(Row(question.title, composed, human, question.better))
    for statistic, distances in card.distances.items():
        composed, human = (_estimated(one) for one in distances)
        found.append(Row(f"distance of {DISTANCE_TITLES[statistic]}, bits", composed, human, "0"))
    for view, tests in card.two_samples.items():
        composed, human = (_estimated(one.area) for one in tests)
        found.append(Row(f"told apart by their {view}", composed, human, "0.5"))
    if card.missing:
        found.append(Row("told apart", "not computed", "", card.missing))
    return found


def worst(card: Scorecard) -> list[JudgedTune]:
    """The composed tunes with complaints, those with the most first."""
    strange = [tune for tune in card.composed.tunes if tune.complaints]
    return sorted(strange, key=lambda tune: (-len(tune.complaints), tune.number))


def write_report(card: Scorecard, folder: Path) -> Path:
    """Write scorecard.json and index.html into `folder`; returns the page's path. Raises RunError where it cannot."""
    write_whole(
        folder / "scorecard.json", json.dumps(card.as_json(), ensure_ascii=False, allow_nan=False), forced=False
    )
    path = folder / "index.html"
    write_whole(path, page_of(card), forced=False)
    return path


def page_of(card: Scorecard) -> str:
    """The page."""
    return page(
        f"{card.composed.name} beside {card.human.name}",
        introduction=f"{len(card.composed.tunes):,} composed tunes, {len(card.human.tunes):,} human ones.\n\n{ABOUT}",
        tables=[_figures(card), _forms(card), *_telling(card), _worst(card)],
        figures=[
            Figure(
                "Pitch, interval, duration", histograms(card), None, "Shares of the notes of a tune, mean over tunes."
            ),
            Figure(
                "Which bars are alike",
                bar_likeness(card),
                None,
                "A tune in the middle of each side. Dark squares off the diagonal: a bar that comes back.",
            ),
        ],
    )


def _figures(card: Scorecard) -> Table:
    return Table(
        "The card",
        ("question", "composed", "human", "better"),
        tuple((row.title, row.composed, row.human, row.better) for row in rows(card)),
        "The contract of each figure stands in the module of songrnn.evaluation that computes it.",
    )


def _forms(card: Scorecard) -> Table:
    sides = (card.composed, card.human)
    commonest = dict.fromkeys(form for side in sides for form in list(side.forms)[:COMMONEST_FORMS])
    return Table(
        "Forms",
        ("form", "composed", "human"),
        tuple((form, *(_share_of(side, form) for side in sides)) for form in commonest),
        "Letters stand for strains of eight bars, as played.",
    )


def _share_of(side: Side, form: str) -> str:
    return shown(side.forms.get(form, 0) / len(side.tunes) if side.tunes else math.nan, True)


def _telling(card: Scorecard) -> list[Table]:
    return [
        Table(
            f"What gives them away: {view}",
            ("feature", "composed tunes with it", "human tunes with it"),
            tuple(
                (_visible(one.feature, view), shown(one.composed, True), shown(one.human, True)) for one in test.telling
            ),
            FEATURES[view],
        )
        for view, (test, _) in card.two_samples.items()
    ]


def _visible(feature: str, view: str) -> str:
    return feature.replace("\n", "⏎").replace(" ", "␣") if view == "characters" else feature


def _worst(card: Scorecard) -> Table:
    told = worst(card)
    left = len(told) - WORST
    return Table(
        "The worst tunes, and why",
        ("number", "title", "form", "why", "tune"),
        tuple((str(t.number), t.title, t.form, "; ".join(t.complaints), t.text) for t in told[:WORST]),
        f"{len(told):,} of {len(card.composed.tunes):,} composed tunes are broken, or stranger than all but one in a "
        "hundred human ones" + (f"; scorecard.json has the other {left:,}." if left > 0 else "."),
    )


def _estimated(estimate: Estimate, percent: bool = False) -> str:
    value = shown(estimate.value, percent)
    if math.isnan(estimate.low):
        return value
    return f"{value} ({between(estimate.low, estimate.high, percent).removesuffix(' %')})"
