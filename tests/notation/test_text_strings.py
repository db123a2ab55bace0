"""Text strings of the standard, 8.2: mnemonics, entities, numbers."""

import pytest

from songrnn.notation.text_strings import decode_text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (r"Bourr\'ee", "Bourrée"),
        ("Bourr&eacute;e", "Bourrée"),
        (r"Bourr\u00e9e", "Bourrée"),
        (r"\`a \^o \~n \"u \cC \vs \uG \HO \=a \.z", "à ô ñ ü Ç š Ğ Ő ā ż"),
        (r"\aase \AA \/o \/O \ss \ae\AE \oe\OE \dh\DH \th\TH", "åse Å ø Ø ß æÆ œŒ ðÐ þÞ"),
        ("&#233; &#xE9; &amp; &lt;", "é é & <"),
        (r"100\% \&amp; a\\b", r"100% &amp; a\b"),
        (r"\U0001d11e", "𝄞"),
    ],
)
def test_each_spelling_becomes_its_character(written, shown):
    assert decode_text(written) == shown


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "R & B",
        "&nosuch;",
        "&;",
        r"\q",
        "\\",
        r"\ud800",
        r"\u0000",
        "&#0;",
        "&#99999999;",
        r"\U99999999",
        r"\'1",
    ],
)
def test_what_has_no_meaning_stays(text):
    assert decode_text(text) == text


def test_the_time_is_linear():
    assert len(decode_text("\\'" * 200_000 + "&" * 200_000)) == 600_000
