"""The processes of one training, and what they tell each other.

After every step all have the same gradient: the mean over the characters of all, of which each has seen its own. They
also agree on the clock, which is that of rank 0, and on whether to stop, so that all do the same afterwards. States
never leave their process but to be saved.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor, distributed, nn

Value = TypeVar("Value")
LOSSES = ("gloo/transport", "Connection closed", "Connection reset", "Broken pipe")
"""In messages of gloo, whose errors have no class of their own."""


class SharedStep(NamedTuple):
    """What a process knows after its part of a step, or all together."""

    nats: Tensor  # summed surprisal of the characters, one number
    characters: int
    seconds: float  # of training so far
    stopping: bool


class Team:
    """A training by one process: rank 0 of 1."""

    rank, size = 0, 1

    def average(self, network: nn.Module, step: SharedStep) -> SharedStep:  # noqa: ARG002  (there is nothing to average)
        """Make every gradient the mean over the characters of all processes; returns the sums over all."""
        return step

    def first(self, value: Value) -> Value:
        """The value that rank 0 gives; what others give is ignored."""
        return value

    def each(self, value: Value) -> list[Value]:
        """What every rank gives, in their order."""
        return [value]

    def share_weights(self, network: nn.Module) -> None:
        """Give all the weights of rank 0."""


class Processes(Team):
    """The processes of the default group of torch.distributed, which is initialised: gloo, or nccl on GPUs."""

    def __init__(self) -> None:
        self.rank, self.size = distributed.get_rank(), distributed.get_world_size()

    def average(self, network: nn.Module, step: SharedStep) -> SharedStep:
        """One sum over all ranks for gradients and numbers together."""
        parameters = list(network.parameters())
        gradients = [_gradient(parameter) * step.characters for parameter in parameters]
        clock = step.seconds if self.rank == 0 else 0.0
        numbers = torch.tensor([step.characters, clock, step.stopping], device=step.nats.device)
        parts = [*(gradient.flatten() for gradient in gradients), numbers, step.nats.float().view(1)]
        together = torch.cat([part.float() for part in parts])
        distributed.all_reduce(together)
        *sums, numbers, nats = torch.split(together, [part.numel() for part in parts])
        characters, seconds, stopping = numbers.tolist()
        for parameter, total in zip(parameters, sums, strict=True):
            parameter.grad = (total / max(1, characters)).view_as(parameter)
        return SharedStep(nats[0].double(), int(characters), seconds, stopping > 0)

    def first(self, value: Value) -> Value:
        """Sent as a pickle between the processes of one training, which run the same code."""
        values: list[Any] = [value]
        distributed.broadcast_object_list(values)
        given: Value = values[0]
        return given

    def each(self, value: Value) -> list[Value]:
        """Sent in the same way."""
        values: list[Any] = [None] * self.size
        distributed.all_gather_object(values, value)
        return values

    def share_weights(self, network: nn.Module) -> None:
        """By one broadcast for each array."""
        for array in _arrays(network):
            distributed.broadcast(array, 0)


def says_another_is_lost(error: RuntimeError) -> bool:
    """Whether torch.distributed raised it because it no longer reaches another process."""
    return isinstance(error, distributed.DistError) or any(word in str(error) for word in LOSSES)


def _gradient(parameter: nn.Parameter) -> Tensor:
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad


def _arrays(network: nn.Module) -> Iterable[Tensor]:
    return [array.detach() for array in network.state_dict().values()]
