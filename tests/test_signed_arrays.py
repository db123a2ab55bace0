"""What was written together is read together; anything else is named."""

from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from songrnn.signed_arrays import DIGEST_KEY, DamagedFile, digest, read_signed, write_signed

ARRAYS: dict[str, Any] = {"a": np.arange(3, dtype=np.float32), "b": np.ones((2, 2), np.uint8)}


@pytest.fixture
def path(tmp_path):
    write_signed(tmp_path / "file", "names", '{"x": 1}', ARRAYS)
    return tmp_path / "file"


def test_a_file_comes_back_as_it_was_written(path):
    record, arrays = read_signed(path, "names")
    assert record == '{"x": 1}'
    assert arrays.keys() == ARRAYS.keys()
    assert all((arrays[name] == ARRAYS[name]).all() for name in ARRAYS)


def test_another_record_array_or_name_has_another_digest():
    renamed = {"a": ARRAYS["a"], "c": ARRAYS["b"]}
    others = [("r", ARRAYS | {"a": ARRAYS["a"] + 1}), ("r", renamed), ("s", ARRAYS)]
    assert len({digest(*one) for one in [("r", ARRAYS), *others]}) == 4


def test_a_file_of_another_kind_is_named(path):
    with pytest.raises(DamagedFile, match="is a safetensors file, but holds no weights"):
        read_signed(path, "weights")


def test_altered_arrays_and_a_missing_digest_are_noticed(path):
    arrays = load_file(path)
    for changed, signature in ((arrays | {"a": arrays["a"] + 1}, digest('{"x": 1}', arrays)), (arrays, "")):
        save_file(changed, path, {"names": '{"x": 1}', DIGEST_KEY: signature})
        with pytest.raises(DamagedFile, match="was altered or damaged"):
            read_signed(path, "names")


@pytest.mark.parametrize("content", [b"", b"no file of ours", None])
def test_what_is_no_whole_file_is_named(path, content):
    path.write_bytes(path.read_bytes()[:-3] if content is None else content)
    with pytest.raises(DamagedFile, match="is not a whole safetensors file"):
        read_signed(path, "names")
