"""What blind listening takes and gives over HTTP. No pair says which of its tunes is the human one before the end."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from songrnn.statistics import Estimate, defined
from songrnn.studio.archive.records import Record, Title, Word

LONGEST_NAME = 60
LONGEST_CODE = 8
MOST_PAIRS = 40
LARGEST_SEED = 2**63

Source = Literal["held-out", "tunebook", "file"]
"""Where the human tunes come from: the held-out tunes of the model, the imported ones of the tunebook, or a file."""
Side = Literal["first", "second"]
Name = Annotated[Title, Field(max_length=LONGEST_NAME, examples=["Nora"])]


class NewRound(Record):
    """A round to prepare. Pairs are drawn at random; the same seed draws and composes the same."""

    title: Title = Field("", description="such as the name of the class")
    source: Source = "held-out"
    file: str = Field("", description="for the source `file`: tunes in ABC notation")
    pairs: int = Field(10, ge=1, le=MOST_PAIRS, description="how many pairs")
    rhythm: Word = Field("", description="human tunes of this rhythm only", examples=["jig"])
    model: Word = Field("", description="the open model that composes; none: the first")
    seed: int | None = Field(None, ge=0, lt=LARGEST_SEED, description="of choice and composing; none: one is drawn")


class RoundSummary(Record):
    """A round in a list. answers: of all participants together."""

    code: str
    title: str
    source: Source
    model: str
    pairs: int
    participants: int
    answers: int
    made_at: datetime
    closed_at: datetime | None


class HiddenPair(Record):
    """Two tunes, one human and one composed, without a word about which is which."""

    number: int
    first: str
    second: str


class Round(RoundSummary):
    """A round with its pairs."""

    hidden: tuple[HiddenPair, ...]


class NewParticipant(Record):
    """Who takes part; without a name, one is given: "Guest 3"."""

    name: Name = ""


class Participant(Record):
    """Who takes part. secret: goes with each answer. right: how many answers are right, once all pairs are answered."""

    name: str
    secret: str
    answered: tuple[int, ...]
    right: int | None = None


class NewAnswer(Record):
    """Which tune of a pair is taken for the human one."""

    secret: Word
    human: Side
    seconds: float | None = Field(None, ge=0, le=86_400, description="from the first look at the pair to the answer")


class Share(Record):
    """A share of right answers, between low and high with 95 % (Wilson); null without an answer."""

    right: int
    answers: int
    share: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, estimate: Estimate) -> "Share":
        """Of an estimate over zeros and ones."""
        value = defined(estimate.value)
        return cls(
            right=round((value or 0) * estimate.tunes),
            answers=estimate.tunes,
            share=value,
            low=defined(estimate.low),
            high=defined(estimate.high),
        )


class ParticipantResult(Share):
    """The answers of one participant; `answered` counts those too that are not counted in the share yet."""

    name: str
    answered: int


class PairResult(Share):
    """The answers about one pair; which tune is human, and its title, only when the round is closed."""

    number: int
    human: Side | None
    human_title: str


class Results(Record):
    """The answers of a round. `all` counts each answer once."""

    closed: bool
    all: Share
    participants: tuple[ParticipantResult, ...]
    pairs: tuple[PairResult, ...]


class Joining(Record):
    """How others take part. address: "" where nobody else can reach this studio, and then `hint` says what to do."""

    address: str
    hint: str
