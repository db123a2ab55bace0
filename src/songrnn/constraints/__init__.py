"""The characters that may come next in an ABC text: the state of a tune, character by character, and its constraints.

docs/constraints.md explains the design. Standard library only, but for `constraint.py`: native/translate.py imports the
other modules when the engine is built, and writes their rules and tables as C++.
"""
