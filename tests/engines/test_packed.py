"""Packed networks on the disk: made once, mapped afterwards, never trusted too far."""

import os
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songrnn.composing.composer import Composer, load
from songrnn.engines import packed
from songrnn.engines.native import pack
from songrnn.engines.packed import KEPT, packed_place
from songrnn.errors import CheckpointError, SongrnnError
from tiny import PLACES, make_checkpoint

_native = pytest.importorskip("songrnn._native", reason="the engine was not built here")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("SONGRNN_CACHE", str(folder))
    return folder


def test_a_checkpoint_is_packed_once_and_composes_the_same_from_the_packed_file(cache, checkpoint_file, monkeypatch):
    first = load(checkpoint_file).compose(seed=3)
    [file] = cache.iterdir()
    assert file == packed_place(checkpoint_file, "int8")
    monkeypatch.setattr(packed.Checkpoint, "load", lambda _: pytest.fail("the checkpoint was read again"))
    assert load(checkpoint_file).compose(seed=3) == first


def test_each_precision_has_a_file_of_its_own_that_serves_every_kernel(cache, checkpoint_file):
    for precision in ("int8", "fp32"):
        for kernel in _native.kernels():
            load(checkpoint_file, precision=precision, kernel=kernel)
    assert len(list(cache.iterdir())) == 2


def test_another_checkpoint_in_the_same_place_is_packed_anew(cache, checkpoint_file):
    before = load(checkpoint_file).compose(seed=3)
    make_checkpoint(seed=2).save(checkpoint_file)
    assert load(checkpoint_file).compose(seed=3) != before
    assert len(list(cache.iterdir())) == 2


def test_an_altered_checkpoint_is_refused_even_if_its_packed_network_is_there(cache, checkpoint_file):
    load(checkpoint_file)
    content = bytearray(checkpoint_file.read_bytes())
    content[-1] ^= 1
    checkpoint_file.write_bytes(content)
    with pytest.raises(CheckpointError, match="digest does not match"):
        load(checkpoint_file)


def test_only_the_networks_used_last_are_kept(cache, tmp_path):
    for seed in range(KEPT + 3):
        path = tmp_path / f"{seed}.safetensors"
        make_checkpoint(seed=seed).save(path)
        load(path)
        os.utime(packed_place(path, "int8"), (seed, seed))
    files = {path.name for path in cache.iterdir()}
    assert len(files) == KEPT
    assert packed_place(tmp_path / f"{KEPT + 2}.safetensors", "int8").name in files
    assert packed_place(tmp_path / "0.safetensors", "int8").name not in files


def test_without_a_place_to_keep_it_the_network_is_packed_each_time(checkpoint_file, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SONGRNN_CACHE", str(tmp_path / "file" / "cache"))
    assert load(checkpoint_file).compose(seed=3) == load(checkpoint_file).compose(seed=3)


def test_a_damaged_packed_file_is_packed_anew(cache, checkpoint_file):
    expected = load(checkpoint_file).compose(seed=3)
    [file] = cache.iterdir()
    whole = file.read_bytes()
    rng = np.random.default_rng(0)
    flipped = [bytearray(whole) for _ in range(40)]
    for content in flipped:
        content[int(rng.integers(len(content)))] ^= 1 << int(rng.integers(8))
    for damaged in (*map(bytes, flipped), whole[:-1], whole[:32], whole[32:], bytes(len(whole))):
        file.write_bytes(damaged)
        assert load(checkpoint_file).compose(seed=3) == expected
        assert file.read_bytes() == whole
    for damaged in (b"", file.read_bytes()[:100], b"x" + file.read_bytes()[1:], file.read_bytes() + b"more"):
        file.write_bytes(damaged)
        assert load(checkpoint_file).compose(seed=3) == expected


def test_a_packed_file_in_the_place_of_another_is_packed_anew(cache, checkpoint_file, tmp_path):
    expected = load(checkpoint_file).compose(seed=3)
    other = tmp_path / "other.safetensors"
    make_checkpoint(seed=2).save(other)
    load(other)
    packed_place(checkpoint_file, "int8").write_bytes(packed_place(other, "int8").read_bytes())
    assert load(checkpoint_file).compose(seed=3) == expected


def aligned(content: bytes) -> np.ndarray:
    """The bytes at an address that is a multiple of 64, as a mapped file has."""
    memory = np.zeros(len(content) + 64, dtype=np.uint8)
    begin = -memory.ctypes.data % 64
    memory[begin : begin + len(content)] = np.frombuffer(content, dtype=np.uint8)
    return memory[begin : begin + len(content)]


IMAGE = pack(make_checkpoint(**PLACES[-1]), "int8", "portable").image.tobytes()
"""A small packed network, to be altered."""
HEADER = 256
NGRAMS = 2_400
"""So many bytes at its end are n-grams, whose indices are what could lead out of it."""


def plan_of(ids: list[int]) -> Any:
    """Forty characters after some ids."""
    plan = _native.Plan()
    plan.begin, plan.max_characters, plan.sampling.temperature = ids, 40, 0.8
    return plan


def compose_with(content: bytes) -> None:
    """Open an image; if that is possible, trace and compose: whatever numbers come out, it comes to an end."""
    try:
        network = _native.Network.open(aligned(content), "portable")
    except ValueError:
        return
    assert len(network.trace(np.array([0, 1], dtype=np.int32))["log_probabilities"]) == 2
    plan = plan_of([0])
    plan.sampling.top_k, plan.sampling.top_p, plan.sampling.min_p = 3, 0.9, 0.002
    assert len(network.session(plan, 0).next(40)[0]) == 40


@settings(max_examples=200, deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(0, len(IMAGE) - 1), st.integers(0, 255)), max_size=6),
    in_header=st.lists(st.tuples(st.integers(0, HEADER), st.integers(0, 255)), max_size=3),
    length=st.just(len(IMAGE)) | st.integers(0, len(IMAGE)),
)
def test_no_altered_image_makes_the_engine_crash(changes, in_header, length):
    content = bytearray(IMAGE)
    for place, value in (*changes, *in_header):
        content[place] = value
    compose_with(bytes(content[:length]))


@pytest.mark.parametrize("seed", range(8))
def test_no_altered_index_leads_out_of_an_image(seed):
    rng = np.random.default_rng(seed)
    for _ in range(100):
        words = np.frombuffer(IMAGE, dtype=np.uint32).copy()
        places = len(words) - 1 - rng.integers(0, NGRAMS // 4, 5)
        words[places] = rng.integers(0, 2**32, 5) >> rng.integers(0, 32, 5)
        compose_with(words.tobytes())


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_altered_checkpoint_does_more_than_raise_one_of_our_errors(data, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp()
    path = folder / "altered.safetensors"
    make_checkpoint().save(path)
    content = bytearray(path.read_bytes())
    whole = len(content)
    header = int.from_bytes(content[:8], "little")
    for _ in range(data.draw(st.integers(1, 5))):
        in_header = data.draw(st.booleans())
        content[data.draw(st.integers(0, header + 8 if in_header else whole - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, whole) | st.just(whole))])
    try:
        Composer(path).compose(max_characters=5)
    except SongrnnError:
        pass
    finally:
        path.unlink()


def test_an_image_that_does_not_begin_where_vectors_can_be_read_is_refused():
    memory = np.zeros(len(IMAGE) + 128, dtype=np.uint8)
    begin = -memory.ctypes.data % 64 + 4
    with pytest.raises(ValueError, match="multiple of 64"):
        _native.Network.open(memory[begin : begin + len(IMAGE)], "portable")


@pytest.mark.parametrize("ids", [[-1], [10_000]])
def test_ids_that_the_network_does_not_have_are_refused(ids):
    network = _native.Network.open(aligned(IMAGE), "portable")
    with pytest.raises(ValueError, match="an id that the network does not have"):
        network.trace(np.array(ids, dtype=np.int32))
    with pytest.raises(ValueError, match="an id that the network does not have"):
        network.session(plan_of(ids), 0)
