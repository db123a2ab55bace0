"""Files that travel between nodes."""

import asyncio

import pytest

from songrnn.cluster.exchange import Exchange, GivenUp
from songrnn.cluster.files import digest_of, files_beside, files_in, write_files
from songrnn.cluster.stopping import Reporter
from songrnn.storage import LOCK


def test_a_folder_sent_and_written_is_the_same_without_its_lock(tmp_path):
    write_files({"a.txt": b"a", "deep/b.bin": b"\0\1", LOCK: b""}, tmp_path / "one")
    sent = files_in(tmp_path / "one")
    assert sent == {"a.txt": b"a", "deep/b.bin": b"\0\1"}
    write_files(sent, tmp_path / "two", last="a.txt")
    assert files_in(tmp_path / "two") == sent


def test_the_file_that_says_it_is_complete_is_written_last(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr("songrnn.cluster.files.write_whole", lambda path, _content: written.append(path.name))
    write_files({"a": b"", "trial.json": b"", "z": b""}, tmp_path, last="trial.json")
    assert written == ["a", "z", "trial.json"]


def test_the_companions_of_a_checkpoint_are_sent_with_it(tmp_path):
    for name in ("x.safetensors", "x.melodies", "y.safetensors"):
        (tmp_path / name).write_bytes(name.encode())
    files = files_beside(tmp_path / "x.safetensors")
    assert sorted(files) == ["x.melodies", "x.safetensors"]
    assert digest_of(files) != digest_of(files | {"x.melodies": b"other"})


def test_a_message_waits_for_its_answer():
    async def talk():
        exchange = Exchange()
        saying = asyncio.create_task(exchange.say("task", "hello"))
        [(number, content)] = await exchange.take("task", 1.0)
        assert await exchange.take("task", 0.01) == []
        await exchange.answer("task", {number: content.upper(), 99: "to nobody"})
        return await saying

    assert asyncio.run(talk()) == "HELLO"


def test_a_task_that_was_given_up_ends_at_the_message_that_waits_and_at_the_next():
    async def talk():
        exchange = Exchange()
        saying = [asyncio.create_task(exchange.say(key, "hello")) for key in ("ended", "other")]
        [(number, _)] = await exchange.take("other", 1.0)
        await exchange.end("ended")
        with pytest.raises(GivenUp):
            await saying[0]
        with pytest.raises(GivenUp):
            await exchange.say("ended", "again")
        await exchange.answer("other", {number: "answer"})
        return await saying[1]

    assert asyncio.run(asyncio.wait_for(talk(), 10)) == "answer"


def test_a_reporter_stops_once_it_was_told_to(monkeypatch):
    answers, said = iter([False, True]), []

    def say(content):
        said.append(content)
        return next(answers)

    reporter = Reporter(say)
    reporter.report("record")
    assert not reporter.stop()
    monkeypatch.setattr("songrnn.cluster.stopping.SECONDS_BETWEEN_QUESTIONS", -1.0)
    assert reporter.stop()
    assert reporter.stop()
    assert said == ["record", None]
