"""`songrnn demo`: everything in a few minutes, on old tunebooks, ending in a page to look at and listen to."""

import re
import shutil
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from pydantic import Field
from rich.console import Console

from songrnn.checkpoint import Checkpoint
from songrnn.cli.bar import with_bar
from songrnn.cli.classifier import train_classifier
from songrnn.cli.progress import TrainingProgress
from songrnn.cli.train import StopOnInterrupt, index_run, training_loop
from songrnn.composing.composer import Composer
from songrnn.composing.composition import Composition
from songrnn.composing.request import RequestOptions
from songrnn.corpus.corpus import Corpus, read_corpus
from songrnn.corpus.settings import CorpusSettings
from songrnn.engines.settings import EngineSettings
from songrnn.errors import CorpusError, MissingExtra, PromptError, RunError, SettingsError
from songrnn.evaluation.bits_per_character import bits_per_character
from songrnn.model.settings import ModelSettings
from songrnn.neurons.heatmap import liveliest, neuron_grid, overview_figure
from songrnn.neurons.record import record_activations
from songrnn.pages.document import Figure, Table
from songrnn.pages.drawing import picture
from songrnn.rendering.folder import NamedTune, PageContent, render_to_folder
from songrnn.settings import Flag, Positional, Settings
from songrnn.storage import free_folder, is_free, locked_folder, refuse_to_overwrite, write_whole
from songrnn.training.journal import Journal, Record
from songrnn.training.plots import loss_plot
from songrnn.training.settings import TrainingSettings

MARK = "demo.json"  # the settings of the demo in a folder
CELLS = ("lstm", "rnn")
TUNES = 4
CANDIDATES = 16
"""Candidates for each tune that is shown, as with `songrnn compose --best-of`."""
NO_FORM: RequestOptions = {"without": '"'}  # annotations are words, which a network of a few minutes does not spell
FORM: RequestOptions = {"bars": 16, "parts": "AABB", "end_on_tonic": True, **NO_FORM}
"""The requested form beside the header, as most tunes of the collections are built."""
CLASSIFIER_TUNES = 300
"""Tunes of the collections on which the classifier is trained, beside twice as many composed: a quarter of a minute."""
HEADER = re.compile(r"(?:[RML]:.*\n)*K:.*\n")
SHOWN_NEURONS = 3


class Command(Settings):
    """All of it in a few minutes, on the collections of O'Neill, Ryan and Aird.

    Trains an LSTM and a plain RNN of the same size, composes four tunes with the LSTM, and writes a page with scores,
    sound, the curves of both, a table that compares them, and heatmaps of neurons.

    Example: songrnn demo --minutes 1
    """

    sources: Positional[tuple[str, ...]] = Field(("folk",), min_length=1, description="what to learn from")
    out: Path = Field(
        default_factory=lambda: free_folder(Path("demo")),
        description="folder for the page and the runs; default: demo, numbered if it exists",
    )
    overwrite: Annotated[bool, Flag("replace")] = Field(False, description="replace an earlier demo in --out")
    minutes: float = Field(1.5, gt=0, description="minutes of training for each of the two networks")
    hidden_size: int = Field(256, ge=1, le=8192, description="neurons of each of the two networks")
    seed: int = Field(0, ge=0, lt=2**63, description="seed of weights, order and tunes")


def run(command: Command) -> None:
    """Train, compose, look inside, write the page; the page's path is the last line."""
    with locked_folder(command.out):
        _begin(command)
        _demonstrate(command)


def _begin(command: Command) -> None:
    """Mark the folder as a demo's, and remove an earlier one; raises RunError where it has other content."""
    mark = command.out / MARK
    if not is_free(command.out) and not mark.is_file():
        raise RunError(f"{command.out} is there and holds no demo; choose another --out")
    refuse_to_overwrite([mark], replace=command.overwrite)
    for cell in CELLS:
        shutil.rmtree(command.out / cell, ignore_errors=True)
    write_whole(mark, command.model_dump_json(indent=1) + "\n")


def _demonstrate(command: Command) -> None:
    console = Console(stderr=True, highlight=False)
    corpus = read_corpus(CorpusSettings(sources=command.sources, form="tunebook"))
    for cell in CELLS:
        _train(command, corpus, cell)
    composer = Composer(command.out / "lstm")
    prompts = different_headers(corpus.training, TUNES)
    _make_companions(command.out / "lstm", composer, prompts)
    tunes = [
        _best(composer, prompt, command.seed)
        for prompt in with_bar(prompts, f"composing {CANDIDATES} for each tune", total=len(prompts))
    ]
    report = render_to_folder(
        [NamedTune(_title(tune), tune.abc().replace(tune.title, _title(tune), 1), "composed") for tune in tunes],
        command.out,
        content=PageContent(
            "songrnn: a tunebook in, new tunes out",
            introduction=_introduction(command, corpus, tunes),
            figures=(_curves(command), *_heatmaps(composer, tunes[0])),
            tables=(_comparison(command, corpus),),
        ),
    )
    for failure in report.failures:
        console.print(f"{failure.title}, {failure.format}: {failure.reason}")
    print(report.page)


def _train(command: Command, corpus: Corpus, cell: str) -> None:
    with TrainingProgress(cell.upper()) as progress, StopOnInterrupt() as stop:
        training_loop().train(
            corpus,
            out=command.out / cell,
            model=ModelSettings(cell=cell, hidden_size=command.hidden_size),
            training=TrainingSettings(
                minutes=command.minutes,
                epochs=1_000,
                patience=0,
                ensemble=1,
                validate_every=200,
                seed=command.seed,
            ),
            report=progress.report,
            stop=stop,
        )


def different_headers(tunes: Sequence[str], count: int) -> list[str]:
    """The commonest headers (the lines up to `K:`) of `tunes`, at most `count`, no two of one meter or of one key."""
    headers = Counter(match[0] for tune in tunes if (match := HEADER.match(tune)))
    chosen: list[str] = []
    for header, _ in headers.most_common():
        if all(header_field(header, f) != header_field(other, f) for f in "MK" for other in chosen):
            chosen.append(header)
        if len(chosen) == count:
            break
    return chosen


def header_field(header: str, letter: str) -> str:
    """The value of a field, or "" where there is none."""
    found = re.search(rf"^{letter}:(.*)$", header, flags=re.MULTILINE)
    return found[1] if found else ""


def _title(tune: Composition) -> str:
    """Such as "Reel in Gmaj, 4/4"."""
    kind = header_field(tune.text, "R").capitalize() or "Tune"
    return f"{kind} in {header_field(tune.text, 'K')}, {header_field(tune.text, 'M')}"


def _make_companions(checkpoint: Path, composer: Composer, prompts: Sequence[str]) -> None:
    """Make the files for reranking: the melodies of the training tunes, and a classifier where one can be trained.

    Without scikit-learn, or with too few tunes, there is no classifier, and the first whole tune is kept.
    """
    index_run(checkpoint)
    if all("free" not in _strictest(composer, prompt) for prompt in prompts):
        with suppress(MissingExtra, CorpusError):
            train_classifier(checkpoint, CLASSIFIER_TUNES, EngineSettings())


def _best(composer: Composer, prompt: str, seed: int) -> Composition:
    """The best of CANDIDATES under the strictest constraints that the tunebook's characters can spell."""
    options: RequestOptions = {**_strictest(composer, prompt), "best_of": CANDIDATES, "seed": seed}
    return composer.compose(prompt, **options)


def _strictest(composer: Composer, prompt: str) -> RequestOptions:
    """The first of FORM, bars that add up, and no constraint, that is possible for tunes that begin so."""
    for held_to in (FORM, NO_FORM):
        with suppress(PromptError, SettingsError):
            composer.compose_many(prompt, count=1, **held_to)
            return held_to
    return {"free": True}


def _introduction(command: Command, corpus: Corpus, tunes: list[Composition]) -> str:
    shown = ", ".join(f"number {tune.number + 1}" for tune in tunes)
    return (
        f"An LSTM and a plain RNN of {command.hidden_size} neurons each read {len(corpus.training):,} tunes "
        f"({sum(map(len, corpus.training)):,} characters of {', '.join(corpus.sources)}), one character at a time, for "
        f"{command.minutes:g} minutes each. The LSTM composed the tunes below. It was given a header, one of "
        f"the commonest ones of the tunebook, of different meters and keys{_requested_form(tunes)}.\n\n"
        f"For each header it composed {CANDIDATES} tunes with seed {command.seed}, and the best is shown, as with "
        f"songrnn compose --best-of {CANDIDATES}: {shown}. {_strictness(tunes)}"
    )


def _requested_form(tunes: Sequence[Composition]) -> str:
    """The requested form, as the end of a sentence; "" where none was possible."""
    if not all(tune.requested.parts for tune in tunes):
        return ""
    return ", with a requested form: two parts of eight bars, each repeated, an ending on the tonic, and no annotations"


def _strictness(tunes: list[Composition]) -> str:
    """The constraints of the tunes, and the probability that they removed."""
    if any(tune.settings.free for tune in tunes):
        return "This tunebook's characters cannot spell every tune validly, so some were not constrained."
    removed = sum(tune.mass_removed for tune in tunes) / len(tunes)
    return (
        "Characters that could not lead to a valid tune whose bars add up were never drawn; the network had given them "
        f"{removed:.1%} of its probability."
    )


def _journals(command: Command) -> dict[str, list[Record]]:
    return {cell.upper(): Journal(command.out / cell / "journal.jsonl").read() for cell in CELLS}


def _curves(command: Command) -> Figure:
    pictures = loss_plot(_journals(command))
    caption = "Bits per character: on the training tunes while learning, on all validation tunes. Lower is better."
    return Figure("How they learned", pictures["svg"], pictures["png"], caption)


def _comparison(command: Command, corpus: Corpus) -> Table:
    """LSTM against RNN, on validation tunes and on test tunes, which selected nothing."""
    rows = []
    for cell, journal in _journals(command).items():
        checkpoint = Checkpoint.load(command.out / cell.lower() / "checkpoint.safetensors")
        best = checkpoint.training["best"]
        speeds = [entry["characters_per_second"] for entry in journal if entry["kind"] == "learning"]
        rows.append(
            (
                cell,
                f"{command.hidden_size}",
                f"{journal[0]['parameters']:,}",
                f"{best['epoch']:.1f}",
                f"{sorted(speeds)[len(speeds) // 2]:,}" if speeds else "-",
                f"{best['bits_per_character']:.3f}",
                f"{bits_per_character(checkpoint, corpus.test):.3f}",
            )
        )
    header = ("cell", "neurons", "weights", "epochs", "characters/s", "validation", "test")
    caption = (
        f"After {command.minutes:g} minutes of training each, one seed. Validation and test: bits per character over "
        "every character of every held-out tune; no variant of a held-out tune was learned from. "
        f"{_convergence(_journals(command))}"
    ).rstrip()
    return Table("LSTM against plain RNN", header, tuple(rows), caption)


def _convergence(journals: dict[str, list[Record]]) -> str:
    """Which networks were still improving at their last validation; "" where none was."""
    validations = {cell: [one for one in journal if one["kind"] == "validation"] for cell, journal in journals.items()}
    improving = [cell for cell, records in validations.items() if records and records[-1]["best"]]
    if not improving:
        return ""
    return (
        f"{' and '.join(improving)} had not converged: the last validation was the best. The table compares what was "
        "learned in this time, not which network is better in the end."
    )


def _heatmaps(composer: Composer, tune: Composition) -> list[Figure]:
    """The overview of all neurons over the first tune, and those that vary most, character by character."""
    hidden = record_activations(composer.checkpoint, tune.text).of("hidden", 1)
    drawn = overview_figure(tune.text, hidden, title=f"all {hidden.shape[1]} neurons of the LSTM")
    caption = "A row is a neuron, a column a character of the first tune. Red: +1, blue: -1. Forward passes only."
    figures = [Figure("What the neurons do", None, picture(drawn, "png"), caption, wide=True)]
    for neuron in liveliest(hidden, SHOWN_NEURONS):
        drawn = neuron_grid(tune.text, hidden[:, neuron], title=f"neuron {neuron}")
        caption = f"Neuron {neuron} at every character of the first tune."
        figures.append(Figure(f"Neuron {neuron}", None, picture(drawn, "png"), caption, wide=True))
    return figures
