"""The engine that is tested: the installed one, or the one that was built into the folder SONGRNN_TEST_NATIVE.

Importing this chooses it, so it comes before any module of songrnn that takes the engine when it is imported.
"""

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path


def take_engine_from(folder: Path) -> None:
    """Test the engine that was built into `folder`, in place of the installed one."""
    import songrnn

    assert "songrnn._native" not in sys.modules, "the installed engine was imported first"
    [file] = [path for path in folder.glob("_native*") if path.suffix in {".so", ".pyd"}]
    spec = spec_from_file_location("songrnn._native", file)
    assert spec is not None
    assert spec.loader is not None
    songrnn._native = sys.modules["songrnn._native"] = module_from_spec(spec)
    spec.loader.exec_module(songrnn._native)


if "SONGRNN_TEST_NATIVE" in os.environ:
    take_engine_from(Path(os.environ["SONGRNN_TEST_NATIVE"]))
