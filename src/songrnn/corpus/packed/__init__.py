"""Corpora larger than memory: packed once into a folder of arrays, read from there tune by tune (docs/scale.md)."""
