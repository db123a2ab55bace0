import builtins
import re
import signal
import subprocess
import sys
from urllib.request import Request, urlopen

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_the_studio_says_where_it_is_answers_and_ends_with_ctrl_c():
    command = [sys.executable, "-m", "songrnn", "studio", "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        first = process.stderr.readline()
        address = re.fullmatch(r"songrnn studio: (http://127\.0\.0\.1:\d+/)\n", first)
        with urlopen(address[1] + "health") as answer:
            assert answer.status == 200
        request = Request(address[1] + "api/compose", b"{}", {"Content-Type": "application/json"})
        with urlopen(request) as answer:  # with an engine open there is nothing more to say at the end
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        rest, output = process.stderr.read(), process.stdout.read()
    assert (process.returncode, output, rest) == (0, "", "Ctrl-C ends it\n")


def test_without_the_extra_the_remedy_is_named(songrnn_command, monkeypatch):
    load = builtins.__import__

    def without_uvicorn(name, *arguments):
        if name == "songrnn.studio.serve":
            raise ModuleNotFoundError("No module named 'uvicorn'", name="uvicorn")
        return load(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without_uvicorn)
    status, _, said = songrnn_command("studio")
    assert status == 2
    assert said == "songrnn: the studio needs uvicorn, which is not installed: pip install 'songrnn[studio]'\n"


@pytest.mark.parametrize("content", [None, b"no checkpoint"])
def test_what_is_no_checkpoint_is_refused_before_an_address_is_printed(songrnn_command, tmp_path, content):
    path = tmp_path / "mine.safetensors"
    if content is not None:
        path.write_bytes(content)
    status, output, said = songrnn_command("studio", path, "--no-browser", "--port", "0")
    assert (status, output) == (2, "")
    assert said.count("\n") == 1
    assert str(path) in said
