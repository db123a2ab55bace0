"""Docstrings as the reference shows them: lines such as `seed: of the random generator` become a list of definitions.

A definition begins a line with one or several names and a colon; lines that follow belong to it when they are indented.
"""

import re
from typing import Any

from griffe import Extension, Object

NAMES = re.compile(r"(?P<names>[a-z_]\w*(?: \w+\[[^\]]*\]| \[[^\]]*\]|, [a-z_]\w*)*): +(?P<text>\S.*)")
"""Such as `pitch: ...`, `onset, duration: ...` or `log_probs [T, B]: ...`."""


def with_definitions(text: str) -> str:
    """A docstring in Markdown, in which each definition is an item of a list."""
    lines: list[str] = []
    inside = False
    for number, line in enumerate(text.split("\n")):
        found = NAMES.fullmatch(line) if number else None  # the first line is a sentence
        if found is not None:
            if not inside:
                lines.append("")
            lines.append(f"- `{found['names']}`: {found['text']}")
        elif inside and line and not line.startswith(" "):
            lines += ["", line]
        else:
            lines.append(line)
        inside = found is not None or (inside and line.startswith(" "))
    return "\n".join(lines)


class Definitions(Extension):
    """Rewrites the docstring of everything that mkdocstrings reads."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        """Called once for each module, class, function and attribute."""
        if obj.docstring is not None:
            obj.docstring.value = with_definitions(obj.docstring.value)
