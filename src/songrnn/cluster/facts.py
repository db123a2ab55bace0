"""Versions and files of one node, which its processes report; needs no Ray."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import songrnn

LIBRARIES = ("ray", "numpy", "torch")
"""Whose version may change a result."""


@dataclass(frozen=True)
class NodeFacts:
    """What a node has: versions by name, and of some paths those that are files there."""

    node: str
    versions: tuple[tuple[str, str], ...]
    files: tuple[str, ...] = ()


def facts_of_this_process(node: str, paths: Sequence[str]) -> NodeFacts:
    """The facts of the machine on which this runs."""
    versions = [("songrnn", songrnn.__version__), ("Python", platform.python_version())]
    versions += [(name, installed) for name in LIBRARIES if (installed := _installed(name))]
    return NodeFacts(node, tuple(versions), tuple(path for path in paths if Path(path).exists()))


def differing_version(here: NodeFacts, there: NodeFacts) -> str:
    """The first version in which two nodes differ, in words; "" for none."""
    theirs = dict(there.versions)
    for name, ours in here.versions:
        other = theirs.get(name)
        if other is None:
            return f"no {name}, where {here.node} has {name} {ours}"
        if other != ours:
            return f"{name} {other}, where {here.node} has {name} {ours}"
    return ""


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
