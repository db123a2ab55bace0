"""/api/neurons: the values of a neuron over a tune, and why the network gives each of its characters."""

from dataclasses import asdict

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from songrnn.errors import SettingsError
from songrnn.settings import Settings
from songrnn.studio.compose import Model
from songrnn.studio.insight.reading import NetworkText
from songrnn.studio.render import TUNE
from songrnn.studio.state import CurrentStudio, Studio

MOST_NEURONS = 100_000

router = APIRouter(prefix="/api/neurons", tags=["neurons"])


class HeatRequest(Settings):
    """A tune, and a neuron of a layer; without a neuron, the one that goes best with something in the tune."""

    abc: str = Field(min_length=1, examples=[TUNE])
    neuron: int | None = Field(None, ge=0, lt=MOST_NEURONS, description="from 0")
    layer: int = Field(1, ge=1, le=8, description="recurrent layer, from 1")


class FollowedConcept(BaseModel):
    """A concept that a neuron goes with in this tune; correlation: Pearson's, -1 to 1."""

    neuron: int
    concept: str
    correlation: float


class Heat(BaseModel):
    """The values of a neuron over a tune. values: [place in the text, hidden state from -1 to 1] of each character."""

    neuron: int
    neurons: int = Field(description="of the layer")
    layers: int
    values: list[tuple[int, float]]
    follows: FollowedConcept | None
    suggested: list[FollowedConcept]
    raises: list[str] = Field(description="the characters that it makes likelier; of the last layer alone")
    lowers: list[str]


class WhyRequest(Settings):
    """A tune, and a place in it: the index of a character, from 0."""

    abc: str = Field(min_length=1, examples=[TUNE])
    place: int = Field(ge=0, lt=1_000_000)


class Alternative(BaseModel):
    """A character, and the probability that the network gave it."""

    character: str
    probability: float


class Contributor(BaseModel):
    """What adds to the logit of the character, less its mean over all characters."""

    source: str
    detail: str
    logit: float


class Reasons(BaseModel):
    """Why the character at a place was as likely as it was. neurons: those of the last layer that add or take most."""

    place: int = Field(description="of the explained character, at or after the given one")
    character: str
    probability: float
    alternatives: list[Alternative]
    logit: float
    contributions: list[Contributor]
    neurons: list[tuple[int, float]]


@router.post("/heat")
async def neuron_heat(request: Request, studio: CurrentStudio, body: HeatRequest, model: Model = "") -> Heat:
    """The values of a neuron over a tune, and which neurons go with something in it."""
    studio.check_length(body.abc)
    return await studio.work.run(request, lambda: _heat(studio, body, model))


@router.post("/why")
async def why_character(request: Request, studio: CurrentStudio, body: WhyRequest, model: Model = "") -> Reasons:
    """Why the network gives the character at a place."""
    studio.check_length(body.abc)
    return await studio.work.run(request, lambda: _why(studio, body, model))


def _heat(studio: Studio, body: HeatRequest, model: str) -> Heat:
    from songrnn.neurons import logit_effect
    from songrnn.studio.insight.heat import followed, followers, layer_values

    composer = studio.models.composer(model)
    read = NetworkText.of(body.abc, composer)
    values = layer_values(composer.checkpoint, read.text, body.layer)
    suggested = followers(values, read.text)
    neuron = body.neuron
    if neuron is None:
        neuron = suggested[0].neuron if suggested else int(values.std(axis=0).argmax())
    if neuron >= values.shape[1]:
        raise SettingsError(f"neuron {neuron} does not exist; there are 0 to {values.shape[1] - 1}", "neuron")
    layers = composer.checkpoint.model.layers
    effect = logit_effect(composer.checkpoint, neuron) if body.layer == layers else None
    follows = followed(values, read.text, neuron)
    return Heat(
        neuron=neuron,
        neurons=values.shape[1],
        layers=layers,
        values=list(zip(read.places, (round(float(value), 3) for value in values[:, neuron]), strict=True)),
        follows=FollowedConcept(**asdict(follows)) if follows else None,
        suggested=[FollowedConcept(**asdict(one)) for one in suggested],
        raises=[character for character, _ in effect.raises] if effect else [],
        lowers=[character for character, _ in effect.lowers] if effect else [],
    )


def _why(studio: Studio, body: WhyRequest, model: str) -> Reasons:
    from songrnn.neurons import explain

    composer = studio.models.composer(model)
    read = NetworkText.of(body.abc, composer)
    place = read.place_of(body.place)
    found = explain(composer.checkpoint, read.text, place)
    return Reasons(
        place=read.places[place],
        character=found.character,
        probability=found.probability,
        alternatives=[Alternative(character=one, probability=share) for one, share in found.alternatives],
        logit=found.logit,
        contributions=[Contributor(**asdict(one)) for one in found.contributions],
        neurons=[(name.index, logit) for name, logit in found.neurons],
    )
