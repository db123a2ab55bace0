"""The folder tree is as documented: imports point down, heavy imports have owners, the README's tree is true."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = "songrnn"
ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / PACKAGE

# Lowest first: a module may import its own package, and anything in a layer below; never its own layer or above.
LAYERS = [
    {"errors", "_native"},
    {"settings", "storage", "statistics", "cores", "database"},
    {"child_process", "pages", "signed_arrays"},
    {"notation"},
    {"performance"},
    {"checks"},
    {"corpus", "vocabulary"},
    {"tracking"},
    {"batches", "constraints", "model.settings"},
    {"model"},
    {"checkpoint"},
    {"engines", "rendering"},
    {"evaluation"},
    {"originality"},
    # What an intervention while composing needs of the neurons.
    {f"neurons.{name}" for name in ("concepts", "directions", "facts", "recording", "results", "scores", "settings")},
    {"composing"},
    {"variation"},
    {"training.settings", "training", "neurons"},
    {"search", "study"},
    {"studio", "cluster"},
    {"cli"},
]
# Heavy distributions, and the only packages that may import them.
OWNERS = {
    "torch": {"model", "training", "study", "search", "cluster"},
    "optuna": {"search"},
    "sqlalchemy": {"database", "search", "studio"},
    "alembic": {"studio"},
    "sklearn": {"evaluation"},
    "scipy": {"evaluation"},
    **{name: {"studio"} for name in ("fastapi", "starlette", "anyio", "uvicorn", "prometheus_client")},
    "symusic": {"rendering", "evaluation"},
    "verovio": {"rendering"},
    "typst": {"studio"},
    "fontTools": {"studio"},
    "segno": {"studio"},
    "soundfile": {"rendering"},
    "jinja2": {"pages"},
    "songrnn._native": {"engines", "tracking"},
    "ray": {"cluster"},
    "platformdirs": {"engines", "studio"},
    "filelock": {"storage"},
    # Its files are read, importing it takes seconds; of these four, tests and benchmarks alone load code or data.
    **{name: set() for name in ("music21", "mido", "lxml", "musicxml")},
}
ONLY_IN_FUNCTIONS = {"matplotlib"}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "common", "misc", "core", "base", "manager"}
MAX_LINES = 400
MAX_MODULES = 15
"""In one package, `__init__` not counted; `cli` has a module for each command."""
SHARED_NAMES = {
    "Command": "the flags of one command, in the module of each (cli/main.py finds it there)",
    "run": "what one command does, in the module of each (cli/main.py finds it there)",
    "defaults": "the defaults of a command, in the modules of those that have presets (cli/main.py finds it there)",
    "main": "what a program runs: the command, and each worker process",
    "upgrade": "what one migration of the database changes, in the module of each (Alembic finds it there)",
    "page": "a page of HTML from a template: of rendered tunes, or of the studio",
}
"""Public classes and functions of one name in several modules, with the reason."""
PRIVATE_WORDS = re.compile(
    r"\b(wish|wishes|asked for|way out|ways out|heard|listener|listeners|telling|taught|teaches|bury|buried|buries|owed"
    r"|sign of life|signs of life|put back|told|follower|honest|honestly|behind|goes on with|goes along)\b",
    re.IGNORECASE,
)
"""Words of our own for which the field has terms, as the glossary lists them, and such as say nothing definite."""


def layer_of(module: str) -> int:
    """Index in LAYERS of a dotted module path below the package, longest match first."""
    parts = module.split(".")
    for end in range(len(parts), 0, -1):
        name = ".".join(parts[:end])
        for index, layer in enumerate(LAYERS):
            if name in layer:
                return index
    raise KeyError(f"{module} belongs to no layer; add it to LAYERS")


def names_of(node: ast.AST, path: Path) -> list[str]:
    """Absolute dotted names that one import statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"{path}:{node.lineno}: use absolute imports"
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def top_level_imports(tree: ast.Module, path: Path) -> list[str]:
    """What is imported when the module is, `if TYPE_CHECKING` left out."""
    return [name for node in tree.body for name in names_of(node, path)]


def violations(source: Path) -> list[str]:
    found = []
    for path in sorted(source.rglob("*.py")):
        module = ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__")
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        if text.count("\n") > MAX_LINES:
            found.append(f"{module}: {text.count(chr(10))} lines, limit {MAX_LINES}")
        if FORBIDDEN_NAMES & set(module.split(".")):
            found.append(f"{module}: name says nothing about its content")
        if module in {"__init__", "__main__"}:
            continue
        found += [
            f"{module} imports {name} when it is imported; do it in the function that needs it"
            for name in top_level_imports(tree, path)
            if name.split(".")[0] in ONLY_IN_FUNCTIONS
        ]
        for node in ast.walk(tree):
            for name in names_of(node, path):
                found += complaints_about(module, name)
    return found


def complaints_about(module: str, name: str) -> list[str]:
    """What is wrong with `module` importing `name`."""
    top, _, rest = name.partition(".")
    for owned in {top, name} & OWNERS.keys():
        if module.split(".")[0] not in OWNERS[owned]:
            return [f"{module} imports {owned}, which belongs to {sorted(OWNERS[owned])}"]
    if top != PACKAGE or not rest or rest.split(".")[0] == module.split(".")[0]:
        return []
    return [f"{module} imports {rest}, which is not below it"] if layer_of(rest) >= layer_of(module) else []


def crowded_packages(source: Path) -> list[str]:
    """Packages with more modules than one can keep in mind."""
    packages = {path.parent for path in source.rglob("*.py")} - {source, source / "cli"}
    counts = {path.relative_to(source).as_posix(): len(list(path.glob("[!_]*.py"))) for path in packages}
    return [f"{name}: {count} modules, limit {MAX_MODULES}" for name, count in counts.items() if count > MAX_MODULES]


def import_circles(source: Path) -> list[str]:
    """Modules from which imports lead back to themselves, those inside functions included."""
    imports: dict[str, set[str]] = {}
    for path in source.rglob("*.py"):
        module = ".".join(path.relative_to(source).with_suffix("").parts)
        names = [name for node in ast.walk(ast.parse(path.read_text())) for name in names_of(node, path)]
        imports[module] = {name.removeprefix(f"{PACKAGE}.") for name in names if name.startswith(f"{PACKAGE}.")}
    reached = {
        module: {found for name in names for found in (name, name.rpartition(".")[0]) if found in imports} - {module}
        for module, names in imports.items()
    }

    def leads_back(module: str) -> bool:
        seen, waiting = set[str](), [*reached[module]]
        while waiting:
            seen.add(waiting[-1])
            waiting += reached[waiting.pop()] - seen
        return module in seen

    return sorted(filter(leads_back, imports))


def shared_names(source: Path) -> list[str]:
    """Public classes and functions of one name in several modules; their methods are not compared."""
    modules = defaultdict[str, list[str]](list)
    for path in sorted(source.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.name[0] != "_":
                modules[node.name].append(path.relative_to(source).as_posix())
    return [
        f"{name}: {', '.join(found)}" for name, found in modules.items() if len(found) > 1 and name not in SHARED_NAMES
    ]


def prose_of(text: str) -> Iterator[tuple[int, str]]:
    """Comments and strings (docstrings, messages, help), each with its first line and on one line."""
    kinds = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in kinds:
            yield token.start[0], " ".join(token.string.split())


def private_words(source: Path) -> list[str]:
    """Comments and strings with one of PRIVATE_WORDS, with their places."""
    return [
        f"{path.relative_to(source).as_posix()}:{line}: {found[0]}"
        for path in sorted(source.rglob("*.py"))
        for line, prose in prose_of(path.read_text(encoding="utf-8"))
        for found in PRIVATE_WORDS.finditer(prose)
    ]


def test_no_two_public_classes_or_functions_have_one_name():
    assert shared_names(SOURCE) == []


def test_comments_docstrings_and_messages_have_no_private_words():
    assert private_words(SOURCE) == []


def test_a_shared_name_and_a_private_word_are_found(tmp_path):
    for name, text in (("a", "class State:\n    def run(self): ...\n"), ("b", "def State(): ...\ndef run(): ...\n")):
        (tmp_path / f"{name}.py").write_text(text)
    (tmp_path / "c.py").write_text(
        'def run(heard):\n    """What was asked\n    for."""\n    return heard, "x"  # the way out\n'
    )
    assert shared_names(tmp_path) == ["State: a.py, b.py"]
    assert private_words(tmp_path) == ["c.py:2: asked for", "c.py:4: way out"]


def test_the_tree_has_no_violations():
    assert violations(SOURCE) == []


def test_no_package_is_crowded():
    assert crowded_packages(SOURCE) == []


def test_no_imports_lead_in_a_circle():
    assert import_circles(SOURCE) == []


def test_a_crowded_package_and_a_circle_are_found(tmp_path):
    package = tmp_path / "corpus"
    package.mkdir()
    for number in range(MAX_MODULES + 1):
        (package / f"m{number}.py").write_text(f"from {PACKAGE}.corpus.m{(number + 1) % 3} import x\n")
    assert crowded_packages(tmp_path) == [f"corpus: {MAX_MODULES + 1} modules, limit {MAX_MODULES}"]
    assert import_circles(tmp_path) == ["corpus.m0", "corpus.m1", "corpus.m2"]


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        ("composing/composition.py", "import torch\n", "imports torch"),
        ("composing/composition.py", "def f():\n    from torch import nn\n", "imports torch"),
        ("notation/read.py", "from songrnn.composing.composition import compose\n", "not below it"),
        ("corpus/sources.py", "import music21\n", "imports music21"),
        ("cli/compose.py", "from filelock import FileLock\n", "imports filelock"),
        ("rendering/midi.py", "import mido\n", "imports mido"),
        ("training/judging.py", "def f():\n    import sklearn\n", "imports sklearn"),
        ("neurons/record.py", "from songrnn import _native\n", "imports songrnn._native"),
        ("cli/studio.py", "import uvicorn\n", "imports uvicorn"),
        ("search/worker.py", "def f():\n    import ray\n", "imports ray"),
        ("study/pool.py", "from songrnn.cluster.running import Job\n", "not below it"),
        ("composing/request.py", "from songrnn.studio.settings import Limits\n", "not below it"),
        ("training/plots.py", "from matplotlib.figure import Figure\n", "in the function that needs it"),
        ("corpus/utils.py", "\n", "says nothing"),
        ("corpus/split.py", "\n" * 401, "401 lines"),
    ],
)
def test_a_planted_violation_is_reported(tmp_path, file, text, complaint):
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert complaint in "".join(violations(tmp_path))


AFTER_THE_FIRST_TUNE = {
    *("songrnn.originality.index", "songrnn.originality.shared_runs", "songrnn.evaluation", "songrnn.performance"),
    *("songrnn.corpus.body", "songrnn.corpus.sources", "songrnn.notation.read", "songrnn.model.ngrams"),
}
"""Needed for a prompt, for reranking, or once a tune is printed."""


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import songrnn", {"torch", "numpy", "pydantic", "matplotlib", "symusic", "verovio"}),
        ("import songrnn; songrnn.load", {"torch", "matplotlib", "symusic", "verovio", "music21", "scipy"}),
        ("import songrnn; songrnn.read_tune", {"torch", "numpy", "pydantic", "matplotlib"}),
        ("import songrnn.cli.main", {"ray", "torch", "numpy", "tyro", "rich"}),
        ("import songrnn.cli.train", {"ray", "torch", "matplotlib", "verovio", "optuna", "sqlalchemy", "sklearn"}),
        ("import songrnn.cli.search", {"ray", "torch", "matplotlib", "verovio", "optuna", "sqlalchemy", "jinja2"}),
        (
            "import songrnn.cli.judge",
            {"ray", "torch", "matplotlib", "verovio", "symusic", "sklearn", "scipy", "jinja2"},
        ),
        (
            "import songrnn.cli.compose",
            {"ray", "torch", "matplotlib", "verovio", "symusic", "jinja2", *AFTER_THE_FIRST_TUNE},
        ),
        ("import songrnn.cli.study", {"ray", "torch", "verovio", "optuna"}),
        ("import songrnn.cluster.connecting, songrnn.cluster.running, songrnn.cluster.exchange", {"ray", "torch"}),
        ("import songrnn.cluster.composing, songrnn.cluster.judging", {"ray", "torch"}),
        ("import songrnn.cli.studio", {"torch", "matplotlib", "verovio", "symusic", "sklearn", "fastapi", "uvicorn"}),
        ("import songrnn.studio.app", {"torch", "matplotlib", "verovio", "symusic", "sklearn", "scipy", "soundfile"}),
        (
            "import songrnn.cli.compose as c, songrnn.cli.main as m; m.parse(c, 'compose', ['--key', 'D'])",
            {"tyro", "rich"},
        ),
    ],
)
def test_importing_one_thing_does_not_load_the_heavy_rest(statement, unwanted):
    program = f"import sys; {statement}; print(' '.join(sys.modules))"
    loaded = set(
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    )
    assert loaded & unwanted == set()


def tree_in(readme: str) -> set[str]:
    """The paths that the README's annotated tree names, relative to the root of the repository."""
    block = re.search(r"## The tree\n.*?```text\n(.*?)```", readme, re.DOTALL)
    assert block, "README.md has no annotated tree"
    paths, folders = set(), []
    for line in block[1].splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        folders[depth:] = [line.split()[0].rstrip("/")]
        paths.add("/".join(folders))
    return paths


def folders_of(root: Path) -> set[str]:
    """The folders of the repository that hold its work: those at the top, and the packages."""
    ignored = {line.strip("/") for line in (root / ".gitignore").read_text(encoding="utf-8").splitlines()}
    top = {path.name for path in root.iterdir() if path.is_dir() and path.name[0] != "."} - ignored - {"src"}
    packages = {path for path in (root / "src" / PACKAGE).rglob("*") if path.is_dir() and path.name != "__pycache__"}
    filled = {path for path in packages if any(file.is_file() for file in path.iterdir())}
    return top | {f"src/{PACKAGE}"} | {path.relative_to(root).as_posix() for path in filled}


def test_the_tree_in_the_readme_names_every_folder_and_nothing_that_is_not_there():
    named = tree_in((ROOT / "README.md").read_text(encoding="utf-8"))
    assert sorted(path for path in named if not (ROOT / path).is_dir()) == [], "the README names what is not there"
    assert sorted(folders_of(ROOT) - named) == [], "the README does not name these folders"


def test_a_folder_that_is_not_named_and_a_name_without_a_folder_are_found(tmp_path):
    (tmp_path / ".gitignore").write_text("build/\n")
    for folder in ("build", "docs", f"src/{PACKAGE}/notation/__pycache__", f"src/{PACKAGE}/empty"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "src" / PACKAGE / "notation" / "read.py").write_text("")
    tree = f"## The tree\n\n```text\nsrc/{PACKAGE}/  the package\n  corpus/   gone\ndocs/     tour\n```\n"
    assert folders_of(tmp_path) - tree_in(tree) == {f"src/{PACKAGE}/notation"}
    assert tree_in(tree) - folders_of(tmp_path) == {f"src/{PACKAGE}/corpus"}
