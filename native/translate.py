"""Writes the rules and tables of a package as a C++ header: python translate.py FOLDER_OF_SONGRNN PACKAGE HEADER.

PACKAGE is one of RULE_SETS: `constraints` or `tracking`. The rules are functions over its dataclasses in a small part
of Python: integers, conditions, loops, `match`, calls of one another, lists that grow, and != between states. Each
becomes a C++ function of the same name; the constants that they use, tables of named tuples and the fields of the
dataclasses become definitions. What is not in that part is refused with its place.

Three conventions keep the meaning, and the tests of agreement check them: integers have 32 bits (64 where `wide` says
so), operands of // and % are not negative, and `and`, `or` stand only where a truth value is wanted.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import IntEnum
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, get_type_hints

from rule import CALLS, NUMBER, Rule, TranslationError


@dataclass(frozen=True)
class RuleSet:
    """What is translated of a package.

    namespace: of the constants and structs; the functions are in its `rules`. kinds: module and name of the enumeration
        of kinds of tokens.
    structs: module and name of each dataclass. parameters: the C++ types of the functions' parameters.
    include: a header that needs the constants and the structs of `included`; with one, all integer constants of the
        module of the kinds are written.
    constants: module and name of those that are written although no function uses them.
    """

    namespace: str
    modules: tuple[str, ...]
    kinds: tuple[str, str]
    structs: tuple[tuple[str, str], ...]
    parameters: Mapping[str, str]
    include: str = ""
    included: tuple[tuple[str, str], ...] = ()
    constants: tuple[tuple[str, str], ...] = ()


NUMBERS = {"int": NUMBER, "bool": "bool"}
PARAMETERS = NUMBERS | {"Context": "const Context&", "TuneState": "TuneState&", "Token": "const Token&"}
RULE_SETS = {
    "constraints": RuleSet(
        namespace="songrnn",
        modules=("state", "filler", "bar_lines", "bar_time", "pitches", "effects", "viability", "completion"),
        kinds=("tokens", "Kind"),
        structs=(("state", "RequestedForm"), ("state", "Context"), ("state", "TuneState")),
        parameters=PARAMETERS,
        include="tokens.hpp",
        included=(("tokens", "Token"), ("tokens", "TokenKey")),
    ),
    "tracking": RuleSet(
        namespace="songrnn::tracking",
        modules=("ticks", "characters", "tokens", "bars", "notes", "fields", "effects", "lookback", "place"),
        kinds=("state", "TextKind"),
        structs=(
            *(("state", name) for name in ("TextToken", "TrackedState", "Tracker")),
            *(("lookback", "History"), ("place", "PlannedForm"), ("place", "Parts")),
        ),
        parameters=NUMBERS
        | {name: f"{name}&" for name in ("TextToken", "TrackedState", "Tracker", "History", "Parts")}
        | {"PlannedForm": "const PlannedForm&", "list[int]": f"{NUMBER}*"},
        constants=(("place", "ROW"), ("tokens", "START"), ("tokens", "END")),
    ),
}
MEMBERS: dict[Any, str] = {
    int: NUMBER,
    bool: "bool",
    tuple[int, ...]: f"std::vector<{NUMBER}>",
    tuple[bool, ...]: "std::vector<bool>",
    tuple[tuple[int, ...], ...]: f"std::vector<std::vector<{NUMBER}>>",
}


def header(package: str) -> str:
    """All of it: kinds, constants, structs, functions."""
    rule_set = RULE_SETS[package]
    modules = {name: import_module(f"songrnn.{package}.{name}") for name in (*rule_set.modules, rule_set.kinds[0])}
    rules = [rule for name in rule_set.modules for rule in rules_of(modules[name])]
    functions = [Rule(rule, rule_set.parameters) for rule in rules]
    definitions = [function.definition() for function in functions]
    used = constants_of(functions)
    if rule_set.include:
        used = {
            name: value for name, value in vars(modules[rule_set.kinds[0]]).items() if is_number(name, value)
        } | used
    used |= {name: getattr(modules[module], name) for module, name in rule_set.constants}
    include = f'\n#include "{rule_set.include}"\n' if rule_set.include else ""
    included, structs = (
        [getattr(import_module(f"songrnn.{package}.{module}"), name) for module, name in names]
        for names in (rule_set.included, rule_set.structs)
    )
    return "".join(
        [
            f"// Written by native/translate.py from songrnn.{package} when the engine is built.\n#pragma once\n\n",
            "#include <algorithm>\n#include <array>\n#include <cstdint>\n#include <cstdlib>\n#include <stdexcept>\n",
            f"#include <vector>\n\nnamespace {rule_set.namespace} {{\n\n",
            kinds(getattr(modules[rule_set.kinds[0]], rule_set.kinds[1])),
            *(constant(name, value) for name, value in used.items()),
            "\n",
            *map(struct, included),
            f"}}  // namespace {rule_set.namespace}\n{include}\nnamespace {rule_set.namespace} {{\n\n",
            *map(struct, structs),
            "namespace rules {\n\n",
            *(f"{function.signature()};\n" for function in functions),
            "\n",
            "\n".join(definitions),
            f"\n}}  // namespace rules\n\n}}  // namespace {rule_set.namespace}\n",
        ]
    )


def is_number(name: str, value: Any) -> bool:
    """Whether a name of a module is that of an integer constant."""
    return name.isupper() and isinstance(value, int)


def constants_of(functions: Iterable[Rule]) -> dict[str, Any]:
    """What functions use of their modules besides one another; one name means one thing in all of them."""
    constants: dict[str, Any] = {}
    for function in functions:
        for name, value in function.used.items():
            if not callable(value) and constants.setdefault(name, value) != value:
                raise TranslationError(f"{function.file}: {name} has another value in another module")
    return constants


def rules_of(module: ModuleType) -> Iterator[FunctionType]:
    """The functions that a module defines, but for those that C++ has its own of."""
    for name, value in vars(module).items():
        if isinstance(value, FunctionType) and value.__module__ == module.__name__ and name not in CALLS:
            yield value


def kinds(kind: Any) -> str:
    """The kinds of tokens."""
    members = ", ".join(f"{member.name} = {member.value}" for member in kind)
    return f"struct {kind.__name__} {{\n    enum : {NUMBER} {{ {members}, COUNT = {len(kind)} }};\n}};\n\n"


def constant(name: str, value: Any) -> str:
    """An integer, a tuple of integers, or a tuple of named tuples."""
    if isinstance(value, int):
        return f"constexpr {NUMBER} {name} = {int(value)};\n"
    if isinstance(value[0], int):
        return f"constexpr {NUMBER} {name}[] = {{{', '.join(map(str, value))}}};\n"
    row = type(value[0])
    members = " ".join(f"{MEMBERS.get(hint, NUMBER)} {member};" for member, hint in get_type_hints(row).items())
    rows = ",\n    ".join("{" + ", ".join(map(literal, one)) + "}" for one in value)
    return f"struct {row.__name__} {{ {members} }};\nconstexpr {row.__name__} {name}[] = {{\n    {rows}}};\n"


def literal(value: int) -> str:
    """A truth value or number."""
    return str(value).lower() if isinstance(value, bool) else str(int(value))


def struct(kind: Any) -> str:
    """A dataclass with its defaults; `read_fields` calls a function with each field's name and the field.

    It has != where all its fields can be compared.
    """
    hints, members, visits, unequal = get_type_hints(kind), [], [], []
    for one in fields(kind):
        hint = hints[one.name]
        members.append(f"    {member_type(one, hint)} {one.name}{default(one)};\n")
        if not is_dataclass(hint):
            visits.append(f'        read("{one.name}", {one.name});\n')
            unequal.append(f"{one.name} != other.{one.name}")
    visit = f"    template <class Read>\n    void read_fields(const Read& read) {{\n{''.join(visits)}    }}\n"
    if len(unequal) == len(members):
        parts = "\n            || ".join(unequal)
        visit += f"    bool operator!=(const {kind.__name__}& other) const {{\n        return {parts};\n    }}\n"
    return f"struct {kind.__name__} {{\n{''.join(members)}{visit}}};\n\n"


def member_type(one: Any, hint: Any) -> str:
    """The type of a field; a list that begins empty grows, any other is an array."""
    if hint == list[int]:
        size = len(one.default_factory())
        return f"std::array<{NUMBER}, {size}>" if size else f"std::vector<{NUMBER}>"
    if isinstance(hint, type) and issubclass(hint, IntEnum):
        return NUMBER
    return MEMBERS[hint] if hint in MEMBERS else str(hint.__name__)


def default(one: Any) -> str:
    """How a field begins."""
    if one.default_factory is not MISSING and isinstance(content := one.default_factory(), list) and content:
        return "{{" + ", ".join(map(str, content)) + "}}"
    return f" = {literal(one.default)}" if isinstance(one.default, int) else "{}"


def main(source: str, package: str, out: str) -> None:
    """Write the header, if it changes."""
    sys.path.insert(0, str(Path(source).resolve().parent))
    text = header(package)
    target = Path(out)
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
