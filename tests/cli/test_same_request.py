"""The same request by the library and by `songrnn compose` gives the same tunes and the same record."""

import json
from dataclasses import replace
from typing import Any

import pytest

import songrnn
from songrnn.checkpoint import Description
from songrnn.composing.request import Request, request_of
from songrnn.corpus.corpus import read_corpus
from songrnn.originality.index import Index, NamedText, index_path
from tiny import JIG, TUNES, abc_file_of, make_checkpoint


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """A checkpoint with melodies: one that it composes as tune 0 of seed 3, and so must not compose with --original."""
    folder = tmp_path_factory.mktemp("same")
    tunes = folder / "tunes.abc"
    tunes.write_text(abc_file_of())
    path = folder / "checkpoint.safetensors"
    replace(make_checkpoint(texts=(*TUNES, JIG)), training={"corpus": read_corpus(str(tunes)).record()}).save(path)
    learned = Description.read(path).training["corpus"]["sha256"]
    copied = songrnn.load(path).compose(seed=3)
    Index.build([NamedText("Mine", copied.abc())], corpus=learned).save(index_path(path))
    return path


CASES: dict[str, tuple[Any, Any, Any]] = {
    "plain": ((), {}, {}),
    "prompt": (("--prompt", "R:jig", "M:6/8", "K:D", "|:DFA"), {"prompt": "R:jig\nM:6/8\nK:D\n|:DFA"}, {}),
    "form": (
        ("--meter", "6/8", "--key", "D", "--bars", 8, "--parts", "AB", "--end-on-tonic"),
        {},
        {"meter": "6/8", "key": "D", "bars": 8, "parts": "AB", "end_on_tonic": True},
    ),
    "sampling": (("--free", "--temperature", 0.6, "--top-k", 9), {}, {"free": True, "temperature": 0.6, "top_k": 9}),
    "best of": (("--best-of", 4), {}, {"best_of": 4}),
    "original": (("--original", "2bars"), {}, {"original": "2bars"}),
    "intervention": (
        ("--steer", "pitch:+1.5,note-letter:-1", "--ablate", "1,3", "--ablate-at", "zero"),
        {},
        {"steer": "pitch:+1.5,note-letter:-1", "ablate": "1,3", "ablate_at": "zero"},
    ),
    "count": (("--count", 3, "--first", 5), {"count": 3, "first": 4}, {}),
    "all": (
        ("--prompt", "K:G", "--bars", 4, "--best-of", 2, "--original", "2bars", "--count", 2, "--first", 3),
        {"prompt": "K:G", "count": 2, "first": 2},
        {"bars": 4, "best_of": 2, "original": "2bars"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_library_and_command_give_the_same_tunes_and_records(case, checkpoint, songrnn_command, tmp_path):
    flags, numbers, options = CASES[case]
    numbers = {"prompt": "", "count": 1, "first": 0, **numbers}
    composer = songrnn.load(checkpoint)
    many = list(composer.compose_many(**numbers, **options, seed=3))
    named: Any = {**options, "seed": 3}
    request = request_of(options=named, **numbers)
    assert list(composer.compose_request(Request.from_json(request.model_dump_json()))) == many
    if numbers["count"] == 1:
        assert composer.compose(numbers["prompt"], number=numbers["first"], **options, seed=3) == many[0]
    arguments = ("compose", checkpoint, "--seed", 3, *flags)
    assert json.loads(songrnn_command(*arguments, "--json")[1])["compositions"] == json.loads(
        json.dumps([made.as_json() for made in many])
    )
    assert songrnn_command(*arguments)[1] == "\n".join(made.abc() + made.remark for made in many)
    assert songrnn_command(*arguments, "--out", tmp_path / "out.abc")[0] == 0
    remarks = [made.remark if "original" in options else "" for made in many]
    expected = "\n".join(made.abc() + remark for made, remark in zip(many, remarks, strict=True))
    assert (tmp_path / "out.abc").read_text() == expected


def test_the_cases_differ_where_they_should(checkpoint):
    composer = songrnn.load(checkpoint)
    plain = composer.compose(seed=3)
    assert plain.originality.closest.bars > 2
    assert plain.remark.startswith("% longest shared run: ")
    assert {mark.kind for mark in plain.highlights} == {"copied", "shared"}
    assert [made.number for made in composer.compose_many(count=3, first=4, seed=3)] == [4, 5, 6]
    for options in ({"original": "2bars"}, {"best_of": 4}):
        other = composer.compose(seed=3, **options)
        assert other.text != plain.text
        assert other.rank < plain.rank
