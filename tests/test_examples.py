"""The examples run as they stand, and the README's names exist."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

import songrnn
from serving import serving
from songrnn.studio.settings import StudioSettings
from tiny import JIG, REEL, make_checkpoint

EXAMPLES = Path(__file__).parents[1] / "examples"


def load_example(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_example_that_trains_trains_composes_and_scores(tmp_path, capsys):
    tunes = [f"X:1\nM:4/4\nL:1/8\nK:Dmaj\n{a}{b}{c}{a}{b}{c}|\n" for a in "CDEF" for b in "GABc" for c in "defg"]
    (tmp_path / "tunes.abc").write_text("\n".join(tunes))
    load_example("train_and_compose").main(str(tmp_path / "tunes.abc"), minutes=0.02)
    said = capsys.readouterr().out
    assert "T:Composition 1 of seed 7" in said
    assert "test: " in said


def test_the_example_that_streams_streams_and_writes_files(tmp_path, capsys):
    make_checkpoint(texts=(JIG, REEL)).save(tmp_path / "c.safetensors")
    load_example("stream_and_render").main(str(tmp_path / "c.safetensors"), str(tmp_path))
    assert capsys.readouterr().out.startswith("M:6/8\nL:1/8\nK:Dmaj\n")


def test_the_example_that_checks_states_mistakes_and_transposes_the_rest(tmp_path, capsys):
    tunes = [
        "X:1\nT:Right\nM:2/4\nL:1/8\nK:C\n|:CDEF:|\n",
        "X:2\nT:Short\nM:2/4\nL:1/8\nK:C\nCDEF|CD|CDEF|\n",
        "X:3\nT:No music\nK:C\nC#\n",
    ]
    (tmp_path / "tunes.abc").write_text("\n".join(tunes))
    load_example("check_and_transpose").main(str(tmp_path / "tunes.abc"), 2)
    said = capsys.readouterr()
    assert said.out == "X:1\nT:Right\nM:2/4\nL:1/8\nK:Dmaj\n|:DEFG:|\n\n"
    assert said.err.splitlines() == [
        "Right: 8 notes in 1 whole notes",
        "tune 2, Short: line 6, column 6: expected a bar that lasts 1/2, found one that lasts 1/4",
        "tune 3: line 4, column 2: expected music, found '#'",
    ]


def test_the_example_that_asks_a_studio_composes_and_says_why_not(tmp_path, capsys):
    make_checkpoint(texts=(JIG, REEL)).save(tmp_path / "c.safetensors")
    client = load_example("studio_client")
    with serving(StudioSettings(checkpoints=(str(tmp_path / "c.safetensors"),), port=0)) as address:
        client.main(address, "reel", "G")
        with pytest.raises(client.Refused, match="the key 'H' has no meaning in ABC"):
            client.StudioClient(address).compose(key="H")
    assert "K:Gmaj" in capsys.readouterr().out


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_an_example_without_arguments_says_how_it_is_used(path):
    result = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"usage: python examples/{path.name} ")


def test_every_example_has_a_test():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {
        "check_and_transpose",
        "studio_client",
        "stream_and_render",
        "train_and_compose",
    }


@pytest.mark.parametrize("name", songrnn.__all__)
def test_every_public_name_is_there(name):
    assert getattr(songrnn, name)
    assert name in dir(songrnn)


def test_a_name_that_is_not_there_is_reported_with_those_that_are():
    with pytest.raises(AttributeError, match=r"no attribute 'lode'; it has .*load"):
        songrnn.lode  # noqa: B018
