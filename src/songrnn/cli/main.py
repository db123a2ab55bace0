"""The `songrnn` command: finds the command, reads its flags, and turns mistakes into one line and status 2."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from inspect import cleandoc
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import songrnn
from songrnn.errors import Interrupted, SongrnnError

if TYPE_CHECKING:
    from songrnn.settings import Settings

COMMANDS = {
    "corpus": "read a tunebook and say what is in it",
    "train": "learn from a tunebook",
    "search": "which settings learn a tunebook best",
    "compose": "compose new tunes",
    "render": "tunes as score, MIDI, sound, MusicXML and a page",
    "evaluate": "how well does a checkpoint predict tunes, in bits per character",
    "judge": "a scorecard of composed tunes, beside human ones",
    "originality": "are tunes copied: the longest runs that they share with training tunes",
    "listener": "teach what --best-of chooses by",
    "neurons": "what each neuron does while a tune passes by",
    "study": "compare networks: cells, sizes, dropouts, several seeds each",
    "demo": "all of it in five minutes, ending in a page to look at",
}
STATUS_MISTAKE = 2
STATUS_INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line; always ends by SystemExit."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # GNU OpenMP's threads spin for milliseconds at each of the hundreds of meeting points in a step. When other
    # programs want the cores, to spin less learns twice as fast; alone it costs nothing (docs/experiments.md).
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    # Otherwise pydantic looks through every installed distribution for plug-ins, which takes longer than a tune.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        status = run(given)
        sys.stdout.flush()
    except SongrnnError as error:
        print(f"songrnn: {_one_line(error)}", file=sys.stderr)
        status = STATUS_MISTAKE
    except Interrupted as stop:
        print(f"songrnn: {stop}", file=sys.stderr)
        status = STATUS_INTERRUPTED
    except KeyboardInterrupt:
        print("songrnn: stopped", file=sys.stderr)
        status = STATUS_INTERRUPTED
    except BrokenPipeError:  # the reader of our output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status)


def run(arguments: list[str]) -> int:
    """Run one command; returns its exit status."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(overview())
        return 0 if arguments else STATUS_MISTAKE
    if arguments[0] == "--version":
        print(version())
        return 0
    name, rest = arguments[0], arguments[1:]
    if name not in COMMANDS:
        raise SongrnnError(f"there is no command {name!r}; there are {', '.join(COMMANDS)}. Try: songrnn --help")
    module = import_module(f"songrnn.cli.{name}")
    module.run(parse(module, name, rest))
    return 0


def parse(module: Any, name: str, arguments: Sequence[str]) -> Any:
    """The command's settings from its flags; ends the process after --help or a flag that does not exist."""
    if not arguments and all(not field.is_required() for field in module.Command.model_fields.values()):
        return module.Command()  # nothing to parse, so no parser to load

    import tyro

    _mark_flags(module.Command)
    defaults = module.defaults(arguments) if hasattr(module, "defaults") else None
    return tyro.cli(
        module.Command,
        prog=f"songrnn {name}",
        description=cleandoc(module.Command.__doc__),
        args=arguments,
        default=defaults,
        config=(tyro.conf.OmitArgPrefixes, tyro.conf.FlagCreatePairsOff),
    )


def _mark_flags(settings: "type[Settings]") -> None:
    """Say in the parser's words what `songrnn.settings.Flag` says, in the annotations of these settings and of those
    inside them."""
    import tyro

    from songrnn.settings import Flag, Settings

    def in_words_of_tyro(mark: object) -> object:
        if not isinstance(mark, Flag):
            return mark
        return tyro.conf.Positional if mark.positional else tyro.conf.arg(name=mark.name)

    for name, hint in settings.__annotations__.items():
        if hasattr(hint, "__metadata__"):
            settings.__annotations__[name] = Annotated[hint.__origin__, *map(in_words_of_tyro, hint.__metadata__)]
        elif isinstance(hint, type) and issubclass(hint, Settings):
            _mark_flags(hint)


def version() -> str:
    """What `songrnn --version` says: also what computes here."""
    from songrnn.sampling.engine import NOT_BUILT, native_module, used_here
    from songrnn.sampling.settings import EngineSettings

    lines = [f"songrnn {songrnn.__version__}", f"engine: {used_here(EngineSettings())}"]
    return "\n".join(lines if native_module() else [*lines, f"note: {NOT_BUILT}"])


def overview() -> str:
    """What `songrnn --help` says."""
    lines = [f"  {name:<13}{summary}" for name, summary in COMMANDS.items()]
    return "\n".join(
        [
            "usage: songrnn COMMAND [OPTIONS]",
            "",
            "Learn to compose from a tunebook in ABC notation, one character at a time.",
            "",
            *lines,
            "",
            "A first try:",
            "  songrnn demo                                          all of it, on three old tunebooks",
            "  songrnn train my-tunes.abc --minutes 5 --out runs/mine",
            "  songrnn compose runs/mine --prompt R:jig M:6/8 K:Dmaj",
            "",
            "songrnn COMMAND --help explains a command; songrnn --version tells the version.",
        ]
    )


def _one_line(error: SongrnnError) -> str:
    return " ".join(str(error).split())
