"""Metrics of tunes, one question a module."""
