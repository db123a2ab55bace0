"""The `songrnn` command: finds the command, reads its flags, and reports mistakes in one line, with status 2."""

import gc
import io
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr
from importlib import import_module
from inspect import cleandoc
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import songrnn
from songrnn.cli.complaints import complaint, one_line_each
from songrnn.cli.streams import give_up_output, prepare_streams
from songrnn.errors import Interrupted, SettingsError, SongrnnError

if TYPE_CHECKING:
    from songrnn.settings import Settings

COMMANDS = {
    "corpus": "read a tunebook and describe it",
    "train": "train a network on a tunebook",
    "search": "search for the best settings of a network",
    "compose": "compose new tunes",
    "render": "tunes as score, MIDI, sound, MusicXML and a page",
    "evaluate": "bits per character of a checkpoint on tunes",
    "judge": "a scorecard of composed tunes, beside human ones",
    "originality": "the longest runs that tunes share with training tunes",
    "classifier": "train the classifier that --best-of uses",
    "neurons": "a page on what each neuron follows and does",
    "study": "compare networks: cells, sizes, dropouts, several seeds each",
    "studio": "compose, see, hear and change tunes in the browser",
    "demo": "all of it in five minutes, ending in a page to look at",
}
ONE_BLAS_THREAD = frozenset({"compose", "neurons", "study"})
"""Commands whose products of matrices are many and small: labels of neurons took 36 s with one thread of OpenBLAS, and
over 300 with two, whose threads spin while they wait, on a machine that other programs use too (docs/neurons.md).
NumPy's engine composes in a quarter of the processor time, and each thread less is opened sooner."""
REQUIRED = "(required)"
STATUS_MISTAKE = 2
STATUS_INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line; always ends by SystemExit."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # GNU OpenMP's threads spin for milliseconds at each of the hundreds of barriers in a step. When other
    # programs use the cores, less spinning trains twice as fast; alone it costs nothing (docs/experiments.md).
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    # Otherwise pydantic searches every installed distribution for plug-ins, which takes longer than a tune.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.set_threshold(100_000)  # imported objects stay: collecting them repeatedly takes a tenth of the time
    prepare_streams()
    try:
        status = _status_of(given)
        sys.stdout.flush()
    except SongrnnError as error:
        status = _reported(_one_line(error), STATUS_MISTAKE)
    except Interrupted as stop:
        status = _reported(str(stop), STATUS_INTERRUPTED)
    except KeyboardInterrupt:
        status = _reported("stopped", STATUS_INTERRUPTED)
    except BrokenPipeError:  # the reader of the output, such as `head`, has closed it
        give_up_output()
        status = 0
    except OSError as error:  # errors of files are RunErrors; any other is of the output
        give_up_output()
        where = "the output" if error.filename is None else error.filename
        status = _reported(f"cannot continue with {where}: {(error.strerror or str(error)).lower()}", STATUS_MISTAKE)
    except MemoryError:
        status = _reported("there is not enough memory for this", STATUS_MISTAKE)
    if arguments is None:  # the process ends: it need not collect all that was imported, several times, before
        gc.freeze()
    sys.exit(status)


def _status_of(arguments: list[str]) -> int:
    """Run one command; the parser ends by SystemExit after --help, and rich where the output is closed."""
    try:
        return run(arguments)
    except SystemExit:
        return 0


def _reported(line: str, status: int) -> int:
    print(f"songrnn: {line}", file=sys.stderr)
    return status


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
    if name in ONE_BLAS_THREAD:  # before NumPy is loaded, which opens OpenBLAS's threads
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    module = import_module(f"songrnn.cli.{name}")
    module.run(parse(module, name, rest))
    return 0


def parse(module: Any, name: str, arguments: Sequence[str]) -> Any:
    """The command's settings from its flags; ends the process after --help.

    Raises SettingsError, in the words of the command line, for a flag that does not exist or cannot have its value.
    """
    from songrnn.cli.plain_flags import plain_settings

    try:
        plain = None if hasattr(module, "defaults") else plain_settings(module.Command, arguments)
        return _parsed(module, name, arguments) if plain is None else plain
    except SettingsError as error:
        raise error.of_flag() from error


def _parsed(module: Any, name: str, arguments: Sequence[str]) -> Any:
    import tyro

    _mark_flags(module.Command)
    defaults = module.defaults(arguments) if hasattr(module, "defaults") else None
    said = io.StringIO()
    try:
        with one_line_each(arguments), redirect_stderr(said):
            return tyro.cli(
                module.Command,
                prog=f"songrnn {name}",
                description=cleandoc(module.Command.__doc__),
                args=arguments,
                default=defaults,
                config=(tyro.conf.OmitArgPrefixes, tyro.conf.FlagCreatePairsOff),
            )
    except SystemExit as end:
        if not end.code:
            raise
        raise SettingsError(f"{complaint(said.getvalue())}. Try: songrnn {name} --help") from end


def _mark_flags(settings: "type[Settings]") -> None:
    """Translate `songrnn.settings.Flag` for the parser, in the annotations of these settings and of nested ones."""
    import tyro

    from songrnn.settings import Flag, Settings

    def in_words_of_tyro(name: str, mark: object) -> tuple[object, ...]:
        if not isinstance(mark, Flag):
            return (mark,)
        if not mark.positional:
            return (tyro.conf.arg(name=mark.name),)
        shown, hint = (
            (name.upper(), REQUIRED) if settings.model_fields[name].is_required() else (f"[{name.upper()}]", None)
        )
        return tyro.conf.Positional, tyro.conf.arg(metavar=shown, help_behavior_hint=hint)

    for name, hint in settings.__annotations__.items():
        if hasattr(hint, "__metadata__"):
            marks = [word for mark in hint.__metadata__ for word in in_words_of_tyro(name, mark)]
            settings.__annotations__[name] = Annotated[hint.__origin__, *marks]
        elif hint is bool and settings.model_fields[name].default is True:
            settings.__annotations__[name] = Annotated[hint, tyro.conf.arg(help_behavior_hint=_switch_hint)]
        elif isinstance(hint, type) and issubclass(hint, Settings):
            _mark_flags(hint)


def _switch_hint(default: str) -> str:
    """The help text of a switch that is on unless the command's own defaults, such as a preset's, turn it off."""
    return "(default: yes; this flag turns it off)" if default == "True" else f"(default: {default})"


def version() -> str:
    """The text of `songrnn --version`: version and engine."""
    from songrnn.engines.select import NOT_BUILT, native_module, used_here
    from songrnn.engines.settings import EngineSettings

    lines = [f"songrnn {songrnn.__version__}", f"engine: {used_here(EngineSettings())}"]
    return "\n".join(lines if native_module() else [*lines, f"note: {NOT_BUILT}"])


def overview() -> str:
    """The text of `songrnn --help`."""
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
            "songrnn COMMAND --help explains a command; songrnn --version shows the version.",
        ]
    )


def _one_line(error: SongrnnError) -> str:
    return " ".join(str(error).split())
