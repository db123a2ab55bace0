"""Without --seed every call composes other tunes, and says how to compose the same again."""

import json
import re

import pytest

import songrnn
from songrnn.cli import judge
from songrnn.composing.bulk import BulkFile, recorded_seed
from songrnn.composing.composer import Composer
from songrnn.composing.request import Request
from songrnn.engines.settings import DRAWN_SEEDS, SamplingSettings
from tiny import make_checkpoint

pytestmark = pytest.mark.usefixtures("drawn_seeds")
SHORT = ("--max-characters", 60)


def test_compose_twice_gives_two_tunes_and_each_can_be_composed_again(songrnn_command, checkpoint_file):
    (_, one, said), (_, other, _) = (songrnn_command("compose", checkpoint_file, *SHORT) for _ in range(2))
    assert one != other
    seed = re.fullmatch(r"seed (\d+); --seed \1 composes the same again\n", said)[1]
    assert f"T:Composition 1 of seed {seed}\n" in one
    _, again, quiet = songrnn_command("compose", checkpoint_file, *SHORT, "--seed", seed)
    assert (again, quiet) == (one, "")


def test_json_has_the_seed_that_was_drawn_as_a_number(songrnn_command, checkpoint_file, tmp_path):
    _, output, said = songrnn_command("compose", checkpoint_file, *SHORT, "--count", 3, "--json")
    seeds = {made["settings"]["seed"] for made in json.loads(output)["compositions"]}
    assert len(seeds) == 1
    assert all(type(seed) is int and 0 <= seed < DRAWN_SEEDS for seed in seeds)
    assert said == ""
    _, output, _ = songrnn_command("compose", checkpoint_file, *SHORT, "--out", tmp_path / "a.abc", "--json")
    seed = json.loads(output)["settings"]["seed"]
    assert f"of seed {seed}\n" in (tmp_path / "a.abc").read_text()


def test_the_library_draws_a_seed_for_each_call_and_records_it(composer):
    one, other = (composer.compose(max_characters=60, free=True) for _ in range(2))
    assert one.settings.seed != other.settings.seed
    assert one.text != other.text
    assert composer.compose(max_characters=60, free=True, seed=one.settings.seed) == one
    many = list(composer.compose_many(count=4, max_characters=60, free=True))
    assert len({made.settings.seed for made in many}) == 1
    assert composer.compose(number=2, max_characters=60, free=True, seed=many[0].settings.seed) == many[2]


def test_a_half_composed_file_continues_with_its_seed(composer, tmp_path):
    out, request = tmp_path / "tunes.abc", Request(sampling=SamplingSettings(max_characters=60), count=9)
    tunes = BulkFile(composer, request, out).compose()
    seed = next(tunes).settings.seed
    tunes.close()
    assert recorded_seed(out) == seed
    assert {made.settings.seed for made in BulkFile(composer, request, out).compose()} == {seed}
    assert out.read_text().count(f"of seed {seed}\n") == 9
    assert recorded_seed(out) is None


def test_the_command_continues_with_the_seed_of_a_half_composed_file(songrnn_command, checkpoint_file, tmp_path):
    out = tmp_path / "tunes.abc"
    settings = SamplingSettings(max_characters=60, seed=77)
    tunes = BulkFile(Composer(checkpoint_file), Request(sampling=settings, count=5), out).compose()
    next(tunes)
    tunes.close()
    status, _, said = songrnn_command("compose", checkpoint_file, *SHORT, "--count", 5, "--out", out)
    assert status == 0, said
    assert "seed 77; --seed 77 composes the same again" in said
    assert out.read_text().count("of seed 77\n") == 5


def test_every_try_at_a_tune_has_the_same_seed(songrnn_command, checkpoint_file):
    _, output, _ = songrnn_command("compose", checkpoint_file, *SHORT, "--best-of", 3, "--count", 3, "--json")
    made = json.loads(output)["compositions"]
    assert len({one["settings"]["seed"] for one in made}) == 1


def test_what_compares_has_a_seed_unless_another_is_given():
    assert judge.Command(source="folk").sampling.seed == 0


@pytest.fixture
def composer():
    return songrnn.Composer(make_checkpoint())
