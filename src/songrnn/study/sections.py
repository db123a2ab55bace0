"""The sections of a study's report, for every format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from songrnn.neurons.labelling import LEAST_EXPLAINED
from songrnn.neurons.results import Label
from songrnn.pages.document import Figure, Table
from songrnn.statistics import Interval
from songrnn.study.answers import Answer, about_numbers, compared, converged, unconverged
from songrnn.study.figures import NAMES, Curve, curves, effect
from songrnn.study.folder import StudyPlan
from songrnn.study.insight import Insight
from songrnn.study.run import TrialResult
from songrnn.study.table import (
    Score,
    configurations,
    difference,
    mean_over_seeds,
    values_of,
    where,
)

SHOWN_TUNES = 1  # configurations of each cell whose tunes are on the main page
LONGEST_LISTING = 600  # characters
INTERVALS = (
    "Bits per character over every character of every held-out tune, lower is better; ± is half of the 95 % t-interval "
    "over seeds. Of twenty such intervals one is expected to miss."
)


@dataclass(frozen=True)
class Listing:
    """A tune as text; `error`: why it is not valid, "" if it is."""

    title: str
    text: str
    error: str


Block = tuple[
    Literal["text", "heading", "table", "figure", "listing", "links"],
    str | Table | Figure | Listing | tuple[tuple[str, str], ...],
]
"""Kind and content; links are (label, address relative to the study's folder)."""


@dataclass(frozen=True)
class Section:
    """A part of the report."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Findings:
    """The results from which a report is written.

    curves, compositions: by configuration; counts: of the compositions, for each temperature.
    """

    plan: StudyPlan
    results: tuple[TrialResult, ...]
    curves: Mapping[str, Curve]
    compositions: Mapping[str, Mapping[str, Any]]
    counts: tuple[Mapping[str, Any], ...]
    insights: tuple[Insight, ...]
    answers: tuple[Answer, ...]


def sections(found: Findings) -> list[Section]:
    """The parts in their order."""
    if all(result.failure for result in found.results):
        return [Section("All trainings failed", (("table", _failures(found.results)),))]
    return [
        _headline(found.results),
        Section("In sentences", tuple(_answer_blocks(found.answers))),
        _full_table(found.results),
        _curves(found),
        _effects(found.results),
        _tunes(found),
        _neurons(found.insights),
    ]


def introduction(plan: StudyPlan, results: Sequence[TrialResult]) -> list[str]:
    """The introduction: what was done, in one or two paragraphs."""
    corpus, settings = plan.corpus, plan.settings
    failed = sum(bool(result.failure) for result in results)
    held_out = f"validated on {len(corpus.validation):,}"
    held_out += f" and tested on {len(corpus.test):,} more, which chose nothing" if corpus.test else ""
    lost = f", {failed} of which failed" if failed else ""
    often = "once" if plan.epochs == 1 else f"{plan.epochs:g} times"
    first = (
        f"{_listed([NAMES[cell] for cell in settings.cells], 'and')}, each of {_either(settings.hidden_sizes)} "
        f"neurons, with dropout {_either(settings.dropouts)} and {settings.seeds} seeds: {len(results)} "
        f"trainings{lost}. Each read {len(corpus.training):,} tunes ({sum(map(len, corpus.training)):,} characters) "
        f"{often}, on one thread, and was {held_out}."
    )
    return [
        *unconverged(results),
        _capital(first),
        "All trainings have the same number of epochs and none was ended early; a network's score is that of its best "
        "checkpoint by validation. Where two networks are compared, they differ in one thing only and share a seed.",
    ]


def _headline(results: Sequence[TrialResult]) -> Section:
    cells = values_of(results, "cell")
    pairs = [(b, a) for a, b in combinations(cells, 2)]
    header = (
        *("neurons", "dropout"),
        *(cell.upper() for cell in cells),
        *(f"{one.upper()} − {other.upper()}" for one, other in pairs),
    )

    def row(rows: Sequence[TrialResult], name: tuple[str, str], score: Score = "validation") -> tuple[str, ...]:
        means = [mean_over_seeds(where(rows, cell=cell), score).text() for cell in cells]
        gaps = [difference(rows, "cell", one, other, score).text(signed=True) for one, other in pairs]
        return (*name, *means, *gaps)

    places = [
        (size, dropout) for size in values_of(results, "hidden_size") for dropout in values_of(results, "dropout")
    ]
    rows = [row(where(results, hidden_size=s, dropout=d), (str(s), f"{d:g}")) for s, d in places]
    whole = [row(results, ("all", "all"))]
    if any(result.test is not None for result in results):
        whole.append(row(results, ("all (test)", "all"), "test"))
    final = all(converged(where(results, cell=cell)) for cell in cells)
    sentences = [
        compared(f"the {NAMES[one]}", f"the {NAMES[other]}", difference(results, "cell", one, other), final=final)
        for one, other in pairs
    ]
    caption = (
        f"On the validation tunes, but for the row of the test. {INTERVALS} Below zero, the first of two is better."
    )
    title = " against ".join(NAMES[cell] for cell in cells)
    blocks: list[Block] = [("text", " ".join(sentences))] if sentences else []
    return Section(
        _capital(title), (*blocks, ("table", Table("At each size and dropout", header, (*whole, *rows), caption)))
    )


def _full_table(results: Sequence[TrialResult]) -> Section:
    header = (
        "cell",
        "neurons",
        "dropout",
        "validation",
        "test",
        "best epoch",
        "epochs",
        "seconds",
        "weights",
        "failed",
    )
    rows = []
    for group in configurations(results):
        done = [result for result in group if not result.failure]
        first = group[0]
        seconds = Interval.of([result.seconds for result in done])
        best = Interval.of([result.best_epoch for result in done if result.best_epoch is not None])
        rows.append(
            (
                NAMES[first.cell],
                str(first.hidden_size),
                f"{first.dropout:g}",
                _mean(done, "validation"),
                _mean(done, "test"),
                f"{best.mean:.1f}" if done else "–",
                f"{done[0].epochs:g}" if done else "–",
                f"{seconds.mean:.0f}" if done else "–",
                f"{done[0].parameters:,}" if done else "–",
                f"{len(group) - len(done)} of {len(group)}" if len(done) < len(group) else "",
            )
        )
    caption = (
        f"{INTERVALS} Best epoch and seconds are means; the seconds are those of one thread beside the others' work. "
        "study.csv has a row for each training."
    )
    blocks: list[Block] = [("table", Table("Means over seeds", header, tuple(rows), caption))]
    if any(result.failure for result in results):
        blocks.append(("table", _failures(results)))
    return Section("Every network", tuple(blocks))


def _failures(results: Sequence[TrialResult]) -> Table:
    rows = [(f"{r.configuration}-seed-{r.seed}", r.failure) for r in results if r.failure]
    return Table("Trainings that failed", ("training", "why"), tuple(rows), "They are left out, with their pairs.")


def _mean(results: Sequence[TrialResult], score: Score) -> str:
    """The mean over the seeds that succeeded."""
    return Interval.of([value for r in results if (value := getattr(r, score)) is not None]).text()


def _curves(found: Findings) -> Section:
    cells, sizes, dropouts = (values_of(found.results, f) for f in ("cell", "hidden_size", "dropout"))
    size, dropout = best_place(found.results)

    def lines(places: Mapping[str, tuple[str, int, float]]) -> dict[str, Curve]:
        names = {label: f"{c}-{s}-dropout-{d:g}" for label, (c, s, d) in places.items()}
        return {label: found.curves[name] for label, name in names.items() if name in found.curves}

    by_cell = {f"{s} neurons": lines({NAMES[c]: (c, s, dropout) for c in cells}) for s in sizes}
    by_size = {NAMES[c]: lines({f"{s} neurons": (c, s, dropout) for s in sizes}) for c in cells}
    by_dropout = {NAMES[c]: lines({f"dropout {d:g}": (c, size, d) for d in dropouts}) for c in cells}
    caption = (
        "Whole lines: validation, mean of the seeds; bands: lowest to highest seed; broken lines: on the training "
        "tunes while learning, with dropout at work."
    )
    drawn = [
        (f"Cells, with dropout {dropout:g}", by_cell),
        (f"Sizes, with dropout {dropout:g}", by_size),
        (f"Dropouts, with {size} neurons", by_dropout),
    ]
    figures: list[Block] = []
    for title, panels in drawn:
        filled = {name: shown for name, shown in panels.items() if shown}
        if filled and max(map(len, filled.values())) > 1:
            figures.append(("figure", Figure(title, curves(filled), None, caption)))
    if not figures:  # a study of seeds alone
        figures = [("figure", Figure("All networks", curves(by_cell), None, caption))]
    return Section("How they learned", tuple(figures))


def best_place(results: Sequence[TrialResult]) -> tuple[int, float]:
    """The size and dropout with the lowest validation, as a mean over the cells."""
    places: dict[tuple[int, float], float] = {}
    for size in values_of(results, "hidden_size"):
        for dropout in values_of(results, "dropout"):
            scores = [
                r.validation for r in where(results, hidden_size=size, dropout=dropout) if r.validation is not None
            ]
            if scores:
                places[size, dropout] = sum(scores) / len(scores)
    return min(places, key=places.__getitem__)


def _effects(results: Sequence[TrialResult]) -> Section:
    blocks: list[Block] = []
    for factor, title, label in (
        ("hidden_size", "More neurons", "neurons"),
        ("dropout", "More dropout", "dropout"),
    ):
        if len(values_of(results, factor)) > 1:  # type: ignore[arg-type]
            other = "dropouts" if factor == "hidden_size" else "sizes"
            caption = f"Validation: mean over the {other} and seeds, with its 95 % interval over seeds."
            blocks.append(("figure", Figure(title, effect(results, factor, label), None, caption)))  # type: ignore[arg-type]
        blocks.append(("text", " ".join(about_numbers(results, factor))))  # type: ignore[arg-type]
    return Section("What size and dropout change", tuple(blocks))


def _tunes(found: Findings) -> Section:
    header = ("temperature", "tunes", "valid", "ended by the network")
    rows = tuple((f"{c['temperature']:g}", str(c["composed"]), str(c["valid"]), str(c["ended"])) for c in found.counts)
    caption = (
        "Over all networks, free to break syntax and bars. A tune is valid if the ABC standard allows it, it has "
        "notes, and its bars add up."
    )
    links = tuple((name, f"compositions/{name}/index.html") for name in found.compositions)
    blocks: list[Block] = [
        ("table", Table("How many are music", header, rows, caption)),
        ("heading", "Scores and sound, a page for each network (seed 0 unless that failed)"),
        ("links", links),
    ]
    for name in _best_of_each_cell(found):
        for row in found.compositions[name]["temperatures"]:
            text, cut = _beginning(row["abc"])
            title = f"{name} at temperature {row['temperature']:g}{cut}"
            blocks.append(("listing", Listing(title, text, row["fault"])))
    return Section("What they compose", tuple(blocks))


def _beginning(text: str) -> tuple[str, str]:
    """The beginning of a tune that fits on the page, and a remark if it is cut."""
    if len(text) <= LONGEST_LISTING:
        return text, ""
    return text[:LONGEST_LISTING].rpartition("\n")[0] + "\n", ", its beginning"


def _best_of_each_cell(found: Findings) -> list[str]:
    """The configuration of each cell with the lowest mean validation, of those that composed."""
    chosen = []
    for cell in values_of(found.results, "cell"):
        groups = [
            g for g in configurations(where(found.results, cell=cell)) if g[0].configuration in found.compositions
        ]
        means = {
            g[0].configuration: Interval.of([r.validation for r in g if r.validation is not None]).mean for g in groups
        }
        chosen += sorted(means, key=means.__getitem__)[:SHOWN_TUNES]
    return chosen


def _neurons(insights: Sequence[Insight]) -> Section:
    blocks: list[Block] = [
        (
            "text",
            "For the best network of each cell: the neurons that vary most over a tune that it composed, at each "
            "character just after reading it (red +1, blue −1; forward passes only). What a neuron follows is the "
            "concept that explains most of its variance on one part of the held-out tunes; the figures are of the "
            f"other part. It counts from {LEAST_EXPLAINED:.0%} on, if no neuron of an untrained network reaches as "
            "much, and neither does chance (whole tunes permuted).",
        )
    ]
    for insight in insights:
        blocks += [("figure", figure) for figure in insight.figures]
        if insight.labels is not None and insight.found:
            tunes, characters = insight.labels.reported_on
            title = f"{insight.trial}: the neuron that follows each concept best"
            caption = f"Over {characters:,} characters of {tunes} held-out tunes, on which the labels were not chosen."
            rows = tuple(map(_label_row, insight.labels.best()))
            columns = ("concept", "neuron", "measure", "score", "95 % interval", "variance explained")
            blocks.append(("table", Table(title, columns, rows, caption)))
    return Section("What the neurons do", tuple(blocks))


def _label_row(one: Label) -> tuple[str, ...]:
    low, value, high = (f"{x:.2f}".replace("-", "−") for x in (one.score.low, one.score.value, one.score.high))
    return one.concept, str(one.neuron.index), one.measure, value, f"{low} to {high}", f"{one.explained:.0%}"


def _answer_blocks(answers: Sequence[Answer]) -> list[Block]:
    blocks: list[Block] = []
    for answer in answers:
        blocks += [("heading", answer.question), ("text", " ".join(answer.sentences))]
    return blocks


def _either(values: Sequence[float]) -> str:
    return _listed([f"{value:g}" for value in values], "or")


def _listed(words: Sequence[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
