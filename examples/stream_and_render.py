"""Compose a tune character by character as it comes, then make a score and a MIDI file of it.

Run: python examples/stream_and_render.py runs/mine
"""

import sys
from pathlib import Path

import songrnn


def main(checkpoint: str, folder: str = ".") -> None:
    """Stream to the screen; the same seed composes the same tune again for the files."""
    composer = songrnn.load(checkpoint)
    for character in composer.stream("M:6/8\nL:1/8\nK:Dmaj\n", seed=3):
        print(character, end="", flush=True)

    composition = composer.compose("M:6/8\nL:1/8\nK:Dmaj\n", seed=3)
    rendering = songrnn.render(composition.abc(), formats=("midi", "svg"))
    for name, ending in (("midi", "mid"), ("svg", "svg")):
        if name in rendering.outputs:
            path = Path(folder) / f"tune.{ending}"
            path.write_bytes(rendering.outputs[name])
            print(path)
        else:
            print(f"no {name}: {rendering.failures[name]}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print("usage: python examples/stream_and_render.py CHECKPOINT", file=sys.stderr)
        sys.exit(2)
    main(sys.argv[1])
