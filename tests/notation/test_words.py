"""What is language among the notes, and what only looks like it."""

import pytest

from songrnn.notation.words import find_words


def found(line, explained=()):
    return [line[words.start : words.end] for words in find_words(line, explained)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ABcd slowly efga|", ["slowly"]),
        ("ABcd|D.C. al Coda|]", ["D.C. al Coda"]),
        ("ABcd efga D.S. al Fine", ["D.S. al Fine"]),
        ("AB|Da Capo al Fine", ["Da Capo al Fine"]),
        ("AB D.C.", ["D.C."]),
        ("AB| da capo|", ["da capo"]),
        ("AB|(da capo al fine)", ["(da capo al fine)"]),
        ("ABcd da Coda|", ["da Coda"]),
        ("A part", ["A part"]),
        ("B part: ABcd|", ["B part:"]),
        ("ABcd|A strain efga|", ["A strain"]),
        ("AB Fine |", ["Fine"]),
        ("TRIO ABcd|", ["TRIO"]),
        ("to Coda ABcd|", ["to Coda"]),
        ("1st time ABcd|2nd time efga|", ["1st time", "nd time"]),  # |2 is an ending
        ("(play 3 times) AB", ["(play 3 times)"]),
        ("Go to Bed and Dance", ["Go to Bed and Dance"]),
        ("Part A", ["Part A"]),
        ("Repeat part B: ABcd|", ["Repeat part B:"]),
        ("Intro: G4 Verse: A4|slowly:|", ["Intro:", "Verse:", "slowly"]),
        ("don't play this. AB", ["don't play this."]),
        ("AB rit. cd", ["rit."]),
        ("AB assai pi\u00f9 c", ["assai pi\u00f9"]),
        ("caf\u00e9 A", ["caf\u00e9"]),
        ("caf&eacute; A", ["caf&eacute;"]),
        ("Mc&nbsp;Leod AB", ["Mc&nbsp;Leod"]),
        ("A&lt;B c&#62;d", ["&lt;", "&#62;"]),
        ("A2 B<br>c</p>d", ["<br>", "</p>"]),
        ("see http://www.example.com/tunes", ["see http://www.example.com/tunes"]),
    ],
)
def test_a_stretch_of_language_is_one_piece(line, words):
    assert found(line) == words


@pytest.mark.parametrize(
    "line",
    [
        "ABcd efga|(3ABc d'e'f|TABc uA vB ~c HD|z2 Z4 x y3|",
        "kgBkaB (kef) kA2ka2 vkb2.B",  # letters of their own for decorations, in old tunebooks
        "RABc KdA UGE|VFEFG QG2 (uiBc)",
        ".E.D.C.D|A.D.C|[D.C.]",
        "Dead Face Bag CODA",  # nothing but notes and decorations of the standard
        "A<b>c A<B>c A&BC|",
        '"slowly"A "^D.C. al Coda"B !nonsense!c [r:a remark]d [I:linebreak !]e +trill+f',
        '"never closed slowly',
        "k h A",
        "c2 da fa|da",
    ],
)
def test_music_is_none(line):
    assert found(line) == []


def test_letters_that_a_user_explains_are_no_sign_of_a_word():
    assert found("nAmB") == ["nAmB"]
    assert found("nAmB", "nm") == []


def test_markup_is_distinguished_from_words():
    assert [words.markup for words in find_words("A slowly|B&lt;c")] == [False, True]
