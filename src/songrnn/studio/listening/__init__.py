"""Blind listening: pairs of a human and a composed tune; participants say which is which, and answers are counted."""
