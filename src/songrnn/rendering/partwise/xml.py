"""Short functions over `xml.etree.ElementTree` that make elements, and texts that XML can hold."""

import re
from xml.etree.ElementTree import Element, SubElement

from songrnn.notation.text_strings import decode_text

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def child(parent: Element, tag: str, text: object = None, /, **attributes: str) -> Element:
    """A new last child of `parent`."""
    element = SubElement(parent, tag, attributes)
    if text is not None:
        element.text = str(text)
    return element


def printable(text: str) -> str:
    """`text` without the characters that XML 1.0 excludes."""
    return _NOT_IN_XML.sub("", text)


def text_content(text: str) -> str:
    """A text string of ABC for the score: decoded, printable, without blanks around it."""
    return printable(decode_text(text)).strip()
