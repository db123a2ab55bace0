"""A tune as it stands on the page -> the text that the network reads, and where each character stands on the page."""

from dataclasses import dataclass

from songrnn.composing.composer import Composer
from songrnn.corpus.cleaning import FIELD_ORDER
from songrnn.errors import SettingsError


@dataclass(frozen=True)
class NetworkText:
    """text: as the network reads it; places: for each of its characters, its index in the text of the page."""

    text: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, abc: str, composer: Composer) -> "NetworkText":
        """Without what the network does not know: numbers, titles, comments, unknown characters.

        Raises SettingsError where nothing is left.
        """
        known = set(composer.description.vocabulary.characters)
        lines = _lines(abc) if composer.description.form == "tunebook" else [(0, abc)]
        pairs = [
            (character, begin + offset)
            for begin, line in lines
            for offset, character in enumerate(line)
            if character in known
        ]
        if not pairs:
            raise SettingsError("this tune has no character that the network knows", "abc")
        return cls("".join(character for character, _ in pairs), tuple(place for _, place in pairs))

    def place_of(self, index: int) -> int:
        """The first character of the network's text at or after an index in the page's. Raises SettingsError."""
        for place, found in enumerate(self.places):
            if found >= index:
                return place
        raise SettingsError(f"the network reads nothing at or after character {index} of this tune", "place")


def _lines(abc: str) -> list[tuple[int, str]]:
    """Begin and text of the lines of a tune: the header's fields in the order of the corpus, then the music."""
    header: dict[str, tuple[int, str]] = {}
    music: list[tuple[int, str]] = []
    begin, in_header = 0, True
    for line in (abc if abc.endswith("\n") else f"{abc}\n").splitlines(keepends=True):
        if in_header and line[1:2] == ":" and line[:1].isalpha():
            if line[0] in FIELD_ORDER:
                header.setdefault(line[0], (begin, line))
            in_header = line[0] != "K"
        elif not line.startswith("%") and not (line[1:2] == ":" and line[:1].isalpha()):
            music.append((begin, line))
        begin += len(line)
    return [*(header[letter] for letter in FIELD_ORDER if letter in header), *music]
