"""What the rules are written in, and what the translator refuses because C++ would give it another meaning."""

import sys
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from songrnn.constraints.state import TuneState
from songrnn.tracking.state import TrackedState

PATH = Path(__file__).parents[2] / "native" / "translate.py"
sys.path.append(str(PATH.parent))  # where the other half of it is
spec = spec_from_file_location("translate", PATH)
translate = sys.modules["translate"] = module_from_spec(spec)
spec.loader.exec_module(translate)
LIMIT = 3


def rule_of(function, package="constraints"):
    return translate.Rule(function, translate.RULE_SETS[package].parameters)


def rule(state: TuneState, length: int) -> bool:
    """Its docstring is left out."""
    after = state.copy()
    after.elapsed, after.slurs = max(length // 2, state.count), 0
    if after != state:
        return False
    for step in range(LIMIT):
        if state.alterations[step] == length or not state.bar:
            return state.unit in (1, 2) and 0 <= length < 9
    return any(length == state.section + step for step in range(1, 3))


def gather(row: list[int], state: TrackedState) -> None:
    """Lists, characters and sizes."""
    state.bars = state.count = LIMIT
    state.alterations.append(ord("|"))
    row[0] = len(ROWS) + len(state.alterations)


ROWS = (1, 2)


def test_lists_characters_and_sizes_of_tables_are_known():
    text = " ".join(rule_of(gather, "tracking").definition().split())
    assert text == (
        "inline void gather(std::int32_t* row, TrackedState& state) { state.bars = LIMIT; state.count = LIMIT; "
        "state.alterations.push_back(124); "
        "row[0] = (2 + static_cast<std::int32_t>(state.alterations.size())); }"
    )


def test_a_list_that_begins_empty_grows_and_any_other_is_an_array():
    text = translate.struct(Lists)
    assert "std::vector<std::int32_t> ids{};" in text
    assert "std::array<std::int32_t, 2> pair{{3, 4}};" in text


@dataclass
class Lists:
    """One of each."""

    ids: list[int] = field(default_factory=list)
    pair: list[int] = field(default_factory=lambda: [3, 4])


def test_a_rule_becomes_a_function_of_the_same_name():
    function = rule_of(rule)
    text = " ".join(function.definition().split())
    assert text == (
        "inline bool rule(TuneState& state, std::int32_t length) { auto after = state; "
        "after.elapsed = std::max<std::int32_t>({(length / 2), state.count}); after.slurs = 0; "
        "if ((after != state)) { return false; } for (std::int32_t step = 0; step < LIMIT; ++step) { "
        "if (((state.alterations[step] == length) || !state.bar)) { "
        "return (((state.unit == 1 || state.unit == 2)) && (0 <= length && length < 9)); } } "
        "return [&] { for (std::int32_t step = 1; step < 3; ++step) "
        "if ((length == (state.section + step))) return true; return false; }(); }"
    )
    assert function.used == {"LIMIT": 3}


@dataclass
class Pair:
    """Two fields that can be compared."""

    bars: int = 3
    alterations: list[int] = field(default_factory=lambda: [0] * 7)


@dataclass
class Holder:
    """A field that cannot."""

    pair: Pair
    bars: int = 0


def test_structs_differ_when_one_of_their_fields_does_and_have_no_comparison_where_a_field_has_none():
    assert "return bars != other.bars\n            || alterations != other.alterations;" in translate.struct(Pair)
    assert "!=" not in translate.struct(Holder)


def swap(state: TuneState) -> None:
    """Python evaluates all values first."""
    state.slurs, state.count = state.count, state.slurs


def first_true(state: TuneState) -> int:
    """Python returns one of the two."""
    return state.slurs or state.count


def keep_first_true(state: TuneState) -> None:
    """The same."""
    state.slurs = state.count or 4


def shared(state: TuneState) -> None:
    """Evaluated once in Python."""
    state.slurs = state.count = state.slurs + 1


def half(length: int) -> int:
    """No integer."""
    return length / 2  # type: ignore[return-value]


def assign_late(state: TuneState) -> int:
    """Python knows it afterwards."""
    return unknown + state.slurs  # type: ignore[name-defined, no-any-return]  # noqa: F821


def compare(state: TuneState) -> bool:
    """No identity."""
    return state.slurs is not state.count


def call(state: TuneState) -> int:
    """No function of the rules."""
    return sum([state.slurs])


def keep(state: TuneState) -> None:
    """No statement of the rules."""
    del state.slurs


def fraction(state: TuneState) -> bool:
    """No integer."""
    return state.slurs > 0.5


def word(state: TuneState) -> int:
    """No character."""
    return ord("")


def name(state: TuneState) -> str:
    """No type."""
    return "x"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (swap, "values that depend on what is assigned: state.slurs, state.count = "),
        (first_true, "`and` and `or` give truth values only: return state.slurs or state.count"),
        (keep_first_true, "`and` and `or` give truth values only"),
        (shared, "several targets of a value that is no constant"),
        (half, "the rules have no Div here: length / 2"),
        (assign_late, "a variable that is not assigned before: unknown"),
        (compare, "the rules have no IsNot here"),
        (call, "no call of the rules: sum"),
        (keep, "the rules have no Delete"),
        (fraction, "the rules have integers only: 0.5"),
        (word, "no character of the rules"),
        (name, "no type of the rules, which are bool, int, None: str"),
    ],
)
def test_what_has_another_meaning_in_cpp_is_refused_with_its_place(rule, said):
    with pytest.raises(translate.TranslationError, match=rf"test_translate\.py:\d+: .*({said})"):
        rule_of(rule).definition()


@pytest.mark.parametrize(
    ("package", "signature"),
    [
        ("constraints", "inline bool viable(const Context& context, TuneState& state) {"),
        ("tracking", "inline void read_character(Tracker& tracker, std::int32_t character) {"),
    ],
)
def test_every_rule_can_be_translated_and_the_header_is_the_same_every_time(tmp_path, package, signature):
    for target in ("one.hpp", "two.hpp"):
        translate.main(str(PATH.parents[1] / "src" / "songrnn"), package, str(tmp_path / target))
    text = (tmp_path / "one.hpp").read_text()
    assert text == (tmp_path / "two.hpp").read_text()
    assert signature in text


def test_constants_of_one_name_have_one_value():
    def function(value):
        made = rule_of(rule)
        made.used = {"LIMIT": value}
        return made

    assert translate.constants_of([function(3), function(3)]) == {"LIMIT": 3}
    with pytest.raises(translate.TranslationError, match=r"LIMIT has another value in another module"):
        translate.constants_of([function(3), function(4)])
