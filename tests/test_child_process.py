"""The child process: what crashes, hangs or prints in it costs one conversion and nothing else."""

import contextlib
import sys
import time

import pytest

from songrnn.child_process import ConverterProcess, how_it_ended
from songrnn.errors import RenderingError
from songrnn.rendering.render import Renderer

GOOD = "X:1\nT:Good\nM:4/4\nL:1/4\nK:C\nCDEF|G4|\n"

# A worker in which the text of a tune can crash, hang or print: the real one, with a trap before it.
TRAPPED_WORKER = """
import base64, os, sys, time
from songrnn.rendering import worker

def convert(request):
    source = base64.b64decode(request["source"])
    if b"T:abort" in source:
        os.abort()
    if b"T:exit" in source:
        print("planted last words", file=sys.stderr)
        os._exit(3)
    if b"T:hang" in source:
        time.sleep(60)
    if b"T:print" in source:
        os.write(1, b'{"content": "planted"}' + b"\\n")
        print("more of it", flush=True)
    if b"T:raise" in source:
        raise ValueError("an error\\nof two lines")
    return worker.convert(request)

worker.answer_requests(convert)
"""


@pytest.fixture
def trapped_command(tmp_path):
    script = tmp_path / "trapped_worker.py"
    script.write_text(TRAPPED_WORKER)
    return (sys.executable, str(script))


def titled(title):
    return GOOD.replace("Good", title)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_a_crash_is_reported_and_the_next_tune_still_renders(trapped_command):
    with Renderer(worker_command=trapped_command) as renderer:
        crashed = renderer.render(titled("abort"), formats=["midi", "svg"])
        after = renderer.render(GOOD, formats=["midi"])
    assert crashed.failures["midi"].startswith("the converter process ended with signal 6")
    assert crashed.failures["svg"].startswith("the converter process ended with signal 6")
    assert crashed.outputs == {"abc": titled("abort").encode()}
    assert "midi" in after.outputs


def test_the_last_words_of_a_child_are_part_of_the_reason(trapped_command):
    with Renderer(worker_command=trapped_command) as renderer:
        rendering = renderer.render(titled("exit"), formats=["midi"])
    assert rendering.failures["midi"] == "the converter process ended with exit status 3: planted last words"


def test_a_hang_is_cut_off_and_the_next_tune_still_renders(trapped_command):
    with Renderer(worker_command=trapped_command, timeout_seconds=1.5) as renderer:
        begun = time.monotonic()
        hanging = renderer.render(titled("hang"), formats=["midi"])
        took = time.monotonic() - begun
        after = renderer.render(GOOD, formats=["midi"])
    assert hanging.failures["midi"] == "the conversion took longer than 1.5 seconds"
    assert took < 10
    assert "midi" in after.outputs


def test_what_a_library_prints_is_not_taken_for_an_answer(trapped_command, capfd):
    with Renderer(worker_command=trapped_command) as renderer:
        rendering = renderer.render(titled("print"), formats=["midi"])
    assert rendering.outputs["midi"].startswith(b"MThd")
    assert capfd.readouterr() == ("", "")


def test_whatever_a_converter_raises_is_a_failure_in_one_line(trapped_command):
    with Renderer(worker_command=trapped_command) as renderer:
        rendering = renderer.render(titled("raise"), formats=["midi"])
    assert rendering.failures["midi"] == "ValueError: an error of two lines"


def test_an_interrupted_conversion_leaves_no_answer_for_the_next_one(trapped_command, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    with ConverterProcess(trapped_command) as process:
        with monkeypatch.context() as patch:
            patch.setattr("songrnn.child_process._exchange", interrupt)
            with contextlib.suppress(KeyboardInterrupt):
                process.convert(GOOD.encode(), "midi")
        assert process._process is None
        assert process.convert(GOOD.encode(), "musicxml", tempo="", program=40, swing=0).content.startswith(b"<?xml")


def test_a_child_that_cannot_be_started_is_one_clear_error(tmp_path):
    with (
        Renderer(worker_command=[str(tmp_path / "no-such-program")]) as renderer,
        pytest.raises(RenderingError, match=r"the converter process '.*no-such-program' cannot be started"),
    ):
        renderer.render(GOOD, formats=["midi"])


def test_one_child_serves_many_tunes():
    with ConverterProcess() as process:
        process.convert(GOOD.encode(), "musicxml", tempo="", program=40, swing=0)
        first = process._process.pid
        process.convert(GOOD.encode(), "midi")
        assert process._process.pid == first


def test_closing_twice_is_allowed():
    process = ConverterProcess()
    process.convert(GOOD.encode(), "musicxml", tempo="", program=40, swing=0)
    process.close()
    process.close()


def test_an_exit_status_and_a_signal_are_distinguished():
    assert how_it_ended(3) == "ended with exit status 3"
    assert how_it_ended(-9) == "ended with signal 9"
