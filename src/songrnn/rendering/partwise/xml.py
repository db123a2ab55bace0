"""Making elements: what `xml.etree.ElementTree` does, in fewer words."""

import re
from xml.etree.ElementTree import Element, SubElement

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def child(parent: Element, tag: str, text: object = None, /, **attributes: str) -> Element:
    """A new last child of `parent`."""
    element = SubElement(parent, tag, attributes)
    if text is not None:
        element.text = str(text)
    return element


def printable(text: str) -> str:
    """`text` without the characters that XML 1.0 has no place for."""
    return _NOT_IN_XML.sub("", text)
