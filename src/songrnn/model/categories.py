"""Where in its tune the network writes: categories as input, votes for what stood there before, and two pitch heads.

`tracking/` derives from the text, and from a plan of the tune if there is one, some dozens of small integers after
every character. Each is a category: one row of an embedding. All rows are summed, join the input of the first layer,
and reach the logits directly:

    p        = sum over categories of rows[value]              (position, plan, agreement and suggestion of each lag)
    x        = (embedding[character] + ...) followed by p
    logits   = W_o h + b_o + W_c p + ...

Lookback votes like `model/copying.py`: for each lag g that suggests a character (what followed at the same place so
many bars earlier), which agrees with the bar so far as the code a_g says,

    logits[suggestion_g] += u_g . h + d_g + bonus_g[a_g]

The pitch heads choose among the letters C to B and c to b by what they are in the tune, not by their names: with t the
tonic's letter and s the diatonic step of the last note,

    logits[letter j] += (W_t h + b_t)[j - t] + (W_s h + b_s)[j - s]

Intervals beyond LARGEST_STEP count as that. Where there is no tonic or no last note, its term is left out.
The position in the bar and what stood one and two bars before as inputs go back to the Lookback RNN of Google Magenta
(2016).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.model.settings import LARGEST_STEP, RELATIVE_TO_TONIC, ModelSettings
from songrnn.tracking.features import PositionFeatures
from songrnn.tracking.lookback import LAGS
from songrnn.tracking.state import NO_STEP, NO_TONIC
from songrnn.vocabulary import Ids, Vocabulary

LETTERS = "CDEFGABcdefgab"
STEP_OF_C = 28
"""The diatonic step of the ABC note C, middle C, counted from the C of octave 0."""

Places = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Columns:
    """What stands where in a row of `Inputs.places`: one column for each category, then two for the letters.

    sizes: of each category, by group, in the order of the columns. letters: whether the tonic's letter and the last
    note's step follow.
    """

    sizes: dict[str, tuple[int, ...]]
    letters: bool

    @classmethod
    def of(cls, settings: ModelSettings, vocabulary_size: int) -> "Columns":
        """The columns that a network of these settings reads."""
        suggested = {"suggested": (vocabulary_size + 1,) * len(LAGS)} if settings.lookback else {}
        return cls(settings.categories | suggested, settings.pitch_heads)

    def __len__(self) -> int:
        return self.categories + 2 * self.letters

    @property
    def categories(self) -> int:
        """How many columns are categories."""
        return sum(map(len, self.sizes.values()))

    @property
    def offsets(self) -> Ids:
        """Where the rows of each category begin when the embeddings of all groups are laid end to end, [categories]."""
        sizes = [size for group in self.sizes.values() for size in group]
        return np.cumsum([0, *sizes], dtype=np.int64)[:-1]

    def group(self, name: str) -> slice:
        """The columns of one group; none if the network does not have it."""
        names = list(self.sizes)
        if name not in names:
            return slice(0, 0)
        begin = sum(len(self.sizes[before]) for before in names[: names.index(name)])
        return slice(begin, begin + len(self.sizes[name]))

    def row(self, position: PositionFeatures) -> Places:
        """The row, or the rows, of places that the tracker found; small integers as they are stored."""
        found = {
            "position": position.features,
            "plan": position.plan,
            "agreement": position.agreement,
            "suggested": position.suggested,
        }
        parts = [found[name] for name in self.sizes] + [position.letters] * self.letters
        return np.concatenate(parts, axis=-1).astype(np.int32)


def note_letters(vocabulary: Vocabulary) -> Ids:
    """The ids of LETTERS, [14]; V where the vocabulary lacks one."""
    known = vocabulary.characters
    return np.array([known.index(letter) if letter in known else len(vocabulary) for letter in LETTERS], dtype=np.int64)


def rows_of_heads(letters: Places) -> tuple[Ids, Ids]:
    """For tonics and last notes [..., 2]: the row of each pitch head for each of LETTERS, [..., 14].

    One past the last row where there is no tonic or no last note.
    """
    tonic, step = letters[..., :1].astype(np.int64), letters[..., 1:].astype(np.int64)
    letter = np.arange(len(LETTERS))
    to_tonic = np.where(tonic == NO_TONIC, RELATIVE_TO_TONIC, letter - tonic + NO_TONIC - 1)
    interval = np.clip(letter + STEP_OF_C - step, -LARGEST_STEP, LARGEST_STEP)
    return to_tonic, np.where(step == NO_STEP, 2 * LARGEST_STEP + 1, interval + LARGEST_STEP)
