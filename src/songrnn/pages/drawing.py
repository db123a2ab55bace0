"""A matplotlib figure -> the bytes of a picture file."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS_PER_INCH = 140


def picture(figure: "Figure", ending: str) -> bytes:
    """The figure as a "png" or "svg" file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format=ending, dpi=DOTS_PER_INCH)
    figure.set_layout_engine("none")  # the layout is kept in further files
    return buffer.getvalue()


def pictures(figure: "Figure") -> dict[str, bytes]:
    """The figure as {"png", "svg"}: one for every program, one for every size."""
    return {ending: picture(figure, ending) for ending in ("png", "svg")}
