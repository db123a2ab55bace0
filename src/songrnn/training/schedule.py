"""The learning rate at each step, and the share of a training that is done."""

import math

from songrnn.training.settings import TrainingSettings


def learning_rate(settings: TrainingSettings, *, step: int, fraction: float) -> float:
    """The learning rate of a step.

    step: how many were taken before; during the first `warmup_steps` the rate rises in a straight line.
    fraction: how much of the training is over, 0..1; `cosine` falls with it from the highest rate to zero.
    """
    rate = settings.learning_rate
    if settings.schedule == "cosine":
        rate *= 0.5 * (1 + math.cos(math.pi * min(1.0, fraction)))
    if step < settings.warmup_steps:
        rate *= (step + 1) / settings.warmup_steps
    return rate


def fraction_over(settings: TrainingSettings, *, epochs: float, seconds: float) -> float:
    """How much of the training is over, 0..1: by epochs or by minutes, whichever ends first.

    With a limit of minutes the clock decides, so that the rate reaches zero when the time is up; such a training is
    not the same to the bit when it is repeated. One that ends by epochs is.
    """
    by_epochs = epochs / settings.epochs
    by_minutes = seconds / (60 * settings.minutes) if settings.minutes else 0.0
    return min(1.0, max(by_epochs, by_minutes))
