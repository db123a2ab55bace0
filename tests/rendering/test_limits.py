"""What a text may ask for: hostile tunes cost a sentence each, little time, and never the memory."""

import subprocess
import sys
import time

import pytest

from songrnn.child_process import ConverterProcess
from songrnn.errors import RenderingError
from songrnn.notation.read import read_tune
from songrnn.rendering import limits
from songrnn.rendering.limits import check_text, check_tune
from songrnn.rendering.render import Renderer

HEADER = "X:1\nM:4/4\nL:1/4\nK:C\n"
needs_limits = pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to a data limit")


def tune_of(body):
    return read_tune(f"{HEADER}{body}\n", strict=False)


@pytest.fixture(scope="module")
def renderer():
    with Renderer() as renderer:
        yield renderer


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("C4|" + "Z999|" * 3, "the tune lasts 2,998 whole notes as played; at most 2,000 can be rendered"),
        ("[" + "C" * 101 + "]4|", "line 5, column 2: a chord of 101 notes; at most 100 can be rendered"),
        ("C4|{" + "c" * 5_000 + "}C4|", "line 5, column 5: a group of grace notes of 5,000 notes"),
        ("[" + "C" * 900_000 + "]4|", "the tune has 900,025 characters; at most 200,000 can be rendered"),
        ("|:C16:|" * 300, "the tune lasts 2,400 whole notes as played"),
    ],
    ids=["rests", "chord", "grace notes", "characters", "repeats"],
)
def test_a_tune_beyond_the_limits_is_refused_in_a_sentence(renderer, body, reason):
    begun = time.monotonic()
    rendering = renderer.render(f"{HEADER}{body}\n", formats=["midi", "wav"])
    assert reason in rendering.failures["midi"]
    assert rendering.failures["wav"] == rendering.failures["midi"]
    assert time.monotonic() - begun < 10


def test_a_number_that_is_no_number_of_bars_leaves_the_rest_of_the_tune(renderer):
    rendering = renderer.render(f"{HEADER}C4|Z99999999999999999999|C4|\n", formats=["midi"])
    assert rendering.messages == ("line 5, column 4: expected a number of bars from 1 to 999",)
    assert "midi" in rendering.outputs


@pytest.mark.parametrize("body", ["{" * 100_000, "(" * 100_000, '"' * 100_001, "[" * 100_000, "(3" * 50_000])
def test_a_hundred_thousand_open_brackets_end_in_a_reason(renderer, body):
    rendering = renderer.render(f"{HEADER}{body}\n", formats=["midi"])
    assert "\n" not in rendering.failures["midi"]


def test_at_the_limits_a_tune_is_taken():
    check_text("C" * limits.MOST_CHARACTERS)
    check_tune(tune_of("[" + "C" * limits.MOST_IN_CHORD + "]4|"))
    with pytest.raises(RenderingError, match="characters"):
        check_text("C" * (limits.MOST_CHARACTERS + 1))


GREEDY_WORKER = """
from songrnn.rendering import worker
from songrnn.rendering.limits import limit_memory
from songrnn.child_process import Reply

def convert(request):
    return Reply(bytes(3 * 1024**3))

limit_memory()
worker.answer_requests(convert)
"""


@needs_limits
def test_a_conversion_that_asks_for_too_much_memory_ends_in_a_reason(tmp_path):
    script = tmp_path / "greedy.py"
    script.write_text(GREEDY_WORKER)
    with ConverterProcess((sys.executable, str(script))) as process:
        assert process.convert(b"", "midi").reason == "the conversion takes more than 2,048 megabytes of memory"


@needs_limits
def test_the_worker_limits_its_memory():
    import resource

    code = (
        "import resource; from songrnn.rendering import worker; worker.answer_requests = lambda convert: None;"
        "worker.main(); print(resource.getrlimit(resource.RLIMIT_DATA)[0])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(said) == limits.MOST_MEMORY
    assert resource.getrlimit(resource.RLIMIT_DATA)[0] != limits.MOST_MEMORY  # ours stays as it was


@needs_limits
def test_the_longest_sound_fits_into_the_memory(renderer):
    rendering = renderer.render("X:1\nM:none\nL:1/1\nQ:1/4=60\nK:G\n" + "G16 " * 14 + "|\n", formats=["wav"])
    assert rendering.failures == {}


def test_without_limits_of_the_system_nothing_is_done(monkeypatch):
    monkeypatch.setitem(sys.modules, "resource", None)
    limits.limit_memory(1)
