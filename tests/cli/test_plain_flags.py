"""Plain arguments become the same settings with the parser and without it; all else is left to the parser."""

from importlib import import_module
from pathlib import Path

import pytest

from songrnn.cli.main import COMMANDS, _parsed
from songrnn.cli.plain_flags import flags_of, plain_settings

PLAIN = [
    "compose",
    "compose runs/mine",
    "compose --meter 6/8 --key D --seed 1",
    "compose runs/mine --prompt R:reel K:Ador |:eA --count 3 --first 2 --best-of 4 --end-on-tonic --range D-b",
    "compose --temperature 0.9 --top-k 3 --top-p 0.5 --min-p 0 --without zx --free --max-characters 50",
    "compose --engine numpy --precision fp32 --threads 2 --original 3bars --tries 2 --out x.abc --append --json",
    "compose --out x.abc --replace --render folder --tempo 90 --instrument flute --swing --strict",
    "compose --prompt-file beginning.abc",
    "judge folk --count 5 --temperature 1e-1 --against a.abc b.abc",
    "classifier runs/mine --tunes 20",
    "originality a.abc b.abc --against folk --out report",
    "demo --minutes 1",
    "render a.abc b.abc --out folder",
]
NOT_PLAIN = [
    *("compose --help", "compose -h", "compose --meter=6/8", "compose --meter", "compose --meter --key D"),
    *("compose --seed None", "compose --seed 1.5", "compose --seed x", "compose --seed -1", "compose --temperature 9"),
    *(
        "compose --seed 1 --seed 2",
        "compose --no-free",
        "compose --free yes",
        "compose --count 1 2",
        "compose --prompt",
    ),
    *("compose --count 2 folk", "compose --count 2 CHECKPOINT folk", "compose a b", "compose --engine torch"),
    *("compose --count 0", "compose --met 6/8", "compose --original 3miles", "judge", "judge --count 3", "classifier"),
    *("compose --unit_length 1/8", "compose --"),
]


@pytest.mark.parametrize("line", PLAIN)
def test_plain_arguments_are_the_same_settings_with_the_parser_and_without_it(line):
    name, *arguments = line.split()
    module = import_module(f"songrnn.cli.{name}")
    plain = plain_settings(module.Command, arguments)
    assert plain is not None
    if name != "demo":  # whose default folder may be another each time
        assert plain == _parsed(module, name, arguments)


@pytest.mark.parametrize("line", NOT_PLAIN)
def test_what_is_not_plain_or_wrong_is_left_to_the_parser(line):
    name, *arguments = line.split()
    assert plain_settings(import_module(f"songrnn.cli.{name}").Command, arguments) is None


def test_every_flag_of_compose_is_known():
    flags = flags_of(import_module("songrnn.cli.compose").Command)
    assert {
        "CHECKPOINT",
        "--prompt",
        "--seed",
        "--meter",
        "--best-of",
        "--range",
        "--json",
        "--replace",
    } <= flags.keys()
    assert flags["--seed"][:2] == ("sampling", "seed")
    assert flags["--json"] == ("", "as_json", None, False)


def test_a_switch_that_turns_something_off_is_left_to_the_parser():
    train = import_module("songrnn.cli.train").Command
    assert plain_settings(train, ["tunes.abc", "--copying"]) is None


def test_every_command_takes_plain_flags(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in COMMANDS:
        plain_settings(import_module(f"songrnn.cli.{name}").Command, [str(Path("x"))])
