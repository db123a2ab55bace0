"""`songrnn judge`: a scorecard of composed tunes, beside human ones."""

import json
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from songrnn.checkpoint import names_checkpoint
from songrnn.cli.bar import with_bar
from songrnn.cli.cluster import cluster_of
from songrnn.cli.source_tunes import read_source_tunes
from songrnn.cli.streams import print_notes
from songrnn.cluster.settings import ClusterSettings
from songrnn.composing.bulk import TuneSource
from songrnn.composing.composer import Composer
from songrnn.composing.request import Request
from songrnn.corpus.settings import short_name
from songrnn.engines.settings import EngineSettings, SamplingSettings
from songrnn.errors import CorpusError
from songrnn.settings import Flag, Positional, Settings
from songrnn.storage import free_folder, locked_folder, refuse_to_overwrite

if TYPE_CHECKING:
    from songrnn.cluster.connecting import Cluster
    from songrnn.evaluation.scorecard import Measure, Scorecard

DEFAULT_HUMAN = "folk"
FILES = ("index.html", "scorecard.json")
WORST_ON_SCREEN = 5
FEW = 100  # tunes, below which the two-sample test is unreliable


class Command(Settings):
    """Compare composed tunes with human ones: every figure of both sides.

    Of each tune: whether it plays, is valid and its bars add up; key, cadences, range, repeated notes, rests; the
    repetition of its bars and its form. Of all together: how far their notes are from those of human tunes, and whether
    classifiers can separate the two, by characters, by notes, and by figures of the whole tune: 0.5 cannot, 1 always
    can. Names the tunes that are broken or strange, and why.

    A checkpoint composes the tunes first. Human tunes are its held-out tunes, unless --against names others.

    Examples:
      songrnn judge folk
      songrnn judge tunes.abc --against my-tunes.abc
      songrnn judge runs/mine --count 1000 --temperature 0.9 --out judged
    """

    source: Positional[str] = Field(
        min_length=1,
        description="composed tunes: an ABC file or a folder of them; or what composes: the folder of a run, a "
        ".safetensors checkpoint, or folk, the model in the box",
    )
    against: tuple[str, ...] = Field(
        (),
        description="human tunes: files, folders, collections; none: the held-out tunes of the checkpoint, of folk for "
        "a file",
    )
    count: int = Field(200, ge=1, le=1_000_000, description="how many tunes a checkpoint composes")
    sampling: SamplingSettings = SamplingSettings(seed=0)
    computing: EngineSettings = EngineSettings()
    cluster: ClusterSettings = ClusterSettings()
    out: Path | None = Field(
        None,
        description="also write a page and scorecard.json into this folder; default: judged/<source>, numbered if it "
        "exists; with --json only if given",
    )
    overwrite: Annotated[bool, Flag("replace")] = Field(
        False, description="replace the page and scorecard.json in --out, if they are there already"
    )
    as_json: Annotated[bool, Flag("json")] = Field(False, description="print the whole card as one JSON object")


def run(command: Command) -> None:
    """Compose or read, judge, print, write."""
    command = command.replace(sampling=command.sampling.with_seed())
    out = command.out
    if out is None and not command.as_json:
        out = free_folder(Path("judged") / short_name((command.source,)))
    if out is not None:
        refuse_to_overwrite([out / name for name in FILES], replace=command.overwrite)
    human = human_tunes(command)
    with cluster_of(command.cluster) as cluster:
        composed = composed_tunes(command, cluster)
        with nullcontext() if out is None else locked_folder(out):
            _judge(command, composed, human, out, cluster)


def _judge(
    command: Command, composed: Iterable[str], human: Sequence[str], out: Path | None, cluster: "Cluster | None"
) -> None:
    from songrnn.evaluation.report import write_report
    from songrnn.evaluation.scorecard import judge, measured_here

    assert command.sampling.seed is not None
    names = (Path(command.source).name, ", ".join(command.against) or "held-out tunes")
    measure: Measure = measured_here
    if cluster is not None:
        from songrnn.cluster.judging import ClusterMeasuring

        measure = ClusterMeasuring(cluster)
    card = judge(list(composed), human, names=names, seed=command.sampling.seed, bar=with_bar, measure=measure)
    page = None if out is None else write_report(card, out)
    if command.as_json:
        print(json.dumps(card.as_json(), ensure_ascii=False, allow_nan=False))
        return
    _print(card)
    Console(highlight=False).print(f"to look at: {escape(str(page))}", soft_wrap=True)


def human_tunes(command: Command) -> list[str]:
    """The human side; raises CorpusError, with the remedy, where there is none."""
    if command.against:
        return [tune.text for tune in read_source_tunes(command.against)]

    from songrnn.training.held_out import held_out_corpus

    checkpoint = command.source if names_checkpoint(command.source) else DEFAULT_HUMAN
    try:
        corpus = held_out_corpus(checkpoint)
    except CorpusError as error:
        raise CorpusError(f"{error}; name human tunes to compare with: --against FILE") from error
    return [*corpus.validation, *corpus.test]


def composed_tunes(command: Command, cluster: "Cluster | None" = None) -> Iterable[str]:
    """The tunes to judge, as ABC; a checkpoint composes each as it is iterated. Mistakes raise at once."""
    if not names_checkpoint(command.source):
        return [tune.text for tune in read_source_tunes((command.source,))]
    composer = Composer(Path(command.source), command.computing)
    request = Request(sampling=command.sampling, count=command.count)
    print_notes(composer.notes(request))
    source: TuneSource = composer
    if cluster is not None:
        from songrnn.cluster.composing import ClusterComposer

        source = ClusterComposer(cluster, composer, Path(command.source))
    made = source.compose_request(request)
    return (composition.abc() for composition in with_bar(made, "composing", total=command.count))


def _print(card: "Scorecard") -> None:
    from songrnn.evaluation.report import rows, worst

    console = Console(highlight=False)
    ours, theirs = card.composed, card.human
    table = Table(
        "", f"{escape(ours.name)} ({len(ours.tunes):,})", f"{escape(theirs.name)} ({len(theirs.tunes):,})", "better"
    )
    for row in rows(card):
        table.add_row(row.title, row.composed, row.human, escape(row.better))
    console.print(table)
    if min(len(ours.tunes), len(theirs.tunes)) < FEW:
        console.print(f"Fewer than {FEW} tunes on a side: distances and two-sample tests are unreliable.")
    reported = worst(card)
    for tune in reported[:WORST_ON_SCREEN]:
        console.print(f"{tune.number}. {escape(tune.title)}: {escape('; '.join(tune.complaints))}", soft_wrap=True)
    if len(reported) > WORST_ON_SCREEN:
        console.print(f"... and {len(reported) - WORST_ON_SCREEN:,} more tunes that are broken or strange")
