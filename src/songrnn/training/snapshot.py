"""All that resuming a training exactly needs, in one file beside the checkpoint.

`resume.safetensors` holds the weights as they are now (the checkpoint holds the best), AdamW's moments, the state that
is carried between windows, the random generators, and as metadata the position. Of a training by several processes it
has the states of all, side by side, and the generators of each, named rank.1.random.cpu and the like from the second
process on. Any number of processes can continue it: they divide the states anew.
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

from songrnn.batches import bounds
from songrnn.errors import RunError
from songrnn.model.network import State
from songrnn.signed_arrays import DIGEST_KEY, digest
from songrnn.storage import write_whole
from songrnn.training.ensemble import Ensemble
from songrnn.training.workers.team import Team

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
    path: Path,
    network: Ensemble,
    optimizer: torch.optim.Optimizer,
    state: State | None,
    position: StepPosition,
    team: Team,
) -> None:
    """Write to the side, then move; rank 0 writes for all. Raises RunError if that is impossible."""
    parts = team.each({**_random_states(network), **_carried(state)})
    if team.rank:
        return
    tensors = {f"network.{name}": tensor for name, tensor in network.state_dict().items()}
    for name, parameter in network.named_parameters():
        for moment, value in optimizer.state[parameter].items():
            tensors[f"adam.{moment}.{name}"] = torch.as_tensor(value)
    for name in parts[0]:
        if name.startswith("state."):
            tensors[name] = torch.cat([part[name] for part in parts], 1)
        else:
            tensors |= {f"rank.{rank}.{name}" if rank else name: part[name] for rank, part in enumerate(parts)}
    whole = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    record = json.dumps(asdict(position))
    write_whole(path, save(whole, {"position": record, DIGEST_KEY: _digest(record, whole)}))


def read_snapshot(
    path: Path, network: Ensemble, optimizer: torch.optim.Optimizer, team: Team
) -> tuple[State | None, StepPosition]:
    """Put everything back where `write_snapshot` took it; rank 0 reads for all.

    Raises RunError if the file is not whole.
    """
    try:
        record, tensors = team.first(_read(path) if team.rank == 0 else ("", {}))
        position = StepPosition(**json.loads(record))
        device = next(network.parameters()).device
        network.load_state_dict(_below("network.", tensors))
        for name, parameter in network.named_parameters():
            optimizer.state[parameter] = {
                moment: tensors[f"adam.{moment}.{name}"].to("cpu" if moment == "step" else device) for moment in MOMENTS
            }
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise RunError(f"{path} cannot be resumed from; it is damaged or of another version ({error})") from error
    own = _below(f"rank.{team.rank}.", tensors) if team.rank else tensors
    if "random.cpu" in own:
        _set_random_states(network, own)
    else:  # there are more processes than before
        network.seed(position.step, team.rank)
    carried: Mapping[str, Any] = _below("state.", tensors)
    if not carried:
        return None, position
    mine = slice(*bounds(carried["hidden"].shape[1], team.rank, team.size))
    own_state = {name: part[:, mine].contiguous().to(device) for name, part in carried.items()}
    return State(own_state["hidden"], own_state.get("cell")), position


def _read(path: Path) -> tuple[str, dict[str, Tensor]]:
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (it is no mapping)
        record = file.metadata()["position"]
        if _digest(record, tensors) != file.metadata()[DIGEST_KEY]:
            raise ValueError("its digest does not match")
        return record, tensors


def _carried(state: State | None) -> dict[str, Tensor]:
    if state is None:
        return {}
    return {f"state.{name}": value.detach().cpu() for name, value in state._asdict().items() if value is not None}


def _random_states(network: Ensemble) -> dict[str, Tensor]:
    states = {"random.cpu": torch.get_rng_state()}
    states |= {f"random.{number}": generator.get_state() for number, generator in enumerate(network.generators)}
    if next(network.parameters()).is_cuda:
        states["random.cuda"] = torch.cuda.get_rng_state()
    return states


def _set_random_states(network: Ensemble, states: Mapping[str, Tensor]) -> None:
    torch.set_rng_state(states["random.cpu"])
    for number, generator in enumerate(network.generators):
        generator.set_state(states[f"random.{number}"])
    if "random.cuda" in states:
        torch.cuda.set_rng_state(states["random.cuda"])


def _digest(record: str, tensors: Mapping[str, Tensor]) -> str:
    return digest(record, {name: tensor.numpy() for name, tensor in tensors.items()})


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
