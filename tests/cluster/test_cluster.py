"""Every command on two nodes, of which one is killed on the way: the results are those of one machine."""

import dataclasses
from contextlib import nullcontext

import pytest

from node_tasks import ask_twice, full_disk_on, number_and_node
from songrnn.cli import search as search_command
from songrnn.cli import study as study_command
from songrnn.cli import train as train_command
from songrnn.cli.main import parse
from songrnn.cluster.files import files_in
from songrnn.cluster.placing import places_for
from songrnn.cluster.running import Task, result_with_messages, results_in_order
from songrnn.composing.bulk import BulkFile
from songrnn.composing.composer import Composer
from songrnn.composing.request import Request
from songrnn.corpus.corpus import Corpus, read_corpus
from songrnn.corpus.packed.folder import open_packed
from songrnn.corpus.packed.pack import pack_corpus
from songrnn.corpus.settings import CorpusSettings
from songrnn.engines.settings import SamplingSettings
from songrnn.errors import ClusterError, Interrupted, OriginalityError
from songrnn.evaluation.scorecard import judge
from songrnn.model.counting import count_packed
from songrnn.model.settings import NO_PLACES, ModelSettings
from songrnn.study.space import StudySettings
from songrnn.study.stages import begin_study
from songrnn.training.learner import Job
from songrnn.training.loop import train
from songrnn.training.settings import TrainingSettings
from study_here import HERE
from tiny import JIG, REEL, TUNES, abc_file_of

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own, of its processes and sockets

CORPUS = Corpus("tunebook", tuple(TUNES[:25]), tuple(TUNES[25:28]), tuple(TUNES[28:31]), (), {}, ("test",))
MODEL = ModelSettings(hidden_size=8, embedding_size=4, copying=False, ngrams=(), **NO_PLACES)
TRAINING = TrainingSettings(epochs=2, window=16, batch_size=4, warmup_steps=0, device="cpu", threads=1, ensemble=1)
REQUEST = Request(sampling=SamplingSettings(max_characters=60, seed=4), count=64)


@pytest.fixture(autouse=True)
def no_loss_plots(monkeypatch):
    monkeypatch.setattr("songrnn.training.learner.write_loss_plot", lambda *_: [])


@pytest.fixture(scope="module")
def tunes_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "tunes.abc"
    path.write_text(abc_file_of(), encoding="utf-8")
    return CorpusSettings(sources=(str(path),))


@pytest.fixture(scope="module")
def packed(tunes_file, tmp_path_factory):
    return open_packed(pack_corpus(tunes_file, tmp_path_factory.mktemp("packed") / "tunes", finish=count_packed))


def test_results_come_in_order_and_lost_tasks_run_again(two_nodes, connection, capfd):
    tasks = (Task(number_and_node, (number, 0.2)) for number in range(12))
    found = []
    for number, node in results_in_order(connection, tasks, ahead=6):
        found.append((number, node))
        if {node for _, node in found} == {"127.0.0.2", "127.0.0.3"}:
            two_nodes.kill_other()
    assert [number for number, _ in found] == list(range(12))
    assert two_nodes.other is None, "no task ran on the second node"
    assert capfd.readouterr().out == "", "Ray's messages are not the command's output"


def test_a_task_and_the_command_exchange_messages(connection):
    assert result_with_messages(connection, Task(ask_twice, (3,)), lambda content: 10 * content) == [30, 40]


def test_where_the_disk_is_full_another_node_does_the_task(connection):
    for full in ("127.0.0.2", "127.0.0.3"):
        [node] = results_in_order(connection, [Task(full_disk_on, ((full,),))], ahead=1)
        assert node != full
    tasks = [Task(full_disk_on, (("127.0.0.2", "127.0.0.3"),))]
    with pytest.raises(ClusterError, match=r"node 127\.0\.0\.\d: no space left on device; node 127.*Make room there"):
        list(results_in_order(connection, tasks, ahead=1))


def test_a_file_composed_on_two_nodes_is_that_of_one_machine(two_nodes, connection, checkpoint_file, tmp_path):
    from songrnn.cluster.composing import ClusterComposer

    composer = Composer(checkpoint_file)
    list(BulkFile(composer, REQUEST, tmp_path / "alone.abc").compose())

    def file():
        source = ClusterComposer(connection, composer, checkpoint_file)
        return BulkFile(composer, REQUEST, tmp_path / "shared.abc", source=source)

    tunes = file().compose()
    for _ in range(10):
        next(tunes)
    two_nodes.kill_other()
    for _ in range(20):
        next(tunes)
    tunes.close()  # the command is stopped, and repeated
    resumed = file()
    assert resumed.done == 30
    assert len(list(resumed.compose())) == REQUEST.count - 30
    assert (tmp_path / "shared.abc").read_bytes() == (tmp_path / "alone.abc").read_bytes()
    assert sorted(path.name for path in tmp_path.glob("*.abc*")) == ["alone.abc", "shared.abc"]


def test_tunes_before_one_that_cannot_be_composed_are_kept(connection, checkpoint_file, monkeypatch):
    from songrnn.cluster import composing

    error = OriginalityError("tune 2 could not be composed")
    tune = composing.ShardTune("t", JIG, "", 1)
    shards = [composing.ShardResult((tune, tune)), composing.ShardResult((tune,), error)]
    monkeypatch.setattr(composing, "results_in_order", lambda *_, **__: iter(shards))
    tunes = composing.ClusterComposer(connection, Composer(checkpoint_file), checkpoint_file).compose_request(REQUEST)
    assert [next(tunes) for _ in range(3)] == [tune] * 3
    with pytest.raises(OriginalityError, match="tune 2"):
        next(tunes)


def test_a_scorecard_from_two_nodes_is_that_of_one_machine(connection):
    from songrnn.cluster.judging import ClusterMeasuring

    def card(**options):
        return judge([JIG, REEL], TUNES[:4], tell_apart=False, **options).as_json()

    assert repr(card(measure=ClusterMeasuring(connection))) == repr(card())


def test_a_search_on_two_nodes_finds_what_one_machine_finds(two_nodes, connection, tmp_path, monkeypatch):
    from songrnn.cluster.searching import trainings_on
    from songrnn.search.search import search
    from songrnn.search.settings import SearchSettings

    monkeypatch.setattr("songrnn.search.worker.write_pictures", lambda *_: None)
    settings = SearchSettings(axes=("learning_rate", "dropout"), trials=3, minutes=10)

    def found(name, **options):
        result = search(
            CORPUS, out=tmp_path / name, name="s", model=MODEL, training=TRAINING, settings=settings, **options
        )
        best = (tmp_path / name / "best.safetensors").stat().st_size
        return [(t.number, t.state, dict(t.values), t.bits_per_character) for t in result.trials], best

    def kill(trial, fraction):
        if two_nodes.other is not None and fraction > 0:
            two_nodes.kill_other()

    assert found("shared", trainings=trainings_on(connection, TRAINING), report=kill) == found("alone")
    assert two_nodes.other is None


def test_a_study_of_a_packed_corpus_on_two_nodes_has_the_results_and_tunes_of_its_files_on_one_machine(
    two_nodes, connection, tunes_file, packed, tmp_path, monkeypatch
):
    from songrnn.cluster.studying import workers_on

    monkeypatch.setattr("songrnn.study.stages.write_study_report", lambda *_: None)
    settings = StudySettings(cells=("gru",), hidden_sizes=(8,), dropouts=(0.1,), seeds=2, epochs=2)
    training = TrainingSettings(window=16, batch_size=8, device="cpu")

    def done(name, corpus, workers, report=lambda _step: None):
        study = begin_study(
            corpus,
            out=tmp_path / name,
            settings=settings,
            model=MODEL,
            training=training,
            workers=workers,
            report=report,
        )
        tunes = [path.read_text() for path in sorted(study.folder.glob("compositions/*/tunes.json"))]
        files = {name for name in files_in(study.folder) if "/loss." not in name}
        results = [{**dataclasses.asdict(result), "seconds": 0} for result in study.results]
        return results, tunes, files

    def kill(_step):
        two_nodes.kill_other()

    shared = done("shared", packed, workers_on(connection), kill)
    assert two_nodes.other is None
    assert len(shared[0]) == 2
    assert len(shared[1]) == 1
    assert shared == done("alone", read_corpus(tunes_file), HERE)


def test_a_job_of_a_study_that_fails_unexpectedly_ends_the_study(connection, tmp_path, monkeypatch):
    from songrnn.cluster import studying

    def fail(*_):
        raise KeyError("unexpected")

    monkeypatch.setattr(studying, "result_with_messages", fail)
    monkeypatch.setattr(studying, "needed_files", lambda job: {})
    with studying.ClusterPool(connection, 1) as pool, pytest.raises(KeyError, match="unexpected"):
        list(pool.run([{"kind": "train", "folder": str(tmp_path), "trial": "t"}]))


SHARED = TRAINING.replace(workers=2, batching="lanes", save_seconds=0.001, epochs=3)
UNDROPPED = MODEL.replace(dropout=0, input_dropout=0, weight_dropout=0)  # every process draws its own dropout


@pytest.fixture(scope="module")
def trained_alone(tunes_file, tmp_path_factory):
    """The run of one process, with the same batches."""
    out = tmp_path_factory.mktemp("runs") / "alone"
    return train(read_corpus(tunes_file), out=out, model=UNDROPPED, training=SHARED.replace(workers=1))


def shared_run(connection, corpus, out, **options):
    from songrnn.cluster.training import ClusterTeam

    return train(corpus, out=out, model=UNDROPPED, training=SHARED, together=ClusterTeam(connection), **options)


def assert_same_curve(run, other):
    ours, theirs = ([(r["step"], r["bits_per_character"]) for r in found] for found in map(validations, (run, other)))
    assert [step for step, _ in ours] == [step for step, _ in theirs]
    assert [bits for _, bits in ours] == pytest.approx([bits for _, bits in theirs], abs=1e-4)
    assert run.bits_per_character == pytest.approx(other.bits_per_character, abs=1e-4)


def validations(run):
    return [record for record in run.records if record["kind"] == "validation"]


def test_a_training_shared_by_two_nodes_is_that_of_one_machine(connection, trained_alone, tunes_file, tmp_path):
    run = shared_run(connection, read_corpus(tunes_file), tmp_path / "shared")
    assert "resumed" not in {record["kind"] for record in run.records}
    assert_same_curve(run, trained_alone)


def test_a_shared_training_that_loses_a_node_goes_on_from_its_snapshot(
    two_nodes, connection, trained_alone, packed, tmp_path
):
    def kill(record, fraction):
        if record["kind"] == "validation":
            two_nodes.kill_other()

    run = shared_run(connection, packed, tmp_path / "shared", report=kill)
    assert two_nodes.other is None
    assert [record["kind"] for record in run.records].count("resumed") >= 1
    assert_same_curve(run, trained_alone)


def test_more_workers_than_cores_are_refused_before_anything_is_written(connection, tunes_file, tmp_path, monkeypatch):
    monkeypatch.setattr("songrnn.cluster.connecting.connected", lambda address: nullcontext(connection))
    arguments = [*tunes_file.sources, "--workers", "5", "--ray", connection.address, "--out", str(tmp_path / "run")]
    wanted = r"5 workers need 5 cores, and the Ray cluster at .* has 2: use --workers 2"
    with pytest.raises(ClusterError, match=wanted):
        train_command.run(parse(train_command, "train", arguments))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("command", [search_command, study_command, train_command])
def test_a_packed_corpus_that_a_node_lacks_is_refused_before_anything_is_written(
    connection, packed, tmp_path, monkeypatch, command
):
    def lack(paths):
        raise ClusterError(f"node 127.0.0.3 has no {paths[0]}")

    monkeypatch.setattr("songrnn.cluster.connecting.connected", lambda address: nullcontext(connection))
    monkeypatch.setattr(connection, "refuse_missing", lack)
    name = command.__name__.rpartition(".")[2]
    arguments = [str(packed.path), "--ray", connection.address, "--out", str(tmp_path / "out")]
    arguments += ["--workers", "2"] if name == "train" else []
    with pytest.raises(ClusterError, match=rf"node 127\.0\.0\.3 has no {packed.path}/corpus\.json"):
        command.run(parse(command, name, arguments))
    assert not (tmp_path / "out").exists()


def test_a_training_that_is_stopped_while_it_waits_for_cores_says_how_to_resume(connection, tmp_path):
    from songrnn.cluster.training import ClusterTeam

    job = Job(tmp_path, CORPUS, MODEL, TRAINING.replace(workers=2, batching="lanes"))
    busy = places_for(connection, 2, 1, check=lambda: None)
    wanted = rf"stopped before .* To go on: songrnn train --resume {tmp_path} --ray"
    with busy, pytest.raises(Interrupted, match=wanted):
        ClusterTeam(connection)(job, report=lambda *_: None, stop=lambda: True)
