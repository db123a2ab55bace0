"""Each mistake on the command line gets one line, which names the flag."""

import pytest

from songrnn.cli.complaints import complaint
from songrnn.cli.main import COMMANDS, import_module
from songrnn.errors import SettingsError
from songrnn.settings import Settings, flag_of


def one_line(result):
    status, output, said = result
    assert (status, output) == (2, "")
    [line] = said.splitlines()
    assert line.startswith("songrnn: ")
    return line.removeprefix("songrnn: ")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("render", "FILES is missing: ABC files, folders of them"),
        (
            "evaluate",
            "CHECKPOINT is missing: the folder of a run, or a checkpoint file; folk: the model in the box. Try: ",
        ),
        ("evaluate folk", "FILES is missing: tunes, as `songrnn corpus` reads them"),
        ("neurons", "CHECKPOINT is missing: the folder of a run, a checkpoint file, or folk. Try: songrnn neurons "),
        ("train --validation=", "--validation is missing: a file of validation tunes"),
        ("originality a.abc --against", "--against is missing: a checkpoint, or folk"),
        (
            "compose --first 99999999999999999999",
            "--first is 99999999999999999999, but it must be at most 4294967296 (",
        ),
        ("compose --count 99999999999999999999", "--count is 99999999999999999999, but it must be at most"),
        ("compose --best-of 99999999999999999999", "--best-of is 99999999999999999999, but it must be at most"),
        ("compose --max-characters 99999999999999999999", "--max-characters is 99999999999999999999, but it"),
        ("compose --seed 99999999999999999999", "--seed is 99999999999999999999, but it must be less than 184"),
        ("compose --first 4294967296 --count 2", "a seed has 4,294,967,296 tunes; first, count and best-of"),
        ("compose --seed -1", "--seed is -1, but it must be at least 0"),
        ("compose --temperature nan", "--temperature is nan, but it must be a finite number"),
        ("compose --range x", "the range 'x' is not two notes in ABC"),
        ("train --minutes inf", "--minutes is inf, but it must be a finite number"),
        ("train --ngrams 9", "--ngrams is 9, but it must be at most 8"),
        ("search --minutes-per-trial 0", "--minutes-per-trial is 0.0, but it must be more than 0"),
        (
            "train --choose-by music",
            "to choose by music, tunes must be judged: with --choose-by music give --judge-every 1",
        ),
        ("compose --count abc", "--count: 'abc' is not a whole number. Try: songrnn compose --help"),
        ("compose --temperature x", "--temperature: 'x' is not a number. Try: songrnn compose --help"),
        ("train --ngrams x", "--ngrams: it cannot be 'x'. Try: songrnn train --help"),
        ("compose --engine foo", "--engine: 'foo' is none of "),
        ("corpus --form x", "--form: 'x' is none of 'auto', 'raw', 'tunebook'. Try: songrnn corpus --help"),
        ("compose --hiden 3", "there is no option --hiden. Try: songrnn compose --help"),
        (
            "compose --no-strict",
            "there is no option --no-strict; perhaps you meant --strict. Try: songrnn compose --help",
        ),
        ("train --cel gru", "there is no option --cel; perhaps you meant --cell. Try: songrnn train --help"),
        ("compose --out", "--out needs a value. Try: songrnn compose --help"),
        ("compose folk extra", "extra is one value too many. Try: songrnn compose --help"),
    ],
)
def test_a_mistake_is_reported_in_one_line(songrnn_command, typed, said):
    assert one_line(songrnn_command(*typed.split())).startswith(said)


def test_a_complaint_without_a_frame_is_read_too():
    lines = [
        "  Value error  ",
        " ------- ",
        " Error parsing --count: invalid literal for int() with base 10: 'a' ",
        " ---- ",
    ]
    assert complaint("\n".join([*lines, " Argument helptext: "])) == "--count: 'a' is not a whole number"
    assert complaint("") == ": "


def message_of(settings, values):
    """The message for a field; "" where its value is right or a rule of the package reports it."""
    try:
        settings(**values)
    except SettingsError as error:
        return str(error.of_flag()) if error.setting else ""
    return ""


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_said_of_a_wrong_value_begins_with_its_flag(name):
    command = import_module(f"songrnn.cli.{name}").Command
    required = {"files": ("a",), "checkpoint": "a", "tune": "a", "source": "a"}
    for settings in (command, *(field.annotation for field in command.model_fields.values())):
        fields = getattr(settings, "model_fields", {})
        given = {name: value for name, value in required.items() if name in fields}
        for field in fields:
            message = message_of(settings, given | {field: "no such value"})
            assert not message or message.startswith(flag_of(settings, field))
            assert "input should" not in message


def test_settings_speak_of_fields_to_programs_and_of_flags_to_people():
    class Some(Settings):
        """Settings."""

        a_number: int = 1

    with pytest.raises(SettingsError, match=r"^a_number is 'x', but it must be a whole number$") as caught:
        Some(a_number="x")
    assert str(caught.value.of_flag()) == "--a-number is 'x', but it must be a whole number"


@pytest.mark.parametrize(
    ("command", "flag", "said"),
    [
        ("train", "--no-copying", "(default: yes; this flag"),
        ("compose", "--strict", "refuse to compose where syntax and bars cannot be constrained"),
        ("render", " FILES ", "(required)"),
        ("compose", "CHECKPOINT", "(default: folk)"),
    ],
)
def test_a_default_in_the_help_is_what_happens(songrnn_command, command, flag, said, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    lines = songrnn_command(command, "--help")[1].splitlines()
    assert any(flag in line and said in line for line in lines)
