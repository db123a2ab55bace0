"""The number of usable cores."""

import os


def usable_cores() -> int:
    """The number of cores that this process may use: in a container or under `taskset` fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)
