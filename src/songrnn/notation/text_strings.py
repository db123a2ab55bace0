"""Text strings of ABC fields and annotations -> the characters they stand for (ABC standard 2.1, section 8.2).

Three spellings of a character outside ASCII: a mnemonic (`\\'e`), a named entity (`&eacute;`, `&#233;`), and its number
in hexadecimal (`\\u00e9`). A backslash before `\\`, `%` or `&` takes that sign as it is. Everything else stays.
"""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

UNTITLED = "untitled"
"""What a tune without a title is called."""

# The sign after the backslash -> the combining character that the next letter takes.
_ACCENTS: Mapping[str, str] = MappingProxyType(
    {
        "`": "\u0300",  # grave
        "'": "\u0301",  # acute
        "^": "\u0302",  # circumflex
        "~": "\u0303",  # tilde
        "=": "\u0304",  # macron
        "u": "\u0306",  # breve
        ".": "\u0307",  # dot above
        '"': "\u0308",  # diaeresis
        "H": "\u030b",  # double acute
        "v": "\u030c",  # caron
        "c": "\u0327",  # cedilla
        ";": "\u0328",  # ogonek
    }
)
_WHOLE_MNEMONICS: Mapping[str, str] = MappingProxyType(
    {
        "aa": "å",
        "AA": "Å",
        "/o": "ø",
        "/O": "Ø",
        "/d": "đ",
        "/D": "Đ",
        "/l": "ł",
        "/L": "Ł",
        "ss": "ß",
        "ae": "æ",
        "AE": "Æ",
        "oe": "œ",
        "OE": "Œ",
        "dh": "ð",
        "DH": "Ð",
        "th": "þ",
        "TH": "Þ",
    }
)
_SPECIAL = re.compile(
    r"""
      \\(?P<escaped>[\\%&])
    | \\(?P<whole>aa|AA|/[oOdDlL]|ss|ae|AE|oe|OE|dh|DH|th|TH)
    | \\u(?P<short>[0-9A-Fa-f]{4})
    | \\U(?P<long>[0-9A-Fa-f]{8})
    | \\(?P<accent>[`'^~=u."Hvc;])(?P<letter>[A-Za-z])
    | &\#(?P<decimal>\d{1,7});
    | &\#[xX](?P<hexadecimal>[0-9A-Fa-f]{1,6});
    | &(?P<entity>[A-Za-z][A-Za-z0-9]{1,31};)
    """,
    re.VERBOSE | re.ASCII,
)


def decode_text(text: str) -> str:
    """`text` with its mnemonics, entities and numbers as characters; what has no meaning stays as it is."""
    return _SPECIAL.sub(_character, text) if "\\" in text or "&" in text else text


def _character(found: re.Match[str]) -> str:
    groups = {name: value for name, value in found.groupdict().items() if value is not None}
    match groups:
        case {"escaped": sign}:
            return sign
        case {"whole": mnemonic}:
            return _WHOLE_MNEMONICS[mnemonic]
        case {"short": number} | {"long": number} | {"hexadecimal": number}:
            return _numbered(int(number, 16), found[0])
        case {"decimal": number}:
            return _numbered(int(number), found[0])
        case {"accent": accent, "letter": letter}:
            accented = unicodedata.normalize("NFC", letter + _ACCENTS[accent])
            return accented if len(accented) == 1 else found[0]
    from html.entities import html5

    return html5.get(groups["entity"], found[0])


def _numbered(number: int, written: str) -> str:
    """The character of this number, unless it is a control character, half of a pair, or none at all."""
    is_character = 32 <= number <= 0x10FFFF and not 0x7F <= number < 0xA0 and not 0xD800 <= number < 0xE000
    return chr(number) if is_character else written


def title_of(abc: str) -> str:
    """The first title in the tune's header with its accents, or "" when it has none."""
    found = re.search(r"^T:[^\S\n]*(\S.*?)\s*$", abc, flags=re.MULTILINE)
    return decode_text(found[1]) if found else ""


def encode_text(text: str) -> str:
    """A text string that `decode_text` turns into `text`; in one line, whatever it holds."""
    return re.sub(r"[\\%&]", r"\\\g<0>", " ".join(text.split()))
