"""All that resuming a training exactly needs, in one file beside the checkpoint.

`resume.safetensors` holds the weights as they are now (the checkpoint holds the best), AdamW's moments, the state that
is carried between windows, the random generators, and as metadata the position.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from songrnn.errors import RunError
from songrnn.model.network import State
from songrnn.signed_arrays import DIGEST_KEY, digest
from songrnn.storage import write_whole
from songrnn.training.ensemble import Ensemble

MOMENTS = ("step", "exp_avg", "exp_avg_sq")


@dataclass
class StepPosition:
    """The progress of a training."""

    epoch: int = 0  # completed epochs
    window: int = 0  # completed windows of the current epoch
    step: int = 0  # completed updates
    seconds: float = 0.0  # of training, over all sittings
    validation_seconds: float = 0.0  # that the last validation took
    best_figure: float = float("inf")  # lowest so far of what the best is chosen by
    best_bits: float = float("inf")  # bits per character of the best validation so far
    best_step: int = 0
    validations: int = 0
    stale: int = 0  # validations since the best one, of those that could have been
    nats: float = 0.0  # summed training surprisal since the last record in the journal
    characters: int = 0  # over this many characters
    ended: str = ""  # why the training is over; empty while it is not

    def compare(self, bits: float, figure: float | None) -> bool:
        """Whether a validation is the best so far; takes note of it.

        bits: per character. figure: what the best is chosen by, lower is better; None where this validation has none,
        and is neither better nor worse.
        """
        if figure is None:
            return False
        best = figure < self.best_figure
        self.stale = 0 if best else self.stale + 1
        if best:
            self.best_figure, self.best_bits, self.best_step = figure, bits, self.step
        return best


def write_snapshot(
    path: Path, network: Ensemble, optimizer: torch.optim.Optimizer, state: State | None, position: StepPosition
) -> None:
    """Write to the side, then move; raises RunError if that is impossible."""
    tensors = {f"network.{name}": tensor for name, tensor in network.state_dict().items()}
    for name, parameter in network.named_parameters():
        for moment, value in optimizer.state[parameter].items():
            tensors[f"adam.{moment}.{name}"] = torch.as_tensor(value)
    if state is not None:
        tensors |= {f"state.{name}": value for name, value in state._asdict().items() if value is not None}
    tensors["random.cpu"] = torch.get_rng_state()
    tensors |= {f"random.{number}": generator.get_state() for number, generator in enumerate(network.generators)}
    if next(network.parameters()).is_cuda:
        tensors["random.cuda"] = torch.cuda.get_rng_state()
    whole = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    record = json.dumps(asdict(position))
    write_whole(path, save(whole, {"position": record, DIGEST_KEY: _digest(record, whole)}))


def read_snapshot(path: Path, network: Ensemble, optimizer: torch.optim.Optimizer) -> tuple[State | None, StepPosition]:
    """Put everything back where `write_snapshot` took it; raises RunError if the file is not whole."""
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (it is no mapping)
            record = file.metadata()["position"]
            if _digest(record, tensors) != file.metadata()[DIGEST_KEY]:
                raise ValueError("its digest does not match")  # noqa: TRY301  (reported below)
            position = StepPosition(**json.loads(record))
        device = next(network.parameters()).device
        network.load_state_dict(_below("network.", tensors))
        for name, parameter in network.named_parameters():
            optimizer.state[parameter] = {
                moment: tensors[f"adam.{moment}.{name}"].to("cpu" if moment == "step" else device) for moment in MOMENTS
            }
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise RunError(f"{path} cannot be resumed from; it is damaged or of another version ({error})") from error
    carried: Mapping[str, Any] = _below("state.", tensors)
    torch.set_rng_state(tensors["random.cpu"])
    for number, generator in enumerate(network.generators):
        generator.set_state(tensors[f"random.{number}"])
    if "random.cuda" in tensors:
        torch.cuda.set_rng_state(tensors["random.cuda"])
    if not carried:
        return None, position
    cell = carried.get("cell")
    return State(carried["hidden"].to(device), None if cell is None else cell.to(device)), position


def _digest(record: str, tensors: Mapping[str, Tensor]) -> str:
    return digest(record, {name: tensor.numpy() for name, tensor in tensors.items()})


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
