"""Check every tune of a tunebook, and write those without a mistake in another key: songrnn without any network.

Run: python examples/check_and_transpose.py my-tunes.abc 2 > my-tunes-higher.abc
"""

import sys

import songrnn
from songrnn.corpus.sources import read_sources


def main(tunebook: str, semitones: int) -> None:
    """The tunes go to standard output, what is wrong with the others to standard error."""
    for source in read_sources([tunebook]).tunes:
        try:
            tune = songrnn.read_tune(source.text)
        except songrnn.AbcSyntaxError as error:
            print(f"tune {source.number}: {error}", file=sys.stderr)
            continue
        title = next(iter(tune.header.titles), "without a title")
        problems = songrnn.check(tune)
        for problem in problems:
            print(f"tune {source.number}, {title}: {problem}", file=sys.stderr)
        if not problems:
            print(songrnn.write_tune(songrnn.transpose(tune, semitones)))
            notes = songrnn.perform(tune)
            length = max((note.onset + note.duration for note in notes), default=0)
            print(f"{title}: {len(notes)} notes in {float(length):g} whole notes", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[2].lstrip("+-").isdecimal():
        print("usage: python examples/check_and_transpose.py TUNEBOOK SEMITONES", file=sys.stderr)
        sys.exit(2)
    main(sys.argv[1], int(sys.argv[2]))
