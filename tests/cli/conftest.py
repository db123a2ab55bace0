"""Fixtures that the tests of several commands need."""

import pytest

from songrnn.cli.main import main
from tiny import abc_file_of


@pytest.fixture
def songrnn_command(capsys):
    """Runs a command in this process; returns status, output, and what it said on standard error."""

    def run(*arguments):
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return end.value.code, said.out, said.err

    return run


@pytest.fixture
def tunebook(tmp_path):
    """A file of 49 tunes."""
    path = tmp_path / "tunes.abc"
    path.write_text(abc_file_of())
    return path
