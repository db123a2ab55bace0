"""How many cores there are to work with."""

import os


def usable_cores() -> int:
    """How many cores this process may use: in a container or under `taskset` fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)
