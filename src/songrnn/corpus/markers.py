"""The lines around a tune of `raw` form."""

START, END = "<start>", "<end>"
