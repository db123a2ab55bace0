"""Tunes -> numbers, one question a module."""
