"""Beams: between notes that no blank separates in the text."""

from collections.abc import Iterator, Sequence

from songrnn.rendering.partwise.layout import Item, Slot


def beam(items: Sequence[Item]) -> None:
    """Write the `beams` of all signs of one layer."""
    for run in _runs(items):
        for level in range(1, max(slot.beam_count for slot in run) + 1):
            _beam_level(run, level)


def _runs(items: Sequence[Item]) -> Iterator[list[Slot]]:
    """Signs of one group that follow each other and have beams; two or more."""
    run: list[Slot] = []
    for item in items:
        if isinstance(item, Slot) and item.beam_count and run and run[-1].group == item.group:
            run.append(item)
            continue
        if len(run) > 1:
            yield run
        run = [item] if isinstance(item, Slot) and item.beam_count else []
    if len(run) > 1:
        yield run


def _beam_level(run: Sequence[Slot], level: int) -> None:
    has = [slot.beam_count >= level for slot in run]
    for index, slot in enumerate(run):
        if has[index]:
            before = index > 0 and has[index - 1]
            after = index + 1 < len(run) and has[index + 1]
            slot.beams = (*slot.beams, _beam_text(before, after, first=index == 0))


def _beam_text(before: bool, after: bool, *, first: bool) -> str:
    if before:
        return "continue" if after else "end"
    if after:
        return "begin"
    return "forward hook" if first else "backward hook"
