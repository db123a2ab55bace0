"""What stood in earlier bars, against a search that begins anew at every character."""

import random

import pytest

from rich_tunes import rich_tune
from songrnn.tracking.effects import read_character
from songrnn.tracking.features import LAGS, PositionFollower, positions
from songrnn.tracking.lookback import BETWEEN_BARS, EQUAL_SO_FAR, NOTHING, between_bars
from songrnn.tracking.state import Tracker
from songrnn.vocabulary import Vocabulary
from tiny import JIG, REEL, TUNES
from walks import swarm_tunes

HEADER = "M:6/8\nL:1/8\nK:D\n"


def lookback(text):
    """For every character and each of LAGS the suggested character, "" for none, and the agreement."""
    vocabulary = Vocabulary.of([text], boundaries=False)
    follower = PositionFollower(vocabulary)
    rows = [follower.tell(int(i)) for i in vocabulary.encode(text)]
    characters = [*vocabulary.characters, ""]
    return [
        [(characters[i], a) for i, a in zip(row.suggested.tolist(), row.agreement.tolist(), strict=True)]
        for row in rows
    ]


def after(text):
    return dict(zip(LAGS, lookback(HEADER + text)[-1], strict=True))


def test_the_bar_before_suggests_what_followed_there():
    assert after("ABc def|ABc ")[1] == ("d", 5)
    assert after("ABc def|AB")[1] == ("c", 5)
    assert after("ABc def|AG")[1] == ("c", 1), "at the same time"
    assert after("ABc def|A2")[1] == ("c", 1)
    assert after("A2c def|AB")[1] == ("c", 1)
    assert after("A3 def|AB")[1] == ("", 0), "nothing begins there"
    assert after("AB2c3|c2/")[1] == ("B", 1), "time has gone back"


def test_at_the_same_time_the_last_character_that_agrees_counts():
    assert after("AB C4|AG~")[1] == (" ", 1)
    assert after("AB C4|AG ~")[1] == ("C", 1)
    assert after("A6|[L:1/16]A")[1] == ("6", 5), "equal characters at another time"
    assert after("A" + "~" * 300 + "B5|GB")[1] == ("", NOTHING), "beyond LONGEST_SEARCH"


def test_between_bars_the_bar_line_and_then_the_next_bar_are_followed():
    assert after("A6|B6|A6|")[2] == ("B", 6), "the bar before last was equal"
    assert after("A6|\nB6|c6|")[2] == ("\n", 3)
    assert after("A6|\nB6|A6|")[2] == ("\n", 6)
    assert after("ABc def|ABc|")[1] == ("A", 3), "the same, but not all of it"
    assert after("A6|\nB6|A6||")[2] == ("B", 4), "another bar line"
    assert after("A6|B6|A6|B")[2] == ("6", 6)
    assert after("A6|B6|c6|B")[2] == ("6", 5)


def test_the_lags_keep_the_order_in_which_checkpoints_have_their_weights():
    assert LAGS == (1, 2, 4, 8, 0)


def test_lags_count_full_bars():
    text = "A|B6|c6|d6|e6||"
    assert after(text + "A")[4] == ("|", 5), "the pickup belongs to the bar after it"
    assert after(text + "A|")[4] == ("B", 6)
    assert after(text + "A|")[0] == ("B", 6)
    assert after(text + "A|B6|")[4] == ("c", 6)
    assert after("|:A6|B6|1c6|d6:|2c6|e6|]A6|")[4] == ("B", 6), "the second ending stands in place of the first"
    assert after("|:A6|B6|1c6|d6:|2c")[0] == ("6", 5), "and is compared with it"


def test_a_tune_before_this_one_suggests_nothing():
    text = f"<start>\n{HEADER}A6|B6|\n<end>\n<start>\n{HEADER}A6|"
    assert lookback(text)[-1] == lookback(text.partition("<end>\n")[2])[-1]
    assert set(lookback(text[:-1])[-1]) == {("", NOTHING)}
    text = f"<start>\n{HEADER}A6||A|\n<end>\n<start>\n{HEADER}A6|B6||"
    assert lookback(text)[-1] == lookback(text.partition("<end>\n")[2])[-1], "its last pickup"


def closed_bars(text):
    """The bars of a text from nothing but the tracker: number, part's bar, whether first of a part, begin, end; and
    where the content of the bar that is being written begins, None between bars, with its state."""
    tracker, tokens = Tracker(), []
    for place, character in enumerate(text):
        read_character(tracker, ord(character))
        begin = place - tracker.token.size + 1
        while tokens and tokens[-1][0] >= begin:
            tokens.pop()
        tokens.append((begin, between_bars(tracker.token), tracker.current.copy()))
    bars, start, opened = [], None, None
    for (_, _, former), (begin, between, state) in zip([(0, False, Tracker().current), *tokens], tokens, strict=False):
        if state.tunes != former.tunes:
            bars, start = [], None
        if state.header:
            continue
        if former.elapsed > 0 and state.elapsed == 0 and start is not None:
            bars.append((opened.tune_bars, bool(state.ended_pickup), start, begin))
            start = None
        if start is None and not between:
            start, opened = begin, state
    return bars, start, opened if start is not None else tracker.current


def expected(text, bars, start, state):
    """For each lag, begin and end of the counterpart's content and whether the content so far is equal; or None."""
    out = []
    for lag in LAGS:
        number = state.tune_bars - lag if lag else state.bars
        full = [i for i, (one, pickup, *_) in enumerate(bars) if one == number and not pickup]
        if state.header or not full:
            out.append(None)
            continue
        index = full[-1]
        if state.written == 0 and index > 0 and bars[index - 1][1]:
            index -= 1
        begin = bars[index][2]
        so_far = text[start:] if start is not None else ""
        out.append((begin, bars[index][3], start is not None and text.startswith(so_far, begin)))
    return out


def texts():
    rng = random.Random(3)
    yield from (JIG, REEL, TUNES[0], HEADER + "A|B6|A6|B6|A6:|\n|:A|B6|A6|c6|[K:G]A6:|\n[M:2/4]A4|A4|[A4c4]|[A")
    yield from swarm_tunes(range(1))
    yield rich_tune(2)
    for _ in range(12):
        yield HEADER + "".join(rng.choices(["AB", "AB", "A6", "|", "|", "|\n", "||", "|:", ":|", "|1", ":|2"], k=40))


def test_lookback_is_what_a_search_from_the_beginning_finds():
    checked = 0
    for text in texts():
        for place, found in enumerate(lookback(text)):
            if place % 2:
                checked += check(text[: place + 1], found)
    assert checked > 150, "places with an equal bar so far"


def check(text, found):
    """Compare what is found at the end of a text; how many lags have an equal bar so far."""
    equal = 0
    bars, start, state = closed_bars(text)
    for (character, agreement), target in zip(found, expected(text, bars, start, state), strict=True):
        if target is None:
            assert start is None or agreement == NOTHING, text
            continue
        begin, end, same = target
        if start is None:
            assert agreement in (BETWEEN_BARS, BETWEEN_BARS + 1, EQUAL_SO_FAR + 1), text
            assert agreement != BETWEEN_BARS + 1 or character == text[begin], text
        elif same:
            equal += 1
            assert character == text[begin + len(text) - start], text
            assert agreement in (EQUAL_SO_FAR, EQUAL_SO_FAR + 1), text
        else:
            assert agreement < BETWEEN_BARS, text
            assert agreement == NOTHING or character in text[begin : end + 1], text
    return equal


@pytest.mark.parametrize("size", [3_000, 30_000])
def test_long_bars_do_not_take_long(size):
    text = HEADER + "A/" * size + "|" + "B>A" * size + "|"
    vocabulary = Vocabulary.of([text], boundaries=False)
    pytest.importorskip("songrnn._native", reason="the engine was not built here")
    assert len(positions(vocabulary.encode(text), vocabulary).features) == len(text)
