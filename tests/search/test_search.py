"""A search finds something, prunes trials that fall back, loses nothing, and shares its trials."""

import csv
import json
import sqlite3
import time

import optuna
import pytest

from processes import begin_search_worker
from songrnn.checkpoint import Checkpoint
from songrnn.corpus.corpus import Corpus
from songrnn.errors import CorpusError, Interrupted, MissingExtra, RunError, SettingsError
from songrnn.model.settings import ModelSettings
from songrnn.search import search as searching
from songrnn.search import storage
from songrnn.search.search import search
from songrnn.search.settings import SearchSettings
from songrnn.search.storage import SearchStorage
from songrnn.training import loop
from songrnn.training.settings import TrainingSettings

TUNES = tuple(f"M:4/4\nL:1/8\nK:Cmaj\n{a}{b}{a}{b}|{b}{a}{b}{a}|\n" for a in "CDEFG" for b in "cdefg")
SMALL = ModelSettings(hidden_size=8, embedding_size=4)
QUICK = TrainingSettings(epochs=1, window=16, batch_size=4, warmup_steps=0, device="cpu", threads=1, ensemble=1)
RATES = SearchSettings(axes=("learning_rate", "dropout"), trials=3, minutes=1)


@pytest.fixture(autouse=True)
def no_loss_plots(monkeypatch):
    """Drawing the curves of every trial takes longer than the trial; tests/training looks at them."""
    monkeypatch.setattr(loop, "write_loss_plot", lambda *_: [])


def corpus_of(training=TUNES, validation=TUNES[:3]):
    return Corpus("tunebook", tuple(training), tuple(validation), (), (), {}, ("test",))


def small_search(out, **changes):
    arguments = {"out": out, "name": "s", "model": SMALL, "training": QUICK, "settings": RATES} | changes
    return search(arguments.pop("corpus", corpus_of()), **arguments)


def stop_after(count):
    """A `stop` that says yes at its `count`-th call, and from then on."""
    left = iter([False] * (count - 1))
    return lambda: next(left, True)


def rows_of(folder):
    with (folder / "search.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_search_leaves_its_table_its_best_settings_and_the_run_of_the_best_trial_only(tmp_path):
    result = small_search(tmp_path / "out")
    assert [row["state"] for row in rows_of(tmp_path / "out")] == ["finished"] * 3
    best = min(result.trials, key=lambda trial: trial.bits_per_character)
    assert result.best == best
    checkpoint = Checkpoint.load(tmp_path / "out" / "best.safetensors")
    assert checkpoint.training["best"]["bits_per_character"] == best.bits_per_character
    assert checkpoint.model.dropout == best.values["dropout"]
    assert [path.name for path in (tmp_path / "out" / "trials").iterdir()] == [f"{best.number:04d}"]
    settings = json.loads((tmp_path / "out" / "best-settings.json").read_text())
    assert settings["training"]["learning_rate"] == best.values["learning_rate"]
    assert "<svg" in (tmp_path / "out" / "history.svg").read_text()
    assert (tmp_path / "out" / "slice.png").read_bytes().startswith(b"\x89PNG")
    assert "The search s" in (tmp_path / "out" / "index.html").read_text()


def test_a_continued_search_tries_what_an_unbroken_one_would_have(tmp_path):
    small_search(tmp_path / "whole")
    known = []
    small_search(tmp_path / "pieces", settings=RATES.replace(trials=1))
    small_search(tmp_path / "pieces", found=known.extend)
    assert [trial.number for trial in known] == [0]
    keys = ("learning_rate", "dropout", "bits_per_character")
    whole, pieces = ([[row[key] for key in keys] for row in rows_of(tmp_path / name)] for name in ("whole", "pieces"))
    assert whole == pieces
    assert len({row[0] for row in whole}) == 3


def test_a_stopped_trial_is_marked_and_its_settings_are_tried_again(tmp_path):
    with pytest.raises(Interrupted, match="stopped with 0 trials finished, 0 pruned"):
        small_search(tmp_path / "out", stop=stop_after(4))
    (stopped,) = rows_of(tmp_path / "out")
    assert (stopped["state"], stopped["reason"]) == ("failed", "stopped; to be tried again")
    result = small_search(tmp_path / "out", settings=RATES.replace(trials=1))
    assert [trial.state for trial in result.trials] == ["failed", "finished"]
    assert result.trials[0].values == result.trials[1].values


def test_a_trial_that_falls_back_is_pruned_and_shown(tmp_path):
    settings = RATES.replace(axes=("learning_rate=0.000001:0.05",), trials=12, sampler="random", pruner="median")
    training = QUICK.replace(epochs=5, patience=0)
    corpus = corpus_of(TUNES[:8])
    ends = []
    result = small_search(
        tmp_path / "out",
        corpus=corpus,
        training=training,
        settings=settings,
        report=lambda trial, fraction: ends.append((trial.state, fraction)),
    )
    pruned = [trial for trial in result.trials if trial.state == "pruned"]
    assert pruned
    assert all(trial.bits_per_character > result.best.bits_per_character for trial in pruned)
    assert all(0.2 <= fraction < 1 for state, fraction in ends if state == "pruned")
    assert [row["state"] for row in rows_of(tmp_path / "out")].count("pruned") == len(pruned)
    assert "pruned" in (tmp_path / "out" / "index.html").read_text()
    assert (tmp_path / "out" / "importances.svg").exists()


def test_a_trial_that_diverges_fails_and_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "validate", lambda *_, **__: type("Nothing", (), {"bits_per_character": float("nan")}))
    with pytest.raises(RunError, match=r"no trial of the search 's' has finished after 3 trials \(trial 0: diverged\)"):
        small_search(tmp_path / "out")
    assert [row["reason"] for row in rows_of(tmp_path / "out")] == ["diverged"] * 3
    assert list((tmp_path / "out" / "trials").iterdir()) == []


def test_a_trial_too_large_for_the_memory_fails_and_the_search_continues(tmp_path, monkeypatch):
    errors = iter([RuntimeError("DefaultCPUAllocator: can't allocate memory")])

    def validate(*arguments, **names):
        if error := next(errors, None):
            raise error
        return real(*arguments, **names)

    real = loop.validate
    monkeypatch.setattr(loop, "validate", validate)
    result = small_search(tmp_path / "out")
    assert [(trial.state, trial.reason) for trial in result.trials][:2] == [
        ("failed", "out of memory"),
        ("finished", ""),
    ]


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """The folder of a search with one trial, which no test changes."""
    folder = tmp_path_factory.mktemp("begun") / "out"
    small_search(folder, settings=RATES.replace(trials=1))
    return folder


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"corpus": corpus_of(TUNES[1:])}, "has another corpus .*choose another --name"),
        ({"settings": RATES.replace(axes=("dropout",))}, r"other axes \(dropout=0:0.6 learning_rate=0.0005:0.02\)"),
        ({"model": SMALL.replace(cell="rnn")}, "has cell = lstm, not rnn"),
        ({"training": QUICK.replace(epochs=2)}, "has epochs = 1.0, not 2.0"),
    ],
)
def test_another_search_under_the_same_name_is_refused(begun, changes, match):
    with pytest.raises(SettingsError, match=match):
        small_search(begun, **changes)
    assert len(rows_of(begun)) == 1


def test_a_folder_of_another_search_is_refused(begun):
    with pytest.raises(RunError, match="holds the results of another search; choose another --out"):
        small_search(begun, name="other")


def test_a_corpus_without_validation_tunes_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(CorpusError, match="no validation tune"):
        small_search(tmp_path / "out", corpus=corpus_of(validation=()))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("storage", "error", "match"),
    [
        (
            "nonsense me:s3cret@host",
            SettingsError,
            "--storage is no address of a database; expected one such as sqlite",
        ),
        ("postgresql://me:s3cret@host:port/x", SettingsError, "no address of a database"),
        ("redis://me:s3cret@host", SettingsError, "unknown kind of database, 'redis'"),
        (
            "postgresql+psycopg2://me:s3cret@localhost:1/x",
            MissingExtra,
            r"me:\*\*\*@.*needs the Python package psycopg2",
        ),
        ("sqlite:///nowhere/x.db", SettingsError, "cannot be made: there is no folder nowhere"),
        ("sqlite://", SettingsError, "in memory and would be lost"),
        ("sqlite:///x.db?password=s3cret", SettingsError, "takes nothing after '\\?'"),
        ("sqlite:///FOLDER", SettingsError, "is a folder; name a file in it"),
        ("sqlite:///FOLDER/text", RunError, "file is not a database"),
    ],
)
def test_an_address_that_cannot_be_used_is_one_line_without_its_password(tmp_path, storage, error, match):
    (tmp_path / "text").write_text("no database at all, but long enough to be looked at as one " * 20)
    begun = time.monotonic()
    with pytest.raises(error, match=match) as raised:
        small_search(tmp_path / "out", storage=storage.replace("FOLDER", str(tmp_path)))
    assert "s3cret" not in str(raised.value)
    assert "\n" not in str(raised.value)
    assert time.monotonic() - begun < 5
    assert not (tmp_path / "out").exists()


def test_a_path_with_odd_characters_is_a_database(tmp_path):
    folder = tmp_path / "we{ir}d?x%20 y"
    small_search(folder, settings=RATES.replace(trials=1))
    assert (folder / "search.db").exists()
    with sqlite3.connect(folder / "search.db") as database:
        assert database.execute("SELECT count(*) FROM trials").fetchone() == (1,)
    database.close()


@pytest.mark.parametrize(
    ("failure", "match"),
    [
        (TimeoutError("timed out"), "does not answer within 5 seconds"),
        (
            RuntimeError("set up by optuna 1.0\nfor s3cret"),
            r"mysql\+pymysql://me:\*\*\*@host/x cannot be used: set up by",
        ),
        (OSError("no route to s3cret"), r"no route to \*\*\*"),
    ],
)
def test_a_driver_that_fails_in_its_own_way_is_one_line(monkeypatch, failure, match):
    def refuse(*_, **__):
        raise failure

    monkeypatch.setattr(storage, "_PatientStorage", refuse)
    with pytest.raises(RunError, match=match) as raised:
        SearchStorage("mysql+pymysql://me:s3cret@host/x").open(heartbeat_seconds=1)
    assert "s3cret" not in str(raised.value)


def test_the_password_in_an_address_is_never_shown():
    address = "mysql+pymysql://me:s3cret@host/x?ssl_password=t0psecret&charset=utf8"
    assert "s3cret" not in str(SearchStorage(address))
    assert "t0psecret" not in str(SearchStorage(address))
    assert "charset=utf8" in str(SearchStorage(address))


def test_a_trial_whose_worker_died_before_its_first_sign_of_life_blocks_nobody(tmp_path, monkeypatch):
    folder = tmp_path / "out"
    with pytest.raises(Interrupted):
        small_search(folder, stop=lambda: True)
    optuna.load_study(study_name="s", storage=f"sqlite:///{folder / 'search.db'}").ask()
    monkeypatch.setattr(searching, "GRACE_BEATS", 0.5)
    result = small_search(folder, settings=RATES.replace(trials=1, heartbeat_seconds=1))
    assert [(trial.state, trial.reason) for trial in result.trials] == [("failed", "its worker died"), ("finished", "")]


def test_two_processes_share_one_sqlite_file_and_the_trials_of_killed_ones_are_tried_again(tmp_path):
    settings = {"model": SMALL, "training": QUICK, "settings": RATES.replace(trials=1000, heartbeat_seconds=1)}
    workers = [begin_search_worker(corpus_of(), out=tmp_path / "out", name="s", **settings) for _ in range(2)]
    for _, messages in workers:
        assert messages.recv() == "in its third trial"
    for process, _ in workers:
        process.kill()
        process.join()
    result = small_search(tmp_path / "out", settings=RATES.replace(trials=6, heartbeat_seconds=1))
    died = [trial for trial in result.trials if trial.reason == "its worker died"]
    finished = [trial for trial in result.trials if trial.state == "finished"]
    assert (len(result.trials), len(finished), len(died)) == (8, 6, 2)
    assert sorted(trial.values["dropout"] for trial in died) == sorted(
        trial.values["dropout"] for trial in finished if trial.worker not in {other.worker for other in died}
    )
    assert len({trial.values["dropout"] for trial in finished}) == 6
    assert [path.name for path in (tmp_path / "out" / "trials").iterdir()] == [f"{result.best.number:04d}"]
