"""Runs of notes that a tune shares with the tunes that a network learned from."""
