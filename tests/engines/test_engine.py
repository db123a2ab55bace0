"""The compiled engine: every kernel that this processor has, against the equations and against NumPy."""

import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest

from songrnn.composing.composer import Composer
from songrnn.composing.prompt import RAW_START
from songrnn.composing.tasks import engine_task
from songrnn.engines import select as engines
from songrnn.engines.select import engine_of, open_engine, used_here
from songrnn.engines.settings import EngineSettings, SamplingSettings
from songrnn.errors import SettingsError
from songrnn.model.equations import forward
from songrnn.model.settings import GATES
from songrnn.tracking.plan import PartPlan, TunePlan
from tiny import JIG, PLACES, REEL, TUNES, make_checkpoint

_native = pytest.importorskip("songrnn._native", reason="the engine was not built here")
KERNELS = _native.kernels()
READS = [{"copying": copying, "ngrams": ngrams} for copying in (True, False) for ngrams in ((), (0,), (1, 3))]
READS += [{**READS[3], **places} for places in PLACES] + [{**READS[2], **PLACES[-1]}]
SHAPES = [(1, 12), (3, 20), (2, 48)]  # layers and neurons: less than a block, not whole blocks, whole blocks


def with_kernel(kernel, precision="fp32", **more):
    return EngineSettings(engine="native", kernel=kernel, precision=precision, **more)


def calm(checkpoint):
    """The same with recurrent weights so small that rounding errors fade: a plain RNN with large ones is chaotic."""
    gain = 0.5 * np.sqrt(checkpoint.model.hidden_size)
    weights = {
        name: array / gain if name.startswith("recurrent.weight_hh") else array
        for name, array in checkpoint.weights.items()
    }
    return dataclasses.replace(checkpoint, weights=weights)


def log_softmax(logits):
    logits = logits.astype(np.float64)
    logits -= logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def ids_of(checkpoint, text=JIG + REEL[:40]):
    return checkpoint.vocabulary.encode(text)


def test_the_portable_kernel_is_always_there_and_last():
    assert KERNELS[-1] == "portable"


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("cell", GATES)
@pytest.mark.parametrize(("layers", "hidden_size"), SHAPES)
@pytest.mark.parametrize("reads", READS, ids=str)
def test_every_kernel_follows_the_equations(kernel, cell, layers, hidden_size, reads):
    checkpoint = calm(make_checkpoint(cell, layers=layers, hidden_size=hidden_size, **reads))
    ids = ids_of(checkpoint)
    logits, steps = forward(checkpoint.weights, checkpoint.model, checkpoint.vocabulary, checkpoint.reader.read(ids))
    trace = open_engine(checkpoint, with_kernel(kernel)).trace(ids)
    np.testing.assert_allclose(trace.log_probabilities, log_softmax(logits), atol=2e-3)
    for name, values in trace.quantities.items():
        if name in ("hidden", "cell"):
            expected = [[getattr(layer, name) for layer in step] for step in steps]
        else:
            expected = [[layer.gates[name] for layer in step] for step in steps]
        np.testing.assert_allclose(values, np.array(expected), atol=1e-3)
    assert set(trace.quantities) == {"hidden", *steps[0][0].gates} | ({"cell"} if cell == "lstm" else set())


@pytest.mark.parametrize("cell", GATES)
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_kernels_agree_with_each_other(cell, precision):
    checkpoint = calm(make_checkpoint(cell, layers=2, hidden_size=80))
    ids = ids_of(checkpoint)
    traces = [open_engine(checkpoint, with_kernel(kernel, precision)).trace(ids) for kernel in KERNELS]
    for trace in traces[1:]:
        difference = np.abs(trace.log_probabilities - traces[0].log_probabilities)
        # In int8 a sum on the edge between two steps may fall to either side; the rest is rounding (docs/engine.md).
        assert np.median(difference) < 1e-5
        assert difference.max() < (2e-3 if precision == "fp32" else 0.5)


@pytest.mark.parametrize("cell", GATES)
def test_int8_stays_close_to_fp32(cell):
    checkpoint = calm(make_checkpoint(cell, hidden_size=48))
    ids = ids_of(checkpoint)
    exact, rough = (open_engine(checkpoint, with_kernel(KERNELS[0], p)).trace(ids) for p in ("fp32", "int8"))
    assert np.abs(exact.log_probabilities - rough.log_probabilities).mean() < 0.1
    assert not np.array_equal(exact.log_probabilities, rough.log_probabilities)


def test_rows_of_zeros_and_rows_with_one_large_weight_are_packed():
    checkpoint = make_checkpoint(hidden_size=40)
    weights = dict(checkpoint.weights)
    recurrent = np.zeros_like(weights["recurrent.weight_hh_l0"])
    recurrent[3, 39], recurrent[5] = 50.0, 2.0
    weights["recurrent.weight_hh_l0"] = recurrent
    checkpoint = dataclasses.replace(checkpoint, weights=weights)
    ids = ids_of(checkpoint)
    logits, _ = forward(checkpoint.weights, checkpoint.model, checkpoint.vocabulary, checkpoint.reader.read(ids))
    for kernel in KERNELS:
        exact = open_engine(checkpoint, with_kernel(kernel)).trace(ids)
        np.testing.assert_allclose(exact.log_probabilities, log_softmax(logits), atol=2e-3)
        rough = open_engine(checkpoint, with_kernel(kernel, "int8")).trace(ids)
        assert np.abs(rough.log_probabilities - log_softmax(logits)).mean() < 0.2


@pytest.mark.parametrize("form", ["raw", "tunebook"])
@pytest.mark.parametrize(("cell", "places"), [*[(cell, {}) for cell in GATES], ("lstm", PLACES[-1])])
def test_in_fp32_every_kernel_composes_the_text_of_numpy(form, cell, places):
    checkpoint = make_checkpoint(cell, form=form, texts=(JIG, REEL, RAW_START, "<end>\n"), layers=2, **places)
    reference = Composer(checkpoint, EngineSettings(engine="numpy"))
    kinds: list[dict[str, Any]] = [
        {},
        {"temperature": 0},
        {"top_k": 4},
        {"top_p": 0.7, "temperature": 1.3},
        {"min_p": 0},
    ]
    ways = [(True, "G|"), (False, "Gg")] if form == "tunebook" else [(True, "G|")]
    for (free, letters), (seed, kind) in itertools.product(ways, enumerate([*kinds, {"without": ""}])):
        settings: dict[str, Any] = {"seed": seed, "max_characters": 120, "free": free, **kind}
        settings |= {"without": letters} if "without" in kind else {}
        expected = reference.compose("M:6/8\nDFA" if form == "tunebook" else "DFA", **settings)
        for kernel in KERNELS:
            made = Composer(checkpoint, with_kernel(kernel)).compose(expected.prompt, **settings)
            assert (made.text, made.given, made.finished) == (expected.text, expected.given, expected.finished)
            assert made.copied_from == expected.copied_from
            np.testing.assert_allclose(made.log_probabilities, expected.log_probabilities, atol=2e-3)


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_characters_to_do_without_are_never_drawn(engine):
    composer = Composer(make_checkpoint(), EngineSettings(engine=engine))
    with_them = "".join(composer.compose(number=number, free=True).text for number in range(20))
    without = "".join(composer.compose(number=number, free=True, without="Gg|").text for number in range(20))
    assert set("Gg|") <= set(with_them)
    assert not set("Gg|") & set(without)


def test_to_do_without_every_character_is_refused():
    checkpoint = make_checkpoint(form="raw", texts=("abc<start>\n",))
    with pytest.raises(SettingsError, match="no character left to compose with"):
        Composer(checkpoint).compose(without=checkpoint.vocabulary.characters)


@pytest.mark.parametrize("places", [{}, PLACES[-1]], ids=["", "places"])
@pytest.mark.parametrize("precision", ["fp32", "int8"])
@pytest.mark.parametrize("kernel", KERNELS)
def test_a_tune_is_the_same_alone_and_among_others_on_any_number_of_threads(kernel, precision, places):
    checkpoint = make_checkpoint(layers=2, hidden_size=40, **places)
    settings: dict[str, Any] = {"seed": 3, "max_characters": 90, "temperature": 0.9}
    alone = [
        Composer(checkpoint, with_kernel(kernel, precision)).compose("R:jig\nK:D", number=number, **settings)
        for number in range(12)
    ]
    for threads, count in itertools.product((1, 2, 3), (2, 12)):
        composer = Composer(checkpoint, with_kernel(kernel, precision, threads=threads))
        assert list(composer.compose_many("R:jig\nK:D", count=count, **settings)) == alone[:count]
    composer = Composer(checkpoint, with_kernel(kernel, precision))
    assert list(composer.compose_many("R:jig\nK:D", count=5, first=4, **settings)) == alone[4:9]


@pytest.mark.parametrize(("places", "reaches"), [({"plan": True}, True), ({"position": True}, False)])
def test_the_plan_of_a_tune_reaches_a_network_that_reads_plans_and_no_other(places, reaches):
    checkpoint = make_checkpoint(**places)
    settings = SamplingSettings(seed=1, max_characters=60, free=True)
    plain = engine_task("M:6/8\nL:1/8\nK:D\n", checkpoint.vocabulary, settings)
    planned = dataclasses.replace(plain, tune_plan=TunePlan((PartPlan(bars=8, repeated=True), PartPlan(bars=4))))
    ids = {
        engine: [
            open_engine(checkpoint, EngineSettings(engine=engine, precision="fp32")).compose(plan, 0).ids.tolist()
            for plan in (plain, planned)
        ]
        for engine in ("native", "numpy")
    }
    assert ids["native"] == ids["numpy"]
    assert (ids["native"][0] != ids["native"][1]) == reaches


@pytest.mark.parametrize("form", ["raw", "tunebook"])
def test_many_more_tunes_than_there_is_room_for_come_in_their_order(form):
    composer = Composer(make_checkpoint(form=form, texts=(JIG, REEL, RAW_START)), with_kernel(KERNELS[0], threads=2))
    made = list(composer.compose_many(count=3000, max_characters=12))
    assert [tune.number for tune in made] == list(range(3000))
    for number in (0, 1, 1500, 2999):
        assert made[number] == composer.compose(number=number, max_characters=12)


def test_tunes_that_nobody_waits_for_end_with_their_iterator():
    composer = Composer(make_checkpoint(), with_kernel(KERNELS[0]))
    tunes = composer.compose_many(count=2**32)
    assert next(tunes).number == 0
    del tunes  # joins the threads


@pytest.mark.parametrize("cell", GATES)
@pytest.mark.parametrize("kernel", KERNELS)
def test_scores_are_those_of_the_equations_for_texts_of_any_length(cell, kernel):
    checkpoint = make_checkpoint(cell, layers=2)
    texts = [ids_of(checkpoint, text) for text in (JIG, REEL[:2], REEL, JIG[:7], JIG * 3)]
    scores = list(open_engine(checkpoint, with_kernel(kernel)).score(texts))
    assert [len(score) for score in scores] == [len(text) - 1 for text in texts]
    for text, score in zip(texts, scores, strict=True):
        logits, _ = forward(checkpoint.weights, checkpoint.model, checkpoint.vocabulary, checkpoint.reader.read(text))
        np.testing.assert_allclose(score, log_softmax(logits)[np.arange(len(text) - 1), text[1:]], atol=2e-3)
    assert list(open_engine(checkpoint, with_kernel(kernel)).score([])) == []


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(
    ("name", "function", "values", "bound"),
    [
        ("exp", np.exp, np.linspace(-87, 87, 100_001), None),
        ("log", np.log, np.exp(np.linspace(-87, 87, 100_001)), None),
        ("sigmoid", lambda x: 1 / (1 + np.exp(-x)), np.linspace(-80, 80, 100_001), 2.0**-22),
        ("tanh", np.tanh, np.linspace(-40, 40, 100_001), 2.0**-22),
        ("sqrt", np.sqrt, np.linspace(0, 2, 100_001), 2.0**-23),
    ],
)
def test_functions_keep_the_bounds_that_they_state(kernel, name, function, values, bound):
    values = values.astype(np.float32)
    exact = function(values.astype(np.float64))
    error = np.abs(_native.apply(kernel, name, values) - exact)
    if name == "exp":
        assert (error / exact / (2.0**-22 + np.abs(values) * 2.0**-23)).max() < 1
    elif name == "log":
        assert (error / np.maximum(1, np.abs(exact))).max() < 2.0**-22
    else:
        assert error.max() < bound


@pytest.mark.parametrize("kernel", KERNELS)
def test_functions_of_large_numbers_are_their_limits(kernel):
    far = np.array([-1e30, -200.0, 200.0, 1e30], dtype=np.float32)
    np.testing.assert_allclose(_native.apply(kernel, "sigmoid", far), [0, 0, 1, 1], atol=1e-30)
    np.testing.assert_allclose(_native.apply(kernel, "tanh", far), [-1, -1, 1, 1], atol=1e-6)


@pytest.mark.parametrize(("seed", "number"), [(0, 0), (1, 7), (2**64 - 1, 2**40)])
def test_random_numbers_are_those_of_numpys_philox(seed, number):
    rng = np.random.Generator(np.random.Philox(key=np.array([seed, number], dtype=np.uint64)))
    assert _native.random(seed, number, 101) == rng.random(101).tolist()


def test_draws_of_the_engine_follow_the_probabilities():
    checkpoint = make_checkpoint(texts=tuple(TUNES))
    composer = Composer(checkpoint, with_kernel(KERNELS[0]))
    settings: dict[str, Any] = {"max_characters": 1, "temperature": 1.0, "min_p": 0.0, "free": True}
    prompt = "M:4/4\nL:1/8\nK:Cmaj\n"
    made = [tune.text[len(prompt) :] for tune in composer.compose_many(prompt, count=20_000, **settings)]
    ids = checkpoint.vocabulary.encode(prompt)
    trace = open_engine(checkpoint, with_kernel(KERNELS[0])).trace(np.array([checkpoint.vocabulary.start, *ids]))
    for character in "CDEFGABcdefgab":
        probability = float(np.exp(trace.log_probabilities[-1, checkpoint.vocabulary.encode(character)[0]]))
        share = sum(text == character for text in made) / len(made)
        assert share == pytest.approx(probability, abs=4 * np.sqrt(probability / len(made)) + 1e-3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"engine": "numpy", "precision": "int8"}, "NumPy computes in fp32 only"),
        ({"engine": "numpy", "kernel": "portable"}, "kernels are the native engine's"),
        ({"kernel": "abacus"}, "no kernel 'abacus'; it has .*portable"),
    ],
)
def test_what_cannot_compute_is_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        engine_of(EngineSettings(**settings))


def test_without_the_compiled_engine_numpy_computes_and_says_so(monkeypatch):
    monkeypatch.setattr(engines, "native_module", lambda: None)
    assert str(used_here(EngineSettings())) == "numpy (numpy, fp32)"
    assert Composer(make_checkpoint()).compose(max_characters=5).used.engine == "numpy"
    with pytest.raises(SettingsError, match="no native engine here: songrnn was installed without"):
        engine_of(EngineSettings(engine="native"))


def test_a_composition_says_what_computed_it():
    made = Composer(make_checkpoint(), with_kernel("portable", "int8")).compose(max_characters=5)
    assert made.used.as_json() == {"engine": "native", "kernel": "portable", "precision": "int8"}
