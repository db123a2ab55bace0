"""Which plans a network sees while it learns: often none, so that it composes with and without a requested form."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from songrnn.model.settings import ModelSettings


def revealed_plans(settings: ModelSettings, tunes: int, seed: Sequence[int]) -> NDArray[np.bool_]:
    """For each tune and each feature of its plan, whether it is revealed; [tunes, P], P being 0 without plans.

    A tune's whole plan is withheld with the probability `plan_dropout`, and of any other plan each feature with half of
    it: a request rarely says everything. seed: of the random generator; the same seed, the same choice.
    """
    features = len(settings.categories.get("plan", ()))
    rng = np.random.default_rng(seed)
    whole = rng.random((tunes, 1)) >= settings.plan_dropout
    revealed: NDArray[np.bool_] = whole & (rng.random((tunes, features)) >= settings.plan_dropout / 2)
    return revealed
