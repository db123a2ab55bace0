"""Changes of hidden states: the same in every engine, whether it reads, scores, composes one tune or many."""

from typing import Any

import numpy as np
import pytest

from songrnn.composing.composer import Composer
from songrnn.engines.intervention import Intervention
from songrnn.engines.select import open_engine
from songrnn.engines.settings import EngineSettings
from songrnn.errors import SettingsError
from songrnn.model.settings import GATES
from tiny import JIG, PLACES, REEL, make_checkpoint

NUMPY = EngineSettings(engine="numpy")
NATIVE = EngineSettings(engine="native", precision="fp32", threads=2)
INT8 = EngineSettings(engine="native", precision="int8")
SIZE = 12


def interventions(layers=2):
    """One of each sort: neurons at zero, resampled ones, a direction taken out and written elsewhere, steering."""
    rng = np.random.default_rng(3)
    keep = np.ones(SIZE)
    keep[[1, 5]] = 0
    directions, _ = np.linalg.qr(rng.normal(size=(SIZE, 4)))
    return [
        Intervention.of(1, SIZE, keep=keep, offsets=np.where(keep == 0, rng.uniform(-1, 1, (5, SIZE)), 0)),
        Intervention.of(layers, SIZE, detect=directions.T[:2], remove=directions.T[2:]),
        Intervention.of(layers, SIZE, offsets=0.7 * directions.T[0]),
    ]


def ids_of(checkpoint, *texts):
    return [checkpoint.vocabulary.encode_tune(text) for text in texts]


@pytest.mark.parametrize("cell", GATES)
def test_both_engines_compute_the_same_in_reading_scoring_and_recording(cell):
    pytest.importorskip("songrnn._native", reason="the engine was not built here")
    checkpoint = make_checkpoint(cell, layers=2, hidden_size=SIZE, **PLACES[-1])
    texts = ids_of(checkpoint, JIG, REEL, JIG[:30], REEL[:7])
    slow, fast = (open_engine(checkpoint, settings, interventions()) for settings in (NUMPY, NATIVE))
    for one, other in zip(slow.score(texts), fast.score(texts), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-3)
    recordings = (engine.record(texts, cell=True, gates=True) for engine in (slow, fast))
    for read, as_read in zip(*recordings, strict=True):
        assert set(read.quantities) == set(as_read.quantities)
        np.testing.assert_allclose(read.log_probabilities, as_read.log_probabilities, atol=2e-3)
        for name, values in read.quantities.items():
            np.testing.assert_allclose(values, as_read.quantities[name], atol=1e-3)
    traces = [engine.trace(texts[0]) for engine in (slow, fast)]
    np.testing.assert_allclose(traces[0].quantities["hidden"], traces[1].quantities["hidden"], atol=1e-3)
    hidden = traces[1].quantities["hidden"][:, 0]
    offsets = interventions()[0].offsets
    np.testing.assert_allclose(hidden[7, [1, 5]], offsets[7 % 5, [1, 5]], atol=1e-6)


def test_both_engines_compose_the_same_alone_and_among_many():
    pytest.importorskip("songrnn._native", reason="the engine was not built here")
    checkpoint = make_checkpoint("lstm", layers=2, hidden_size=SIZE)
    composers = [Composer(checkpoint, engine=open_engine(checkpoint, s, interventions())) for s in (NUMPY, NATIVE)]
    options: Any = {"seed": 4, "max_characters": 60, "free": True}
    alone = [[composer.compose(number=i, **options).text for i in range(3)] for composer in composers]
    many = [[made.text for made in composer.compose_many(count=3, **options)] for composer in composers]
    assert alone[0] == alone[1] == many[0] == many[1]
    unchanged = Composer(checkpoint, NATIVE)
    assert unchanged.compose(**options).text != alone[0][0]


def test_an_intervention_that_changes_nothing_changes_no_number():
    pytest.importorskip("songrnn._native", reason="the engine was not built here")
    checkpoint = make_checkpoint("gru", hidden_size=SIZE)
    texts = ids_of(checkpoint, JIG, REEL)
    plain, neutral = (open_engine(checkpoint, NATIVE, i) for i in ((), [Intervention.of(1, SIZE)]))
    for one, other in zip(plain.score(texts), neutral.score(texts), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_state_led_out_of_its_bounds_is_quantised_whole():
    pytest.importorskip("songrnn._native", reason="the engine was not built here")
    checkpoint = make_checkpoint("lstm", hidden_size=SIZE)
    far = [Intervention.of(1, SIZE, offsets=np.linspace(-4, 4, SIZE))]
    texts = ids_of(checkpoint, JIG)
    (exact,), (rough,) = (list(open_engine(checkpoint, s, far).score(texts)) for s in (NATIVE, INT8))
    assert np.abs(exact - rough).mean() < 0.3


@pytest.mark.parametrize("settings", [NUMPY, NATIVE])
@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (Intervention.of(3, SIZE), "layer 3 does not exist; this network has layers 1 to 2"),
        (Intervention.of(1, SIZE + 1), "this network has 12 neurons in a layer"),
        (Intervention.of(1, SIZE, offsets=np.zeros((0, SIZE))), "12 neurons in a layer"),
    ],
)
def test_an_intervention_for_another_network_is_refused(settings, wrong, complaint):
    with pytest.raises(SettingsError, match=complaint):
        open_engine(make_checkpoint(layers=2, hidden_size=SIZE), settings, [wrong])
