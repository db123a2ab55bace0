"""Human tunes -> pairs: to each, a tune composed in the same rhythm, meter, unit note length, key and number of bars.

Nothing but the music may distinguish the two: both are in the text form of the model, without titles; human tunes with
bars that do not add up are left out, since no composed tune has any; a composed tune is not brought to an early end.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from songrnn.checks.check import check
from songrnn.composing.composer import Composer
from songrnn.composing.form import FormSettings
from songrnn.composing.request import Request
from songrnn.corpus.cleaning import tunebook_text
from songrnn.corpus.fields import Dropped
from songrnn.corpus.settings import record_keeps_marks
from songrnn.engines.settings import SamplingSettings
from songrnn.errors import CorpusError, SongrnnError
from songrnn.notation.read import read_tune
from songrnn.notation.tune import Tune
from songrnn.performance.bar_lengths import bar_duration
from songrnn.performance.bar_places import lasting_bars

FEWEST_BARS, MOST_BARS = 8, 48
TRIES = 4
"""At a tune that the network ends itself."""


@dataclass(frozen=True)
class HumanTune:
    """A tune in tunebook form, and its title, "" where none is known."""

    text: str
    title: str = ""


@dataclass(frozen=True)
class TunePair:
    """The two tunes in ABC without titles; human_first: which is shown first."""

    human: str
    composed: str
    human_title: str
    human_first: bool


def paired(
    composer: Composer,
    tunes: Sequence[HumanTune],
    *,
    count: int,
    rhythm: str,
    seed: int,
    wanted: Callable[[], None] = lambda: None,
) -> list[TunePair]:
    """`count` pairs, drawn from the tunes.

    rhythm: of all of them, "" for any. wanted: called before each tune is composed; ends the work by raising.
    Raises CorpusError where the tunes give fewer pairs.
    """
    rng = random.Random(seed)
    order = rng.sample(range(len(tunes)), len(tunes))
    found: list[TunePair] = []
    for text, title in _suitable(composer, [tunes[place] for place in order], rhythm):
        wanted()
        composed = _partner(composer, text, seed, len(found))
        if composed is not None:
            words = "".join(character for character in title if character.isprintable())
            found.append(TunePair(f"X:1\n{text}", f"X:1\n{composed}", words, rng.random() < 0.5))
        if len(found) == count:
            return found
    kind = f" of the rhythm {rhythm!r}" if rhythm else ""
    raise CorpusError(
        f"the {len(tunes):,} human tunes give {len(found)} pairs{kind}; {count} are requested. A tune must have one "
        f"voice, {FEWEST_BARS} to {MOST_BARS} bars, and bars that add up. Request fewer pairs, or give more tunes"
    )


def _suitable(composer: Composer, tunes: Sequence[HumanTune], rhythm: str) -> Iterator[tuple[str, str]]:
    """Text and title of the tunes that a composed one can be compared with."""
    keep_marks = record_keeps_marks(composer.description.training.get("corpus", {}))
    known = set(composer.description.vocabulary.characters)
    for tune in tunes:
        try:
            text = tunebook_text(tune.text, keep_marks=keep_marks)
            read = read_tune(text)
        except (Dropped, SongrnnError):
            continue
        is_requested = not rhythm or (read.header.values("R") or ("",))[0].lower() == rhythm.lower()
        if is_requested and set(text) <= known and not check(read) and FEWEST_BARS <= _whole_bars(read) <= MOST_BARS:
            yield text, tune.title


def _partner(composer: Composer, text: str, seed: int, number: int) -> str | None:
    """A composed tune of the same header and length; None where the network finds none."""
    tune = read_tune(text)
    values = {line[0]: line[2:].strip() for line in text.splitlines() if line[:2] in ("R:", "M:", "L:", "K:")}
    form = FormSettings(
        rhythm=values.get("R", ""),
        meter=values.get("M", ""),
        unit_length=values.get("L", ""),
        key=values.get("K", ""),
        bars=_whole_bars(tune),
    )
    request = Request(form=form, sampling=SamplingSettings(seed=seed), first=number * TRIES, count=TRIES)
    try:
        made = composer.compose_request(request)
        return next((one.text for one in made if one.finished and one.text != text), None)
    except SongrnnError:
        return None


def _whole_bars(tune: Tune) -> int:
    """Bars as long as the meter says, first and second endings counted once; 0 in free meter."""
    whole = tune.header.meter_in_force.duration
    return sum(bar_duration(bar) == whole for bar in lasting_bars(tune)) if whole else 0
