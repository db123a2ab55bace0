"""Writes bars of a tune anew; the text before and after them stays the same to the letter.

The network sees only what came before. So many continuations of the text before the bars are composed, as strict
tunes; of each the first bars take the place of the old ones, between the bar lines that were there, if each lasts as
long as its predecessor; and those are kept after which the network gives the rest of the
tune the highest probability. The text before decides what is composed, the text after what is kept. A variation keeps
those that share most with the old bars: of the time, how much has the same note, begun at the same moment.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from songrnn.checks.check import check
from songrnn.composing.composer import Composer
from songrnn.composing.composition import Composition
from songrnn.composing.request import Request
from songrnn.engines.settings import SamplingSettings
from songrnn.errors import AbcSyntaxError, SettingsError
from songrnn.notation.read import read_tune
from songrnn.performance.bar_lengths import bar_duration
from songrnn.performance.bar_places import BarPlace, bar_places, lasting_bars
from songrnn.performance.timeline import perform

CHARACTERS_A_BAR = 48
"""So many are composed for each bar that is written anew: twice what a bar of sixteenths takes."""


@dataclass(frozen=True)
class Rewritten:
    """A tune with new bars; they stand at begin..end of `abc`.

    log_probability: that the network gives to all that follows them; the natural logarithm.
    """

    abc: str
    begin: int
    end: int
    log_probability: float


def rewrite(
    composer: Composer,
    abc: str,
    bars: tuple[int, int],
    *,
    sampling: SamplingSettings,
    count: int,
    candidates: int,
    vary: bool = False,
) -> list[Rewritten]:
    """At most `count` different tunes in which the first to the last of `bars` are new, the most probable first.

    bars: indices among the bars with notes or rests, from 0. sampling: with a seed. candidates: how many continuations
    are composed. vary: those that are most like the old bars. Raises AbcSyntaxError for a text that is no tune,
    SettingsError for bars that it has not, and what `Composer.compose_request` raises.
    """
    tune = read_tune(abc, strict=False)
    places = bar_places(tune, abc)
    first, last = bars
    if not 0 <= first <= last < len(places):
        raise SettingsError(f"bars {first} to {last} are to be written anew, but the tune has {len(places)}")
    stretch = places[first : last + 1]
    before = abc[: stretch[0].begin]
    shape = _shape(abc)
    request = Request(prompt=_prompt(before), count=candidates, best_of=1, sampling=_short(sampling, len(stretch)))
    found: dict[str, str] = {}  # the whole tune -> the same as the network reads it
    for made in composer.compose_request(request):
        contents = _first_bars(made, len(stretch))
        if contents is None:
            continue
        middle = "".join(_joined(abc, stretch, contents))
        rewritten = before + middle + abc[stretch[-1].end :]
        if rewritten != abc and _shape(rewritten) == shape:
            found.setdefault(rewritten, _given(made) + middle + _rest(abc[stretch[-1].end :]))
    scores = _scores(composer, list(found.values()), _rest(abc[stretch[-1].line :]))
    begin, after = len(before), len(abc) - stretch[-1].line
    ranked = [Rewritten(text, begin, len(text) - after, score) for text, score in zip(found, scores, strict=True)]
    if vary:
        ranked = _most_like(abc, ranked)[:count]
    return sorted(ranked, key=lambda one: -one.log_probability)[:count]


def _most_like(abc: str, ranked: list[Rewritten]) -> list[Rewritten]:
    """Those with the most notes of the tune `abc`, each counted by its duration, first."""
    old = _notes(abc)

    def shared(one: Rewritten) -> Fraction:
        new = _notes(one.abc)
        return sum((min(duration, new.get(note, Fraction(0))) for note, duration in old.items()), Fraction(0))

    return sorted(ranked, key=lambda one: -shared(one))


def _notes(abc: str) -> dict[tuple[Fraction, int], Fraction]:
    """Onset and pitch of the notes as written, and how long each lasts."""
    notes = perform(read_tune(abc, strict=False), repeats=False)
    return {(note.onset, note.pitch): note.duration for note in notes}


def _prompt(before: str) -> str:
    """The text before the bars without the fields that a tune of the corpus does not have."""
    return "".join(line for line in before.splitlines(keepends=True) if line[:2] not in ("X:", "T:"))


def _short(sampling: SamplingSettings, bars: int) -> SamplingSettings:
    return sampling.replace(max_characters=min(sampling.max_characters, CHARACTERS_A_BAR * (bars + 1)))


def _given(made: Composition) -> str:
    """What came from the prompt, as the network reads it."""
    return made.text[: sum(made.given)]


def _first_bars(made: Composition, count: int) -> list[str] | None:
    """The content of the first composed bars; None where there are fewer, or a line ends within one."""
    begin = len(_given(made))
    try:
        places = bar_places(read_tune(made.text, strict=False), made.text)
    except AbcSyntaxError:
        return None
    contents = [made.text[bar.begin : bar.line].strip() for bar in places if bar.begin >= begin and bar.line < bar.end]
    chosen = contents[:count]
    return chosen if len(chosen) == count and not any("\n" in content for content in chosen) else None


def _joined(abc: str, stretch: Sequence[BarPlace], contents: Sequence[str]) -> Iterator[str]:
    """The new contents between the bar lines of the old bars, with the blanks before these."""
    for bar, content in zip(stretch, contents, strict=True):
        old = abc[bar.begin : bar.line]
        blank = old[len(old.rstrip()) :]
        yield old[: len(old) - len(old.lstrip())] + content + blank + abc[bar.line : bar.end]


def _shape(abc: str) -> tuple[int, tuple[Fraction, ...]]:
    """How many problems a tune has, and how long each bar lasts: what must stay as it is."""
    tune = read_tune(abc, strict=False)
    return len(check(tune)), tuple(map(bar_duration, lasting_bars(tune)))


def _rest(text: str) -> str:
    """Text as the end of a tune of the corpus, with one line end."""
    return text.rstrip("\n") + "\n"


def _scores(composer: Composer, texts: Sequence[str], rest: str) -> list[float]:
    """The log-probability of `rest`, with which each text ends, and of the end of the tune."""
    vocabulary = composer.description.vocabulary
    count = len(vocabulary.encode_known(rest)[0]) - (1 if vocabulary.boundaries else 0)
    encoded = [vocabulary.encode_known(text)[0] for text in texts]
    return [float(scores[len(scores) - count :].sum()) for scores in composer.engine.score(encoded)]
