"""Many tunes into one file: whole, in request, and the same after any kind of end."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from itertools import islice
from types import SimpleNamespace

import pytest

from songrnn.composing.bulk import BulkFile
from songrnn.composing.composer import Composer
from songrnn.composing.request import Request
from songrnn.engines.settings import SamplingSettings
from songrnn.errors import Interrupted, PromptError, RunError
from tiny import make_checkpoint

SETTINGS = SamplingSettings(max_characters=30, seed=4)


@pytest.fixture
def composer(checkpoint):
    return Composer(checkpoint)


def text_of(composer, request):
    return "\n".join(made.abc() for made in composer.compose_request(request))


def test_the_file_holds_the_tunes_in_their_order(composer, tmp_path):
    request = Request(prompt="K:D", sampling=SETTINGS, count=25)
    file = BulkFile(composer, request, tmp_path / "tunes.abc")
    made = list(file.compose())
    assert (tmp_path / "tunes.abc").read_text() == text_of(composer, request)
    assert [tune.number for tune in made] == list(range(25))
    assert file.characters == sum(tune.given.count(False) for tune in made)
    assert [path.name for path in tmp_path.iterdir()] == ["tunes.abc"]


def test_an_interrupted_file_continues_where_it_was(composer, tmp_path):
    request = Request(sampling=SETTINGS, count=40)
    out = tmp_path / "tunes.abc"
    for taken in (7, 11):
        tunes = BulkFile(composer, request, out).compose()
        for _ in range(taken):
            next(tunes)
        tunes.close()
        assert not out.exists()
    file = BulkFile(composer, request, out)
    assert file.done == 18
    assert [made.number for made in file.compose()] == list(range(18, 40))
    assert out.read_text() == text_of(composer, request)


def test_a_source_that_leaves_tunes_out_makes_no_file(composer, tmp_path):
    class Short:
        def compose_request(self, request, *, skipped=0):
            return islice(composer.compose_request(request, skipped=skipped), 3)

    file = BulkFile(composer, Request(sampling=SETTINGS, count=6), tmp_path / "tunes.abc", source=Short())
    with pytest.raises(AssertionError, match="left tunes out"):
        list(file.compose())
    assert not (tmp_path / "tunes.abc").exists()


def test_what_the_record_does_not_count_is_composed_again(composer, tmp_path):
    request = Request(sampling=SETTINGS, count=6)
    out = tmp_path / "tunes.abc"
    tunes = BulkFile(composer, request, out).compose()
    next(tunes)
    next(tunes)
    tunes.close()
    part = tmp_path / "tunes.abc.part"
    part.write_text(part.read_text() + "\nX:3\nT:half a tu")
    list(BulkFile(composer, request, out).compose())
    assert out.read_text() == text_of(composer, request)


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"tunes": 1}', '{"tunes":1,"characters":1,"bytes":10000,"wanted":{}}']
)
def test_with_a_damaged_record_all_is_composed_again(composer, tmp_path, damage):
    request = Request(sampling=SETTINGS, count=3)
    (tmp_path / "tunes.abc.part").write_text("X:1\n")
    (tmp_path / "tunes.abc.part.json").write_text(damage)
    list(BulkFile(composer, request, tmp_path / "tunes.abc").compose())
    assert (tmp_path / "tunes.abc").read_text() == text_of(composer, request)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (Request(prompt="K:G", sampling=SETTINGS, count=9), "prompt '' and not 'K:G'"),
        (Request(sampling=SETTINGS.replace(seed=5), count=9), "seed 4 and not 5"),
        (Request(sampling=SETTINGS, count=10), "count 9 and not 10"),
        (Request(sampling=SETTINGS, count=9, best_of=2), "best of 1 and not 2"),
    ],
)
def test_a_half_composed_file_of_another_call_is_left_alone(composer, tmp_path, other, said):
    tunes = BulkFile(composer, Request(sampling=SETTINGS, count=9), tmp_path / "tunes.abc").compose()
    next(tunes)
    tunes.close()
    before = (tmp_path / "tunes.abc.part").read_bytes()
    with pytest.raises(RunError, match=f"holds 1 tunes of another call, with {said}; repeat that call to finish it"):
        BulkFile(composer, other, tmp_path / "tunes.abc")
    assert (tmp_path / "tunes.abc.part").read_bytes() == before


def test_a_folder_that_cannot_be_written_to_is_reported(composer, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=r"cannot write into .*file is no folder"):
        list(BulkFile(composer, Request(sampling=SETTINGS, count=2), tmp_path / "file" / "tunes.abc").compose())


def test_a_folder_in_place_of_a_file_is_reported_before_anything_is_composed(composer, tmp_path):
    with pytest.raises(RunError, match="it is a folder; name a file in it, such as"):
        BulkFile(composer, Request(sampling=SETTINGS, count=2), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_prompt_that_cannot_be_continued_leaves_no_file(composer, tmp_path):
    with pytest.raises(PromptError, match="prompt character '€'"):
        list(BulkFile(composer, Request(prompt="K:D\n€", sampling=SETTINGS, count=2), tmp_path / "tunes.abc").compose())
    assert list(tmp_path.iterdir()) == []


def test_a_stop_by_the_user_says_how_to_continue(composer, tmp_path):
    tunes = BulkFile(composer, Request(sampling=SETTINGS, count=9), tmp_path / "tunes.abc").compose()
    next(tunes)
    with pytest.raises(Interrupted, match=r"stopped; 1 of 9 tunes are in .*tunes.abc.part. The same command resumes"):
        tunes.throw(KeyboardInterrupt)


def candidates_of(composer, request, place):
    first = place * request.best_of
    made = [composer.compose("", number=first + i, **request.sampling.model_dump()) for i in range(request.best_of)]
    return [dataclasses.replace(one, best_of=request.best_of) for one in made]


def test_the_best_of_several_is_kept_of_each_tunes_own_candidates(composer):
    request = Request(sampling=SamplingSettings(max_characters=60, seed=1), count=6, best_of=5)
    tunes = list(composer.compose_request(request))
    candidates = [candidates_of(composer, request, place) for place in range(6)]
    assert tunes == [min(several, key=lambda made: made.rank) for several in candidates]
    assert tunes != [several[0] for several in candidates]  # or nothing was to be chosen


def test_the_record_names_what_reranked_and_a_file_reranked_by_another_is_left_alone(composer, tmp_path):
    request = Request(sampling=SETTINGS, count=9, best_of=3)
    tunes = BulkFile(composer, request, tmp_path / "tunes.abc").compose()
    next(tunes)
    tunes.close()
    assert json.loads((tmp_path / "tunes.abc.part.json").read_text())["wanted"]["reranked_by"] == "whole"
    taught = Composer(composer.checkpoint)
    taught.companions.__dict__["classifier"] = SimpleNamespace(trained_on="by hand")
    with pytest.raises(RunError, match="holds 1 tunes of another call, with reranked by 'whole' and not 'by hand'"):
        BulkFile(taught, request, tmp_path / "tunes.abc")
    list(BulkFile(composer, request, tmp_path / "tunes.abc").compose())
    assert (tmp_path / "tunes.abc").read_text() == text_of(composer, request)


def test_a_killed_process_loses_no_tune_and_writes_none_twice(tmp_path):
    path = tmp_path / "c.safetensors"
    make_checkpoint(hidden_size=32).save(path)
    out = tmp_path / "tunes.abc"
    count = 6000
    command = [
        sys.executable,
        "-m",
        "songrnn",
        "compose",
        path,
        "--count",
        count,
        "--max-characters",
        200,
        "--free",
        "--seed",
        5,
        "--out",
        out,
    ]
    command = [str(part) for part in command]
    part, record = tmp_path / "tunes.abc.part", tmp_path / "tunes.abc.part.json"
    kills = 0
    while kills < 2:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        size = part.stat().st_size if part.exists() else 0
        while process.poll() is None and not (part.exists() and part.stat().st_size > size + 1000):
            time.sleep(0.005)
        process.kill()
        process.communicate()
        if process.returncode == 0:
            break  # it was faster than we
        kills += 1
    if not out.exists():
        assert part.exists()
        subprocess.run(command, check=True, capture_output=True)
    expected = text_of(
        Composer(path), Request(sampling=SamplingSettings(max_characters=200, free=True, seed=5), count=count)
    )
    assert out.read_text() == expected
    assert not record.exists()
    assert kills > 0


@pytest.mark.skipif(os.name == "nt", reason="signals of another kind")
def test_ctrl_c_saves_what_is_there(tmp_path):
    path = tmp_path / "c.safetensors"
    make_checkpoint(hidden_size=32).save(path)
    out = tmp_path / "tunes.abc"
    command = [sys.executable, "-m", "songrnn", "compose", path, "--count", 10**7, "--out", out]
    process = subprocess.Popen([str(part) for part in command], stderr=subprocess.PIPE, text=True)
    part = tmp_path / "tunes.abc.part"
    while process.poll() is None and not (part.exists() and part.stat().st_size > 1000):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    state = json.loads((tmp_path / "tunes.abc.part.json").read_text())
    assert state["bytes"] == part.stat().st_size
    assert "The same command resumes" in said or said == "songrnn: stopped\n"
