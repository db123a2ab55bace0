"""Standard streams that are closed, full, narrow or in another encoding: the output, or one line and status 2."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from songrnn.cli import streams
from songrnn.cli.main import main

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
TUNE = "X:1\nT:Café 𝄞\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|\n"


def shell(command, **environment):
    """What a shell says of `command`, in which SONGRNN stands for songrnn."""
    line = command.replace("SONGRNN", f"'{sys.executable}' -m songrnn")
    return subprocess.run(
        line, shell=True, capture_output=True, text=True, check=False, env=os.environ | environment, timeout=60
    )  # noqa: S602, RUF100


@needs_full
@pytest.mark.parametrize("arguments", ["--help", "corpus --help", "corpus TUNE", "corpus TUNE --json"])
def test_a_full_output_is_one_line_and_status_2(tmp_path, arguments):
    (tmp_path / "tune.abc").write_text(TUNE)
    result = shell(f"SONGRNN {arguments.replace('TUNE', str(tmp_path / 'tune.abc'))} > /dev/full")
    assert result.returncode == 2
    assert result.stderr == "songrnn: cannot continue with the output: no space left on device\n"


@needs_full
def test_a_message_that_cannot_be_written_changes_no_status():
    assert shell("SONGRNN dance 2> /dev/full").returncode == 2


@pytest.mark.parametrize(
    ("command", "status", "output"),
    [
        ("SONGRNN --version >&-", 0, ""),
        ("SONGRNN dance 2>&-", 2, ""),
        ("SONGRNN dance <&- >&- 2>&-", 2, ""),
        ("SONGRNN --help 2>&- | head -n 1", 0, "usage: songrnn COMMAND [OPTIONS]\n"),
    ],
)
def test_closed_streams_are_no_error(command, status, output):
    result = shell(command)
    assert (result.returncode, result.stdout, result.stderr) == (status, output, "")


def test_what_is_closed_does_not_become_a_file_that_is_written(tmp_path, checkpoint_file):
    out = tmp_path / "tunes.abc"
    assert shell(f"SONGRNN compose {checkpoint_file} --seed 0 --max-characters 20 --out {out} >&- 2>&-").returncode == 0
    assert out.read_text().startswith("X:1\nT:Composition 1 of seed 0\n")
    assert "tunes:" not in out.read_text()


def test_a_reader_of_a_table_that_has_seen_enough_is_no_error(tmp_path):
    (tmp_path / "tune.abc").write_text(TUNE)
    result = shell(f"SONGRNN corpus {tmp_path / 'tune.abc'} | true; echo ${{PIPESTATUS:-0}}")
    assert result.stderr == ""


def test_what_the_encoding_lacks_is_escaped_as_abc_and_json_are(tmp_path):
    (tmp_path / "tune.abc").write_text(TUNE)
    result = shell(f"SONGRNN corpus {tmp_path / 'tune.abc'} --form raw --json", PYTHONIOENCODING="ascii")
    assert result.returncode == 0, result.stderr
    assert {"é", "𝄞"} <= set(json.loads(result.stdout)["vocabulary"])
    assert "\\u00e9" in result.stdout


def test_a_name_that_is_no_text_can_be_reported():
    result = subprocess.run(
        [sys.executable.encode(), b"-m", b"songrnn", b"corpus", b"\xff.abc"], capture_output=True, check=False
    )
    assert result.returncode == 2
    assert result.stderr.startswith(b"songrnn: '\\udcff.abc' is neither a file")


def test_a_narrow_terminal_gets_the_help_of_a_wider_one(songrnn_command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "5")
    status, output, _ = songrnn_command("evaluate", "--help")
    assert status == 0
    assert max(map(len, output.split("positional")[1].splitlines())) <= streams.NARROWEST


@pytest.mark.parametrize(
    ("text", "escaped"), [("Café", "Caf\\u00e9"), ("𝄞", "\\ud834\\udd1e"), ("a\udcffb", "a\\udcffb"), ("abc", "abc")]
)
def test_escapes(text, escaped):
    streams.prepare_streams()
    assert text.encode("ascii", streams.ESCAPES).decode() == escaped


class Broken(io.StringIO):
    """An output that fails in its own way."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def write(self, _):
        raise self.error


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (BrokenPipeError(), 0, ""),
        (OSError(5, "Input/output error"), 2, "songrnn: cannot continue with the output: input/output error\n"),
        (OSError(36, "File name too long", "x.abc"), 2, "songrnn: cannot continue with x.abc: file name too long\n"),
        (MemoryError(), 2, "songrnn: there is not enough memory for this\n"),
        (KeyboardInterrupt(), 130, "songrnn: stopped\n"),
    ],
)
def test_every_way_in_which_an_output_ends(monkeypatch, capsys, error, status, said):
    monkeypatch.setattr(sys, "stdout", Broken(error))
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert (end.value.code, capsys.readouterr().err) == (status, said)
