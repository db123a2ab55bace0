"""The engine's copy of the rules, if it was built here; the rules in Python give the same numbers."""

from types import ModuleType

native: ModuleType | None
try:
    from songrnn import _native as native
except ImportError:
    native = None
