"""The MusicXML 4.0 schema that the package `musicxml` carries, as a check of a file."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from lxml import etree

_XS = "{http://www.w3.org/2001/XMLSchema}"


@cache
def schema() -> etree.XMLSchema:
    """The schema without the two others that it would fetch from the network: for links and for `xml:lang`."""
    package = find_spec("musicxml")
    assert package is not None
    assert package.submodule_search_locations is not None
    path = Path(package.submodule_search_locations[0], "generate_classes", "musicxml_4_0.xsd")
    root = etree.parse(path).getroot()
    foreign = (("ref", "xlink:"), ("ref", "xml:"))
    for element in list(root.iter(f"{_XS}import", f"{_XS}attribute")):
        if element.tag.endswith("import") or any(element.get(name, "").startswith(start) for name, start in foreign):
            element.getparent().remove(element)
    return etree.XMLSchema(root)


def schema_errors(musicxml: bytes) -> list[str]:
    """What is wrong with a file, a line each; nothing when it is valid."""
    document = etree.fromstring(musicxml, etree.XMLParser(load_dtd=False, no_network=True))
    validator = schema()
    validator.validate(document)
    return [f"line {error.line}: {error.message}" for error in validator.error_log]
