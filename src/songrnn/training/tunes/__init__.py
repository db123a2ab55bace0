"""Tunes as the network reads them while it learns: all at once in memory, or passing through it."""
