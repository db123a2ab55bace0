"""How the time of something grows with the size of its input."""

import time
from collections.abc import Callable

SMALL, TIMES = 2_500, 8


def assert_linear(action: Callable[[int], object]) -> None:
    """Run `action` on a size and on TIMES that size: quadratic growth would take TIMES squared as long."""
    small = min(_seconds(action, SMALL) for _ in range(3))
    large = min(_seconds(action, TIMES * SMALL) for _ in range(2))
    assert large < 0.1 + 3 * TIMES * small, f"{small:.3f} s for {SMALL}, {large:.3f} s for {TIMES * SMALL}"


def _seconds(action: Callable[[int], object], size: int) -> float:
    begun = time.process_time()
    action(size)
    return time.process_time() - begun
