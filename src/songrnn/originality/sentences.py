"""The originality of a tune in words: the remark below it, and the mark on the page."""

from songrnn.originality.shared_runs import Originality, SharedRun

SHARED_CAPTION = "Coloured: the longest run of notes that training tunes have too; the pointer shows which."
COMMON = "; common stock"
MOST_NAMES = 2


def sentence(originality: Originality) -> str:
    """The longest uncommon run in one line, or else the longest run."""
    run = originality.foremost
    return "no run of notes is shared with a training tune" if run is None else f"longest shared run: {described(run)}"


def described(run: SharedRun) -> str:
    """Such as "2.3 bars (19 notes), bars 5-7, as in Old Molly and 2 more; common stock"."""
    return f"{length(run)}, as in {origin(run)}{COMMON if run.common else ''}"


def length(run: SharedRun) -> str:
    """Such as "2.3 bars (19 notes), bars 5-7"."""
    last = run.last_bar
    where = f"bar {last}" if last == run.first_bar else f"bars {run.first_bar}-{last}"
    return f"{float(run.bars):.1f} bars ({run.notes} notes), {where}"


def origin(run: SharedRun) -> str:
    """Its sources, those of one name in several spellings once, and how far the first was transposed."""
    spellings: dict[str, str] = {}
    for name in run.sources:
        spellings.setdefault(name.casefold(), name)
    names = list(spellings.values())
    named = " and ".join(names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    others = f" and {more} more" if more > 0 else ""
    steps = abs(run.transposed_by)
    if not steps:
        return named + others
    return (
        f"{named}{others}, {steps} semitone{'s' if steps > 1 else ''} {'higher' if run.transposed_by > 0 else 'lower'}"
    )


def shared_stretch(originality: Originality | None) -> list[tuple[int, int, str]]:
    """Begin, end and remark of the run that `sentence` names, as the only stretch; none where there is no run."""
    run = None if originality is None else originality.foremost
    return [] if run is None else [(run.begin, run.end, described(run))]
