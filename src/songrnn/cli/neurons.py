"""`songrnn neurons`: heatmaps of each neuron over a tune."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from songrnn.checkpoint import Checkpoint
from songrnn.cli.bar import with_bar
from songrnn.corpus.corpus import read_tunes
from songrnn.corpus.settings import record_keeps_marks
from songrnn.engines.select import used_here
from songrnn.engines.settings import FULL_PRECISION, EngineSettings
from songrnn.errors import SettingsError
from songrnn.neurons.heatmap import liveliest, neuron_grid, overview_figure
from songrnn.neurons.record import record_activations
from songrnn.pages.drawing import picture
from songrnn.settings import Flag, Positional, Settings
from songrnn.storage import free_folder, locked_folder, refuse_to_overwrite, write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Quantity = Literal[
    "hidden", "cell", "input-gate", "forget-gate", "output-gate", "candidate", "reset-gate", "update-gate"
]


class Command(Settings):
    """Draw the values of a network's neurons while it reads a tune, by forward passes only.

    For single neurons, the tune's characters on a grid, red where the neuron is at +1, blue at -1; gates go from white,
    closed (0), to dark, open (1). For all neurons of the layer, an overview with similar ones side by side.

    Example: songrnn neurons runs/mine tune.abc --neurons 3 17 --quantity cell
    """

    checkpoint: Positional[Path] = Field(description="the folder of a run, or a checkpoint file")
    tune: Positional[str] = Field(description="file with the tune")
    number: int = Field(1, ge=1, description="which tune of the file, from 1")
    neurons: tuple[int, ...] = Field((), description="neurons to draw, from 0; default: the four that vary most")
    layer: int = Field(1, ge=1, description="recurrent layer, from 1, the lowest")
    quantity: Quantity = Field(
        "hidden", description="what to draw; an LSTM has a cell state and gates, a GRU has gates"
    )
    out: Path | None = Field(
        None, description="folder for the pictures, each as PNG and SVG; default: neurons, numbered if it exists"
    )
    overwrite: Annotated[bool, Flag("replace")] = Field(
        False, description="replace pictures of the same names in --out, if they are there already"
    )
    computing: EngineSettings = FULL_PRECISION
    as_json: Annotated[bool, Flag("json")] = Field(False, description="print one JSON object")


def run(command: Command) -> None:
    """Record the neurons, draw, write."""
    checkpoint = Checkpoint.load(command.checkpoint)
    keep_marks = record_keeps_marks(checkpoint.training.get("corpus", {}))
    tunes = read_tunes([command.tune], checkpoint.form, keep_marks=keep_marks)
    if command.number > len(tunes):
        raise SettingsError(f"{command.tune} has {len(tunes)} tunes, so there is no tune {command.number}")
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
