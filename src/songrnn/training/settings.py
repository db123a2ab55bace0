"""How a network learns, and the named presets."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from songrnn.model.settings import NO_PLACES
from songrnn.settings import Settings


class TrainingSettings(Settings):
    """How the network learns."""

    epochs: float = Field(
        30, gt=0, description="stop after this many passes over the training tunes; the last may be a part of one"
    )
    minutes: float | None = Field(
        None, gt=0, description="stop after this many minutes, if the epochs are not over before"
    )
    patience: int = Field(8, ge=0, description="stop after this many validations without a better one; 0: never")
    batching: Literal["streams", "random-windows"] = Field(
        "streams",
        description="streams: all tunes end to end, state carried from window to window; "
        "random-windows: one random window a tune and epoch, each from a zero state, as in the paper",
    )
    window: int = Field(64, ge=1, le=1_000_000, description="characters of truncated back-propagation through time")
    batch_size: int = Field(32, ge=1, le=1_000_000, description="windows learned from at once")
    learning_rate: float = Field(0.006, gt=0, le=1, description="highest step size of AdamW")
    schedule: Literal["cosine", "constant"] = Field(
        "cosine", description="cosine: the learning rate falls to zero at the end; constant: it stays"
    )
    warmup_steps: int = Field(50, ge=0, description="steps in which the learning rate rises from zero")
    weight_decay: float = Field(0.01, ge=0, description="weight decay of AdamW; 0 is plain Adam")
    beta2: float = Field(
        0.99, ge=0, lt=1, description="decay of AdamW's mean of squared gradients; 0.999 is the usual value"
    )
    ensemble: int = Field(
        2,
        ge=1,
        le=16,
        description="train so many networks side by side and merge them into one, which has the neurons of all and "
        "whose logits are the mean of theirs",
    )
    clip_norm: float = Field(1.0, ge=0, description="longest gradient, as a Euclidean norm; 0: no clipping")
    validate_every: int = Field(0, ge=0, description="steps from one validation to the next; 0: once an epoch")
    judge_every: int = Field(
        0,
        ge=0,
        description="at every so many validations compose tunes and judge them beside the validation tunes; 0: never",
    )
    judge_tunes: int = Field(40, ge=1, le=1_000_000, description="how many tunes to compose for that")
    choose_by: Literal["loss", "music"] = Field(
        "loss",
        description="what the best checkpoint, and patience, go by: loss: bits per character; music: how unlike the "
        "validation tunes the composed ones are, which needs --judge-every",
    )
    save_seconds: float = Field(
        30, ge=0, description="seconds between saves of everything that --resume needs (and after each validation)"
    )
    seed: int = Field(0, ge=0, lt=2**63, description="seed of the weights, of dropout and of the order of the tunes")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="where to compute; auto: cuda if there is one")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto",
        description="of products while learning; auto: bfloat16 where the processor multiplies it fast, else float32",
    )
    threads: int = Field(0, ge=0, le=1024, description="processor threads; 0: as many as PyTorch chooses")

    @model_validator(mode="after")
    def _judged_if_chosen_by_music(self) -> Self:
        if self.choose_by == "music" and not self.judge_every:
            raise ValueError(
                "to choose by music, tunes must be judged: with --choose-by music give --judge-every 1, or more"
            )
        return self


CONTINUED: dict[str, dict[str, Any]] = {"training": {"learning_rate": 0.002, "ensemble": 1}}
"""Settings that differ from the defaults when a trained network goes on learning: it has less to find out."""
PLAIN: dict[str, Any] = {
    "input_dropout": 0.0,
    "weight_dropout": 0.0,
    "copying": False,
    "ngrams": (),
    **NO_PLACES,
    "floor": 0.0,
}
"""A network that reads characters and nothing else, with one kind of dropout."""
PRESETS: dict[str, dict[str, dict[str, Any]]] = {
    "plain": {"model": PLAIN, "training": {"ensemble": 1}},
    "paper": {
        "corpus": {"form": "raw"},
        "model": {**PLAIN, "hidden_size": 150, "embedding_size": 150, "layers": 1, "dropout": 0.0},
        "training": {
            "epochs": 30,
            "ensemble": 1,
            "patience": 0,
            "batching": "random-windows",
            "window": 30,
            "batch_size": 1,
            "learning_rate": 1e-3,
            "schedule": "constant",
            "warmup_steps": 0,
            "weight_decay": 0.0,
            "beta2": 0.999,
            "precision": "float32",
            "clip_norm": 0.0,
        },
    },
}
"""Settings that differ from the defaults, by the name of the preset: `plain` networks read characters and nothing else,
`paper` is the recipe of the SongRNN paper."""
