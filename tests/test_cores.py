"""How many cores there are to work with."""

import os
import subprocess
import sys

import pytest

from songrnn.cores import usable_cores


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system has no affinity of processes")
def test_cores_that_may_not_be_used_are_not_counted():
    program = (
        "import os; from songrnn.cores import usable_cores; "
        "os.sched_setaffinity(0, list(os.sched_getaffinity(0))[:1]); print(usable_cores())"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "1\n"
    assert usable_cores() == len(os.sched_getaffinity(0))
