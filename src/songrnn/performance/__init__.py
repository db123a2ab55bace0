"""A tune as it is played: parts, repeats, tempo, and the timeline of its notes."""
