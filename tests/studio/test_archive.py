"""Tunes, versions, tags and sets: kept, changed, found, deleted and restored, in every kind of database."""

import os
import threading

import pytest
from pydantic import ValidationError
from sqlalchemy import inspect, text

from songrnn.errors import AbcSyntaxError, RunError, SettingsError
from songrnn.studio.archive.archive import Archive
from songrnn.studio.archive.records import NewTune, NewVersion, NotKept, SetContent, TuneChange, TuneQuery
from songrnn.studio.archive.sets import Sets
from songrnn.studio.archive.tables import Base
from tiny import JIG, REEL

REQUEST = {"prompt": "M:6/8\n", "sampling": {"seed": 2**64 - 1, "temperature": 1.1}}


def kept(archive, abc=JIG, **fields):
    return archive.keep(NewTune(abc=abc, **fields))


def titles(archive, **query):
    return [tune.title for tune in archive.find(TuneQuery(order="title", **query)).tunes]


def test_the_migrated_tables_are_those_of_the_classes(archive):
    with archive.reading() as session:
        there = inspect(session.connection())
        for table in Base.metadata.sorted_tables:
            columns = {column["name"]: column["nullable"] for column in there.get_columns(table.name)}
            assert columns == {column.name: column.nullable for column in table.columns}
            assert {index["name"] for index in there.get_indexes(table.name)} >= {index.name for index in table.indexes}
            names = {key["name"] for key in there.get_foreign_keys(table.name)}
            assert names == {key.name for key in table.foreign_key_constraints}


def test_a_kept_tune_has_the_facts_of_its_text(archive):
    tune = kept(archive, "X:7\nT:Ärger\\'e\nR: Slip  Jig \nM:9/8\nK:A dorian\nABc|\n", tags=("Z", "a", "a"), stars=3)
    assert (tune.title, tune.rhythm, tune.key, tune.meter) == ("Ärgeré", "slip jig", "Ador", "9/8")
    assert (tune.tags, tune.stars, tune.current) == (("a", "z"), 3, 1)
    assert tune.abc.startswith("X:1\nT:Ärgeré\nR: Slip  Jig \n")
    assert archive.tune(tune.id) == tune


@pytest.mark.parametrize(
    ("abc", "error", "message"),
    [
        ("X:1\nT:Only a title\n", AbcSyntaxError, "expected the field K:"),
        (f"X:1\n{JIG}\nX:2\n{REEL}", SettingsError, "found 2 tunes; import reads several"),
    ],
)
def test_what_is_not_one_tune_is_refused_and_nothing_of_it_kept(archive, abc, error, message):
    with pytest.raises(error, match=message):
        kept(archive, abc)
    assert archive.find(TuneQuery()).total == 0


def test_a_title_may_be_anything_in_one_line_and_stays_text(archive):
    tune = kept(archive, title='50% <script> & "\\ ../../x')
    assert 'T:50\\% <script> \\& "\\\\ ../../x\n' in tune.abc
    assert kept(archive, tune.abc).title == tune.title
    for wrong in ("a\0b", "a\x1b[0m", "\ud800"):
        with pytest.raises(ValidationError, match=r"printable|unicode"):
            NewTune(abc=JIG, title=wrong)


def test_versions_are_a_tree_in_which_one_goes_back_and_forth(archive):
    tune = kept(archive, origin="composed", request=REQUEST, tune_number=2**63 - 1, checkpoint="ab", engine={"k": "v"})
    archive.add_version(tune.id, NewVersion(abc=JIG.replace("DFA", "DFF")))
    archive.change(tune.id, TuneChange(current=1))
    branched = archive.add_version(tune.id, NewVersion(abc=REEL, origin="rewritten"))
    assert [(version.number, version.parent) for version in branched.versions] == [(1, None), (2, 1), (3, 1)]
    assert (branched.current, branched.rhythm) == (3, "reel")
    undone = archive.change(tune.id, TuneChange(current=2))
    assert "DFF" in undone.abc
    assert undone.rhythm == "jig"
    with pytest.raises(NotKept, match=f"tune {tune.id} has no version 4; it has 1 to 3"):
        archive.change(tune.id, TuneChange(current=4))


def test_a_version_keeps_all_that_composes_it_again(archive):
    tune = kept(archive, origin="composed", request=REQUEST, tune_number=2**63 - 1, checkpoint="ab", engine={"k": "v"})
    version = archive.version(tune.id, 1)
    assert version.request["sampling"]["seed"] == 2**64 - 1
    assert version.request["prompt"] == "M:6/8\n"
    assert (version.tune_number, version.checkpoint, version.engine) == (2**63 - 1, "ab", {"k": "v"})
    assert version.can_be_composed_again
    without_seed = archive.add_version(tune.id, NewVersion(abc=JIG, origin="composed", request={}, tune_number=0))
    assert not without_seed.versions[1].can_be_composed_again


def test_a_new_title_stands_in_the_text_of_every_version(archive):
    tune = kept(archive, title="One")
    archive.add_version(tune.id, NewVersion(abc=REEL))
    archive.change(tune.id, TuneChange(title="Two"))
    assert "T:Two\n" in archive.tune(tune.id).abc
    assert "T:Two\n" in archive.change(tune.id, TuneChange(current=1)).abc


def test_what_a_change_leaves_out_stays(archive):
    tune = kept(archive, title="One", tags=("a", "b"), stars=2, notes="slow\nthen fast")
    changed = archive.change(tune.id, TuneChange(tags=("b", "c")))
    assert (changed.title, changed.tags, changed.stars, changed.notes) == ("One", ("b", "c"), 2, "slow\nthen fast")


def test_tunes_are_found_by_title_key_rhythm_meter_tag_stars_and_words(archive):
    kept(archive, title="Éire 100%", tags=("session",), stars=5, notes="from Ann")
    kept(archive, REEL, title="Under_score")
    found = {
        "words": ["eire", "EIRE ann", "100%", "dmaj", "session jig", "geC"],
        "rhythm": ["jig", "Jig"],
        "key": ["Dmaj", "D", "D major"],
        "meter": ["6/8"],
        "tag": ["Session"],
        "stars": [4],
    }
    for name, values in found.items():
        for value in values:
            assert titles(archive, **{name: value}) == ["Éire 100%"], (name, value)
    assert titles(archive, words="under_score") == ["Under_score"]
    assert titles(archive, words="e_re") == titles(archive, words="1%0") == titles(archive, key="nonsense") == []
    assert titles(archive) == titles(archive, words="K:") == ["Éire 100%", "Under_score"]


def test_a_page_of_what_is_found_says_how_many_there_are(archive):
    for stars in range(4):
        kept(archive, title=f"Tune {stars}", stars=stars)
    page = archive.find(TuneQuery(order="stars", offset=1, limit=2))
    assert (page.total, [tune.stars for tune in page.tunes]) == (4, [2, 1])
    assert [tune.stars for tune in archive.find(TuneQuery(limit=1)).tunes] == [3]


def test_a_deleted_tune_is_found_among_the_deleted_only_and_comes_back_whole(archive):
    tune = kept(archive, tags=("a",))
    archive.delete(tune.id)
    assert (titles(archive), len(titles(archive, deleted=True)), archive.tags()) == ([], 1, ())
    restored = archive.restore(tune.id)
    assert restored.model_copy(update={"changed_at": tune.changed_at}) == tune
    assert [(count.value, count.tunes) for count in archive.tags()] == [("a", 1)]


def test_only_what_is_deleted_can_be_removed_for_good(archive):
    tune = kept(archive, tags=("a",))
    archive.add_version(tune.id, NewVersion(abc=REEL))
    Sets(archive).keep(SetContent(title="S", tunes=(tune.id,)))
    with pytest.raises(NotKept, match="is not among the deleted ones; delete it first"):
        archive.remove_for_good(tune.id)
    archive.delete(tune.id)
    archive.remove_for_good(tune.id)
    with archive.reading() as session:
        for table in ("tunes", "versions", "tags", "set_places"):
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0
    assert kept(archive).id == tune.id + 1  # its number does not come again


def test_a_set_keeps_its_order_and_may_repeat_a_tune(archive):
    sets = Sets(archive)
    first, second = kept(archive, title="One"), kept(archive, REEL, title="Two")
    made = sets.keep(SetContent(title="Evening", tunes=(second.id, first.id, second.id)))
    assert [tune.title for tune in made.tunes] == ["Two", "One", "Two"]
    replaced = sets.replace(made.id, SetContent(title="Morning", notes="A D", tunes=(first.id, second.id)))
    assert [tune.title for tune in replaced.tunes] == ["One", "Two"]
    assert sets.all() == (replaced,)
    assert titles(archive, set=made.id) == ["One", "Two"]
    archive.delete(first.id)
    assert [tune.title for tune in sets.get(made.id).tunes] == ["Two"]
    sets.delete(made.id)
    assert (sets.all(), len(sets.all(deleted=True))) == ((), 1)
    assert sets.restore(made.id).title == "Morning"


def test_a_deleted_tune_keeps_its_place_in_a_set_that_is_changed(archive):
    first, second, third = (archive.keep(NewTune(abc=JIG, title=title)) for title in ("One", "Two", "Three"))
    sets = Sets(archive)
    made = sets.keep(SetContent(title="S", tunes=(first.id, first.id, second.id, third.id)))
    archive.delete(second.id)
    archive.delete(first.id)
    sets.replace(made.id, SetContent(title="S", tunes=(third.id,)))
    archive.restore(first.id)
    sets.replace(made.id, SetContent(title="S", tunes=(third.id, first.id, first.id)))
    archive.restore(second.id)
    assert [tune.title for tune in sets.get(made.id).tunes] == ["Three", "One", "One", "Two"]


def test_a_set_of_a_tune_that_is_not_there_is_refused_and_the_former_stays(archive):
    sets = Sets(archive)
    tune = kept(archive, title="One")
    made = sets.keep(SetContent(title="Evening", tunes=(tune.id,)))
    with pytest.raises(NotKept, match="there is no tune 99"):
        sets.replace(made.id, SetContent(title="Morning", tunes=(99,)))
    assert sets.get(made.id) == made
    with pytest.raises(NotKept, match="there is no set 99"):
        sets.get(99)


def test_two_studios_on_one_database_lose_nothing(database):
    """Each adds versions to one tune and keeps tunes of its own, at the same time."""
    archives = [Archive.open(database), Archive.open(database)]
    shared = kept(archives[0], title="Shared").id
    errors = []

    def work(archive, name):
        try:
            for number in range(8):
                archive.add_version(shared, NewVersion(abc=JIG))
                kept(archive, title=f"{name} {number}")
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(archives, "ab", strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [version.number for version in archives[0].tune(shared).versions] == list(range(1, 18))
    assert archives[1].find(TuneQuery()).total == 17
    for archive in archives:
        archive.close()


def test_a_failure_in_the_middle_leaves_nothing(archive, monkeypatch):
    def broken(*_):
        raise RuntimeError("power cut")

    monkeypatch.setattr("songrnn.studio.archive.archive._tune", broken)
    with pytest.raises(RuntimeError):
        kept(archive)
    monkeypatch.undo()
    assert archive.find(TuneQuery()).total == 0


def test_a_database_that_is_none_is_refused_in_one_line(tmp_path):
    (tmp_path / "notes.db").write_text("these are notes " * 500)
    with pytest.raises(RunError, match=r"notes\.db refuses: file is not a database"):
        Archive.open(tmp_path / "notes.db")
    for address, message in [
        ("mongodb://me:s3cret@host/x", "--database names an unknown kind of database, 'mongodb'"),
        ("sqlite://", "in memory and would be lost"),
        (str(tmp_path / "nowhere" / "t.db"), "there is no folder"),
        (str(tmp_path), "is a folder; name a file in it"),
    ]:
        with pytest.raises(SettingsError, match=message) as caught:
            Archive.open(address)
        assert "s3cret" not in str(caught.value)


@pytest.mark.skipif("SONGRNN_TEST_POSTGRES" not in os.environ, reason="no PostgreSQL: make test-postgres starts one")
def test_these_tests_run_with_postgresql_too(database):
    """Says in one line, where it is skipped, that they did not."""
