"""Docstrings as the reference shows them: lines such as `seed: of the random generator` become a list of definitions.

A definition is one or several names, a colon and a text. It begins a line, or follows a full stop within a definition;
lines that follow belong to it when they are indented or begin with a small letter. Fields of settings say their range.
"""

import re
from typing import Any

from griffe import Class, Docstring, Extension, Module, Object

_NAMES = r"`?[a-z_]\w*`?(?: \w+\[[^\]]*\]| \[[^\]]*\]|, `?[a-z_]\w*`?)*"
DEFINITION = re.compile(rf"(?P<names>{_NAMES}): +(?P<text>\S.*)")
"""Such as `pitch: ...`, `onset, duration: ...` or `log_probs [T, B]: ...`."""
NEXT = re.compile(rf"(?<=\.) (?={_NAMES}: )")


def with_definitions(text: str) -> str:
    """A docstring in Markdown, in which each definition is an item of a list."""
    first, *rest = text.split("\n")
    lines = [first]
    inside = False
    for line in rest:
        definitions = _definitions(line)
        if definitions:
            lines += definitions if inside else ["", *definitions]
        elif inside and line and not _goes_on(line):
            lines += ["", line]
        else:
            lines.append(f"    {line.strip()}" if inside and line else line)
        inside = bool(definitions) or (inside and _goes_on(line))
    return "\n".join(lines)


def _definitions(line: str) -> list[str]:
    """The items that a line holds; none when it begins with no definition."""
    if DEFINITION.fullmatch(line) is None:
        return []
    found = [DEFINITION.fullmatch(piece) for piece in NEXT.split(line)]
    return [f"- `{one['names'].replace('`', '')}`: {one['text']}" for one in found if one is not None]


def _goes_on(line: str) -> bool:
    return line.startswith(" ") or line[:1].islower() or line[:1] == "`"


LIMITS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than", "min_length": "length at least"}


def range_of(constraints: dict[str, Any]) -> str:
    """Such as "at least 0, at most 5", of what `griffe_pydantic` found in a field; "" without any."""
    return ", ".join(f"{words} {constraints[name]}" for name, words in LIMITS.items() if name in constraints)


class Definitions(Extension):
    """Rewrites the docstring of everything that mkdocstrings reads."""

    def on_package(self, *, pkg: Module, **_: Any) -> None:
        """Called once, after the fields of settings have been found."""
        for module in pkg.modules.values():
            if not module.is_alias:
                self.on_package(pkg=module)
        for settings in pkg.classes.values():
            if not settings.is_alias:
                _add_ranges(settings)

    def on_object(self, *, obj: Object, **_: Any) -> None:
        """Called once for each module, class, function and attribute."""
        if obj.docstring is not None:
            obj.docstring.value = with_definitions(obj.docstring.value)


def _add_ranges(settings: Class) -> None:
    for field in settings.attributes.values():
        limits = range_of(field.extra.get("griffe_pydantic", {}).get("constraints", {}))
        if limits:
            said = field.docstring.value if field.docstring else ""
            field.docstring = Docstring(f"{said} ({limits})".strip(), parent=field)
