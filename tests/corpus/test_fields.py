import pytest

from songrnn.corpus.cleaning import FIELD_ORDER, Dropped, canonical_field
from songrnn.corpus.fields import default_unit_note_length, names_a_key
from songrnn.notation.grammar import MODES

VALUES = [
    ("K", "E Minor", "Emin"),
    ("K", "D", "Dmaj"),
    ("K", "Am", "Amin"),
    ("K", "EM", "Emin"),
    ("K", "Ador", "Ador"),
    ("K", "A mixolydian", "Amix"),
    ("K", "Dmixo", "Dmix"),
    ("K", "Bbmajor", "Bbmaj"),
    ("K", "F#m", "F#min"),
    ("K", "C Ionian", "Cmaj"),
    ("K", "A aeolian", "Amin"),
    ("K", "g", "Gmaj"),
    ("K", "Hp", "Hp"),
    ("K", "none", "none"),
    ("K", "", "none"),
    ("K", "clef=bass", "none"),
    ("K", "G bass transpose=-12", "Gmaj"),
    ("K", "Dphr ^f", "Dphr ^f"),
    ("K", "Dmix=c_B", "Dmix =c _b"),
    ("K", "D exp ^f", "Dexp ^f"),
    ("K", " G Dorian % two flats in the book", "Gdor"),
    ("M", "C", "4/4"),
    ("M", "C|", "2/2"),
    ("M", " 6/8 ", "6/8"),
    ("M", "2 / 4 % reel", "2/4"),
    ("M", "", "none"),
    ("M", "NONE", "none"),
    ("M", "(2+3)/8", "(2+3)/8"),
    ("L", "1/8", "1/8"),
    ("L", "1 / 16", "1/16"),
    ("L", "1", "1/1"),
    ("R", " Slip  Jig ", "slip jig"),
    ("R", "slipjig", "slip jig"),
    ("R", "---", ""),
    ("R", "reel\x84", ""),
    ("R", "Lied]", "lied"),
]


@pytest.mark.parametrize(("letter", "value", "canonical"), VALUES)
def test_a_value_has_one_spelling(letter, value, canonical):
    assert canonical_field(letter, value) == canonical


@pytest.mark.parametrize(("letter", "canonical"), [(letter, canonical) for letter, _, canonical in VALUES])
def test_a_canonical_value_stays_as_it_is(letter, canonical):
    assert canonical_field(letter, canonical) == canonical


@pytest.mark.parametrize(
    ("letter", "value", "reason"),
    [
        *(("K", value, "unknown key") for value in ("H", "Es", "Bn", "D is nice", "?", "G pentatonic", "Dmaj F")),
        *(("M", value, "unknown meter") for value in ("3", "6/7", "0/4", "fast", "4/4/4")),
        *(("L", value, "unknown unit note length") for value in ("1/3", "eighth", "")),
        ("Q", "120", "the field Q: is none of R, M, L, K"),
    ],
)
def test_nonsense_is_dropped_with_a_reason(letter, value, reason):
    with pytest.raises(Dropped, match=reason):
        canonical_field(letter, value)


@pytest.mark.parametrize("written", MODES)
def test_every_mode_is_known_by_its_first_three_letters_in_any_case(written):
    assert canonical_field("K", f"A{written.upper()}") == f"A{MODES[written]}"


@pytest.mark.parametrize(
    ("meter", "length"),
    [("2/4", "1/16"), ("3/4", "1/8"), ("6/8", "1/8"), ("5/8", "1/16"), ("none", "1/8"), ("(2+3)/8", "1/16")],
)
def test_the_default_unit_note_length_follows_the_meter(meter, length):
    assert default_unit_note_length(meter) == length


def test_a_change_of_clef_names_no_key():
    assert not names_a_key(" clef=bass % low")
    assert names_a_key("D clef=bass")


def test_a_prompt_gives_its_fields_in_the_order_of_a_tunebook_text():
    assert FIELD_ORDER == "RMLK"
