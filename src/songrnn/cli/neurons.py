"""`songrnn neurons`: a page of what each neuron follows and does, or pictures of single neurons over one tune."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from songrnn.checkpoint import Checkpoint
from songrnn.cli.bar import with_bar
from songrnn.corpus.corpus import read_tunes
from songrnn.corpus.settings import record_keeps_marks
from songrnn.engines.select import used_here
from songrnn.engines.settings import FULL_PRECISION, EngineSettings
from songrnn.errors import SettingsError
from songrnn.neurons.concepts import concept_named
from songrnn.neurons.heatmap import liveliest, neuron_grid, overview_figure
from songrnn.neurons.record import record_activations
from songrnn.neurons.results import Label, Labels
from songrnn.originality.index import Index
from songrnn.pages.drawing import picture
from songrnn.settings import Flag, Positional, Settings
from songrnn.storage import free_folder, locked_folder, refuse_to_overwrite, write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Quantity = Literal[
    "hidden", "cell", "input-gate", "forget-gate", "output-gate", "candidate", "reset-gate", "update-gate"
]
FILES = ("neurons.html", "labels.json", "labels.csv")


class Command(Settings):
    """Show what the neurons of a network follow in the music, and what they do: forward passes only.

    Writes one page that opens without a network, neurons.html, and the labels of all neurons as labels.json and
    labels.csv. Labels are chosen on one part of the tunes and reported on another (docs/neurons.md).

    With --pictures or --neurons it draws neurons over one tune instead: its characters on a grid, red where the neuron
    is at +1, blue at -1; gates go from white, closed (0), to dark, open (1).

    Example: songrnn neurons folk
    """

    checkpoint: Positional[Path] = Field(description="the folder of a run, a checkpoint file, or folk")
    tunes: Positional[str] = Field(
        "", description="file with tunes; default: the tunes that the checkpoint has not learned from"
    )
    pictures: bool = Field(
        False, description="draw the four neurons that vary most over one tune, as PNG and SVG, instead of the page"
    )
    neurons: tuple[int, ...] = Field((), description="draw these neurons, from 0, over one tune instead of the page")
    number: int = Field(1, ge=1, description="with --pictures or --neurons: over which tune of the file, from 1")
    layer: int = Field(1, ge=1, description="recurrent layer, from 1, the lowest")
    quantity: Quantity = Field(
        "hidden", description="what to show; an LSTM has a cell state and gates, a GRU has gates"
    )
    labelled: int = Field(60, ge=1, description="how many tunes to find labels with, at most")
    shown: int = Field(20, ge=1, le=200, description="how many of them the page shows")
    ablated: int = Field(12, ge=0, description="how many of the labelled neurons to take out, to see what is lost")
    directions: tuple[str, ...] = Field(
        ("time elapsed in the bar", "pitch", "duration"),
        description="concepts whose directions in the hidden state are taken out and steered along; give none to skip",
    )
    seed: int = Field(0, ge=0, description="of the choice of tunes, of the random controls and of composed tunes")
    out: Path | None = Field(None, description="folder for the files; default: neurons, numbered if it exists")
    overwrite: Annotated[bool, Flag("replace")] = Field(
        False, description="replace files of the same names in --out, if they are there already"
    )
    computing: EngineSettings = FULL_PRECISION
    as_json: Annotated[bool, Flag("json")] = Field(False, description="print one JSON object")


def run(command: Command) -> None:
    """The page, or the pictures."""
    if command.pictures or command.neurons:
        _draw(command)
    else:
        _show(command)


def _show(command: Command) -> None:
    from songrnn.neurons.viewer.build import PageRequest, check_layer, neuron_page
    from songrnn.neurons.viewer.content import Shown

    checkpoint = Checkpoint.load(command.checkpoint)
    shown = Shown(command.layer, command.quantity.replace("-", "_"))
    check_layer(checkpoint, command.layer)
    out = command.out or free_folder(Path("neurons"))
    paths = [out / name for name in FILES]
    refuse_to_overwrite(paths, replace=command.overwrite)
    tunes = _tunes(command, checkpoint)[: command.labelled]
    request = PageRequest(
        shown,
        command.shown,
        command.ablated,
        command.seed,
        command.computing,
        tuple(concept_named(name).name for name in command.directions),
        Index.beside(command.checkpoint) if command.directions else None,
    )
    with locked_folder(out):
        made = neuron_page(checkpoint, tunes, request, name=_name(command.checkpoint), progress=_with_bar)
        contents = (made.html, json.dumps(_as_json(made.labels), indent=1), _as_csv(made.labels))
        for path, content in zip(paths, contents, strict=True):
            write_whole(path, content)
    _report(command, paths, made.labels)


def _report(command: Command, paths: Sequence[Path], labels: Labels) -> None:
    if command.as_json:
        used = used_here(command.computing).as_json()
        print(json.dumps({"files": [str(path) for path in paths], **_as_json(labels), "engine": used}))
        return
    print(f"{len(labels.found)} of {len(labels.labels)} neurons follow a concept; the best of each concept:")
    for one in labels.best():
        print(f"  {one.sentence()}")
    print("\n".join(str(path) for path in paths))


def _tunes(command: Command, checkpoint: Checkpoint) -> list[str]:
    """Those of the file, or else those that the checkpoint has not learned from."""
    if command.tunes:
        keep_marks = record_keeps_marks(checkpoint.training.get("corpus", {}))
        return list(read_tunes([command.tunes], checkpoint.form, keep_marks=keep_marks))
    from songrnn.training.held_out import held_out_corpus

    found: list[str] = []
    for _ in _with_bar(range(1), "finding the tunes that were not learned from", 1):
        corpus = held_out_corpus(command.checkpoint)
        found = [*corpus.validation, *corpus.test]
    known = set(checkpoint.vocabulary.characters)
    return [tune for tune in found if known.issuperset(tune)]


def _with_bar(items: Iterable[Any], title: str, count: int) -> Iterable[Any]:
    return with_bar(items, title, total=count)


def _name(checkpoint: Path) -> str:
    return checkpoint.resolve().parent.name if checkpoint.suffix else checkpoint.name


def _as_json(labels: Labels) -> dict[str, Any]:
    """For programs; null where a figure is undefined."""
    return {
        "labels": [{**asdict(one), "score": one.score.as_json()} for one in labels.labels],
        "probes": [{**asdict(one), "score": one.score.as_json()} for one in labels.probes],
        "false_discovery_rate": labels.false_discovery_rate,
        "chosen_on": labels.chosen_on,
        "reported_on": labels.reported_on,
        "families": labels.families,
    }


def _as_csv(labels: Labels) -> str:
    """One row for each neuron."""
    rows = [_row(one) for one in labels.labels]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _row(label: Label) -> dict[str, Any]:
    score = label.score
    return {
        **{"layer": label.neuron.layer, "quantity": label.neuron.quantity, "neuron": label.neuron.index},
        **{"found": label.found, "concept": label.concept, "measure": label.measure},
        **{"score": score.value, "low": score.low, "high": score.high, "chance_score": label.chance_score},
        **{"explained": label.explained, "chance": label.chance, "untrained": label.untrained, "p": label.p},
        **{"accuracy": label.accuracy, "control": label.control, "selectivity": label.selectivity},
        **{"inverted": label.inverted, "carried_by": " ".join(label.carried_by)},
    }


def _draw(command: Command) -> None:
    """Record, draw, write."""
    checkpoint = Checkpoint.load(command.checkpoint)
    tunes = _tunes(command, checkpoint)
    if command.number > len(tunes):
        raise SettingsError(
            f"there is no tune {command.number} in {command.tunes or 'the corpus'}; the last one is {len(tunes)}"
        )
    text = tunes[command.number - 1]
    name = command.quantity.replace("-", "_")
    values = record_activations(checkpoint, text, command.computing).of(name, command.layer)
    size = values.shape[1]
    if wrong := [neuron for neuron in command.neurons if not 0 <= neuron < size]:
        raise SettingsError(f"neuron {wrong[0]} does not exist; layer {command.layer} has neurons 0 to {size - 1}")
    chosen = list(command.neurons) or liveliest(values, 4)
    stem = f"layer{command.layer}-{command.quantity}"
    what = f"layer {command.layer}, {command.quantity.replace('-', ' ')}"
    out = command.out or free_folder(Path("neurons"))
    stems = [f"{stem}-all", *(f"{stem}-neuron{neuron}" for neuron in chosen)]
    paths = [out / f"{name}.{ending}" for name in stems for ending in ("png", "svg")]
    refuse_to_overwrite(paths, replace=command.overwrite)
    gate = name.endswith("_gate")
    title = f"all {size} neurons of {what}"
    drawings: dict[str, Callable[[], Figure]] = {
        f"{stem}-all": partial(overview_figure, text, values, title=title, gate=gate)
    }
    for neuron in chosen:
        title = f"neuron {neuron} of {what}"
        drawings[f"{stem}-neuron{neuron}"] = partial(neuron_grid, text, values[:, neuron], title=title, gate=gate)
    with locked_folder(out):
        for file, drawing in with_bar(drawings.items(), "drawing", total=len(drawings)):
            figure = drawing()
            for ending in ("png", "svg"):
                write_whole(out / f"{file}.{ending}", picture(figure, ending))
    if command.as_json:
        used = used_here(command.computing).as_json()
        print(json.dumps({"files": [str(path) for path in paths], "neurons": chosen, "engine": used}))
    else:
        print("\n".join(str(path) for path in paths))
