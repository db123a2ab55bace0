"""ABC -> MusicXML: lytk reads the tune, `engraving` adds the signs that it leaves out."""

import lytk

from songrnn.errors import RenderingError
from songrnn.rendering.engraving import complete


def musicxml_from_abc(abc: bytes) -> bytes:
    """A MusicXML 4.0 file (UTF-8) of the tune in `abc` (UTF-8).

    Raises RenderingError when lytk cannot read the text, or finds no note in it.
    """
    try:
        musicxml: str = lytk.to_musicxml(lytk.from_abc_string(abc.decode("utf-8")))
    except lytk.LytkError as error:
        raise RenderingError(f"lytk cannot read it: {' '.join(str(error).split())}") from error
    if "<pitch>" not in musicxml:
        raise RenderingError("lytk found no notes")
    return complete(musicxml).encode("utf-8")
