"""The numbers by which the studio calls bars are those of the score."""

import pytest
from lxml import etree

from rich_tunes import rich_tune
from songrnn.notation.read import read_tune
from songrnn.performance.bar_places import bar_numbers, lasting_bars
from songrnn.rendering.musicxml import musicxml_of

HEADER = "X:1\nM:3/4\nL:1/4\nK:G\n"
BODIES = {
    "GAB|cde|": [1, 2],
    "d|GAB|cd:|": [0, 1, 2],
    "d|GAB|cd:|e|fga|ga|]": [0, 1, 2, 0, 3, 4],
    "GAB|c|def|": [1, 2, 3],
    "z|Z|c3|": [0, 1, 2],
    "Z4|c3|": [1, 5],
    "G[|]AB|cde|": [1, 1, 2],
    "|:GAB|1 cde:|2 cd||": [1, 2, 3],
    "|:G2[1A:|2B|cde|]": [1, 0, 2],
}


@pytest.mark.parametrize(("body", "numbers"), BODIES.items())
def test_pickups_have_no_number_and_rests_as_many_as_they_are(body, numbers):
    assert list(bar_numbers(read_tune(HEADER + body + "\n"))) == numbers


@pytest.mark.parametrize(
    "text", [HEADER + body + "\n" for body in BODIES if "[" not in body] + list(map(rich_tune, range(25)))
)
def test_they_are_those_of_the_score(text):
    tune = read_tune(text)
    measures = etree.fromstring(musicxml_of(tune)).find("part").findall("measure")
    engraved = {
        int(number) for measure in measures if measure.get("implicit") != "yes" and (number := measure.get("number"))
    }
    numbers = bar_numbers(tune)
    assert len(numbers) == len(lasting_bars(tune))
    assert {number for number in numbers if number} <= engraved
    assert max(numbers) <= max(engraved)
