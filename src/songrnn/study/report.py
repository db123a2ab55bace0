"""Results -> index.html, study.md, study.csv and study.json, and the figures as files."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from itertools import combinations
from pathlib import Path
from typing import Any

import songrnn
from songrnn.pages.document import Figure, Table, document
from songrnn.rendering.page import file_stem
from songrnn.statistics import Interval
from songrnn.storage import write_whole
from songrnn.study.answers import answers
from songrnn.study.compositions import read_compositions
from songrnn.study.figures import Curve, curve_of
from songrnn.study.folder import StudyFolder, StudyPlan
from songrnn.study.insight import look_inside
from songrnn.study.run import TrialResult
from songrnn.study.sections import Findings, Listing, Section, introduction, sections
from songrnn.study.table import FACTORS, configurations, difference, values_of, where
from songrnn.training.folder import RunFolder

TEMPLATE = Path(__file__).with_name("report.html.jinja")


def write_study_report(folder: StudyFolder, plan: StudyPlan, results: Sequence[TrialResult]) -> None:
    """Write all results of a study into its folder; the page comes last."""
    found = _findings(folder, plan, results)
    parts = sections(found)
    title = f"RNN study of {', '.join(Path(source).name for source in plan.corpus.sources)}"
    paragraphs = introduction(plan, results)
    write_whole(
        folder.path / "study.json", json.dumps(findings_record(found), ensure_ascii=False, indent=1, allow_nan=False)
    )
    write_whole(folder.path / "study.csv", _csv(results))
    pictures = _write_figures(folder.path / "figures", parts)
    write_whole(folder.path / "study.md", "\n".join(_markdown(title, paragraphs, parts, pictures)) + "\n")
    contents = [(f"section-{number}", part.title) for number, part in enumerate(parts, start=1)]
    write_whole(folder.page, document(TEMPLATE, title, introduction=paragraphs, contents=contents, sections=parts))


def findings_record(found: Findings) -> dict[str, Any]:
    """The findings as a JSON object."""
    plan = found.plan
    return {
        "songrnn": songrnn.__version__,
        "settings": plan.settings.model_dump(exclude={"processes"}),
        "model": plan.model.model_dump(exclude={"cell", "hidden_size", "dropout"}),
        "training": plan.training.model_dump(exclude={"epochs", "minutes", "patience", "seed", "threads"}),
        "epochs": plan.epochs,
        "timing": dict(plan.timing),
        "corpus": plan.corpus.record(),
        "trials": [asdict(result) for result in found.results],
        "table": [_row(group) for group in configurations(found.results)],
        "differences": list(_differences(found.results)),
        "temperatures": list(found.counts),
        "compositions": dict(found.compositions),
        "neurons": [
            {
                "trial": insight.trial,
                "varying_most": list(insight.shown),
                "labels": asdict(insight.labels) if insight.labels is not None else None,
            }
            for insight in found.insights
        ],
        "answers": {answer.question: list(answer.sentences) for answer in found.answers},
    }


def counts_of(compositions: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For each temperature, in rising order, how many tunes were composed, ended and became MIDI, over everything."""
    rows: dict[float, dict[str, Any]] = {}
    for content in compositions.values():
        for row in content["temperatures"]:
            sums = rows.setdefault(row["temperature"], {"composed": 0, "ended": 0, "valid": 0})
            for name in sums:
                sums[name] += row[name]
    return [{"temperature": temperature, **rows[temperature]} for temperature in sorted(rows)]


def _findings(folder: StudyFolder, plan: StudyPlan, results: Sequence[TrialResult]) -> Findings:
    names = [group[0].configuration for group in configurations(results)]
    found = {name: read_compositions(folder.compositions(name)) for name in names}
    compositions = {name: content for name, content in found.items() if content is not None}
    counts = counts_of(compositions)
    insights = look_inside(folder, plan.corpus, results)
    return Findings(
        plan,
        tuple(results),
        _curves(folder, results),
        compositions,
        tuple(counts),
        tuple(insights),
        tuple(answers(results, counts, insights)),
    )


def _curves(folder: StudyFolder, results: Sequence[TrialResult]) -> dict[str, Curve]:
    """Of every configuration that has a training without a failure."""
    drawn = {}
    for group in configurations(results):
        done = [result for result in group if not result.failure]
        runs = [RunFolder(folder.path / "trials" / f"{r.configuration}-seed-{r.seed}") for r in done]
        if runs:
            drawn[group[0].configuration] = curve_of([run.journal.read() for run in runs])
    return drawn


def _row(group: Sequence[TrialResult]) -> dict[str, Any]:
    done = [result for result in group if not result.failure]

    def interval(name: str) -> dict[str, Any]:
        return Interval.of([value for result in done if (value := getattr(result, name)) is not None]).record()

    first = group[0]
    return {
        "cell": first.cell,
        "hidden_size": first.hidden_size,
        "dropout": first.dropout,
        "validation": interval("validation"),
        "test": interval("test"),
        "best_epoch": interval("best_epoch"),
        "parameters": max(result.parameters for result in group),
        "failed": len(group) - len(done),
    }


def _differences(results: Sequence[TrialResult]) -> Iterator[dict[str, Any]]:
    """Every two values of every factor over the whole grid, and every two cells at each size and dropout."""
    for factor in FACTORS:
        for other, one in combinations(values_of(results, factor), 2):
            for score in ("validation", "test"):
                yield {
                    **{"factor": factor, "one": one, "other": other, "score": score},
                    **difference(results, factor, one, other, score).record(),
                }
    for size in values_of(results, "hidden_size"):
        for dropout in values_of(results, "dropout"):
            at = {"hidden_size": size, "dropout": dropout}
            for other, one in combinations(values_of(results, "cell"), 2):
                yield {
                    **{"factor": "cell", "one": one, "other": other, "score": "validation", "at": at},
                    **difference(where(results, **at), "cell", one, other).record(),
                }


def _csv(results: Sequence[TrialResult]) -> str:
    """A header and a row for each training; empty where there is no number."""
    buffer = io.StringIO()
    names = [field.name for field in fields(TrialResult)]
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    for result in results:
        writer.writerow(["" if (value := getattr(result, name)) is None else value for name in names])
    return buffer.getvalue()


def _write_figures(folder: Path, parts: Sequence[Section]) -> dict[str, str]:
    """Title -> address of each figure's file, relative to the study's folder."""
    addresses = {}
    figures = [block for part in parts for _, block in part.blocks if isinstance(block, Figure)]
    for number, figure in enumerate(figures, start=1):
        ending, content = ("svg", figure.svg) if figure.svg is not None else ("png", figure.png)
        assert content is not None
        path = folder / f"{file_stem(number, figure.title)}.{ending}"
        write_whole(path, content, forced=False)
        addresses[figure.title] = f"{folder.name}/{path.name}"
    return addresses


def _markdown(
    title: str, paragraphs: Sequence[str], parts: Sequence[Section], pictures: Mapping[str, str]
) -> Iterator[str]:
    yield f"# {title}"
    for paragraph in paragraphs:
        yield f"\n{paragraph}"
    for part in parts:
        yield f"\n## {part.title}"
        for kind, block in part.blocks:
            if isinstance(block, Table):
                yield from _markdown_table(block)
            elif isinstance(block, Figure):
                yield f"\n![{block.title}]({pictures[block.title]})\n\n{block.title}. {block.caption}"
            elif isinstance(block, Listing):
                yield f"\n### {block.title}\n"
                if block.error:
                    yield f"Not a valid tune: {_plain(block.error)}\n"
                yield "".join(f"    {line}\n" for line in block.text.splitlines())
            elif isinstance(block, str):
                yield f"\n### {block}" if kind == "heading" else f"\n{block}"
            else:
                yield ""
                yield from (f"- [{label}]({address})" for label, address in block)


def _markdown_table(table: Table) -> Iterator[str]:
    yield f"\n### {table.title}\n"
    yield f"| {' | '.join(map(_plain, table.header))} |"
    yield f"|{'---|' * len(table.header)}"
    for row in table.rows:
        yield f"| {' | '.join(map(_plain, row))} |"
    yield f"\n{table.caption}"


def _plain(text: str) -> str:
    """Text with Markdown's characters escaped."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in text)
