"""Pictures of activations: one neuron over the characters of a tune, or all neurons of a layer at once.

Red is +1, blue is -1, white is 0, as in the SongRNN paper; what is not in [-1, 1] by nature (an LSTM's cell state) is
shown through tanh, as the network itself uses it. Gates lie in [0, 1] by nature and are drawn so: white is closed (0),
dark is open (1).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from songrnn.neurons.record import Values

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection
    from matplotlib.figure import Figure

COLUMNS = 48
NARROWEST = 16  # columns, so that the title has room
SIGNED, GATE = ("coolwarm", -1, 1), ("Purples", 0, 1)
"""Colours, and the values of the first and the last of them."""
WHITE_LETTERS = 0.7  # on the colours of values as large as this and larger
GLYPH_POINTS = 8
VISIBLE = {"\n": "↵", " ": "·"}
COLUMN_INCHES = 0.11  # of an overview: room for a letter that can be read
LONGEST_LABELLED = 600  # more characters than this have ticks at line ends in place of their letters


def neuron_grid(text: str, values: Values, *, title: str, gate: bool = False) -> "Figure":
    """The characters of `text` in a grid, each on the colour of one neuron's value there.

    values: [len(text)]; gate: whether they are those of a gate. A new row begins after every line end, and after 48
    characters.
    """
    from matplotlib.figure import Figure

    rows = _rows(text)
    shown = _bounded(values)
    columns = max(NARROWEST, *map(len, rows))
    figure = Figure(figsize=(0.22 * columns + 1.4, 0.26 * len(rows) + 1.0), layout="constrained")
    axes = figure.add_subplot()
    cells = np.full((len(rows), columns), np.nan)
    places: dict[str, list[tuple[int, int]]] = {}
    for y, row in enumerate(rows):
        for x, position in enumerate(row):
            cells[y, x] = shown[position]
            places.setdefault(text[position], []).append((x, y))
    colours, low, high = GATE if gate else SIGNED
    picture = axes.imshow(cells, cmap=colours, vmin=low, vmax=high, aspect="auto")
    for character, own in places.items():
        dark = [abs(cells[y, x]) >= WHITE_LETTERS for x, y in own]
        axes.add_collection(_glyphs(character, own, dark, axes), autolim=False)
    axes.set_axis_off()
    axes.set_title(title, fontsize=10, loc="left")
    figure.colorbar(picture, ax=axes, fraction=0.02, pad=0.01)
    return figure


def _glyphs(character: str, places: Sequence[tuple[int, int]], dark: Sequence[bool], axes: "Axes") -> "PathCollection":
    """One character at all its places: a shape that is drawn often takes a tenth of the time of as many texts.

    places: x and y in data coordinates. dark: for each whether its background is dark.
    """
    from matplotlib.collections import PathCollection
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath
    from matplotlib.transforms import Affine2D

    monospace = FontProperties(family="monospace")
    widest, highest = TextPath((0, 0), "M", size=GLYPH_POINTS, prop=monospace).get_extents().max
    shape = TextPath((0, 0), VISIBLE.get(character, character), size=GLYPH_POINTS, prop=monospace)
    return PathCollection(
        [shape],
        offsets=places,
        offset_transform=axes.transData,
        transform=Affine2D().translate(-widest / 2, -highest / 2).scale(1 / 72) + axes.figure.dpi_scale_trans,
        facecolors=["white" if one else "black" for one in dark],
        linewidths=0,
        label=character,
        in_layout=False,
    )


def overview_figure(text: str, values: Values, *, title: str, gate: bool = False) -> "Figure":
    """All neurons of a layer (rows) over the characters of `text` (columns); similar neurons are neighbours.

    values: [len(text), H]; gate: whether they are those of a gate. As wide as the text is long.
    """
    from matplotlib.figure import Figure

    order = similar_neighbours(values)
    labelled = len(text) <= LONGEST_LABELLED
    width = 2.0 + COLUMN_INCHES * min(len(text), LONGEST_LABELLED)
    figure = Figure(figsize=(width, min(24.0, 1.6 + 0.03 * values.shape[1] + 1.0)), layout="constrained")
    axes = figure.add_subplot()
    colours, low, high = GATE if gate else SIGNED
    picture = axes.imshow(
        _bounded(values)[:, order].T, cmap=colours, vmin=low, vmax=high, aspect="auto", interpolation="nearest"
    )
    axes.set_title(title, fontsize=10, loc="left")
    axes.set_ylabel("neurons, similar ones together")
    axes.set_yticks([])
    if labelled:
        axes.set_xticks(range(len(text)), [VISIBLE.get(c, c) for c in text], family="monospace", fontsize=8)
        axes.tick_params(axis="x", length=0, labeltop=True)
        for label in axes.get_xticklabels():
            label.set_parse_math(False)
    else:
        ends = [position for position, character in enumerate(text) if character == "\n"]
        axes.set_xticks(ends, [str(number) for number in range(1, len(ends) + 1)], fontsize=8)
        axes.set_xlabel("characters; ticks at line ends")
    figure.colorbar(picture, ax=axes, fraction=0.02, pad=0.01, aspect=30)
    return figure


def similar_neighbours(values: Values) -> NDArray[np.intp]:
    """An order of the H columns of `values` [T, H] in which similar ones stand together.

    Correlated neurons point the same way in the plane of the first two principal components of their correlations;
    they are put in the order of their angle there, cut at the widest gap (Friendly, "Corrgrams", 2002).
    """
    centred = values - values.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=0)
    directions = centred / np.where(lengths > 0, lengths, 1.0)
    _, eigenvectors = np.linalg.eigh(directions.T @ directions)
    x, y = eigenvectors[:, -1], eigenvectors[:, -2] if values.shape[1] > 1 else eigenvectors[:, -1]
    angles = np.arctan2(y, x)
    order = np.argsort(angles, kind="stable")
    gaps = np.diff(angles[order], append=angles[order[0]] + 2 * np.pi)
    return np.roll(order, -(int(np.argmax(gaps)) + 1))


def liveliest(values: Values, count: int) -> list[int]:
    """The `count` neurons of `values` [T, H] that vary most over the tune, the liveliest first, counted from 0."""
    return [int(i) for i in np.argsort(-_bounded(values).std(axis=0), kind="stable")[:count]]


def _rows(text: str) -> list[list[int]]:
    """Positions of the characters, row by row."""
    rows: list[list[int]] = [[]]
    for position, character in enumerate(text):
        if len(rows[-1]) == COLUMNS:
            rows.append([])
        rows[-1].append(position)
        if character == "\n":
            rows.append([])
    return [row for row in rows if row]


def _bounded(values: Values) -> Values:
    return values if np.abs(values).max(initial=0.0) <= 1 else np.tanh(values)
