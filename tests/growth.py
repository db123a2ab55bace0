"""How the time of something grows with the size of its input."""

import time
from collections.abc import Callable

TIMES = 8


def assert_linear(action: Callable[[int], object], *, small: int = 2_500) -> None:
    """Run `action` on a size and on TIMES that size: quadratic growth would take TIMES squared as long."""
    once = min(_seconds(action, small) for _ in range(3))
    large = min(_seconds(action, TIMES * small) for _ in range(2))
    assert large < 0.1 + 3 * TIMES * once, f"{once:.3f} s for {small}, {large:.3f} s for {TIMES * small}"


def _seconds(action: Callable[[int], object], size: int) -> float:
    begun = time.process_time()
    action(size)
    return time.process_time() - begun
