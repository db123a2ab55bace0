// What Python sees of the engine: songrnn._native; songrnn.engines.native is its only user.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "bulk.hpp"
#include "trace.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace songrnn {

void bind_constraint(nb::module_& m);              // bind_constraint.cpp
tracking::PlannedForm form_of(nb::handle object);  // bind_position.cpp
void bind_position(nb::module_& m);                // bind_position.cpp

namespace {

constexpr std::size_t ROOM = 4096;  // characters for which a tune makes room at once

template <class Value>
using Vector = nb::ndarray<const Value, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

// Types for the stub (src/songrnn/_native.pyi, written by `make stub`), where a bare dict or tuple would say nothing.
using Dictionary = nb::typed<nb::dict, nb::str, nb::any>;
using RecordingTuple =
    nb::typed<nb::tuple, nb::ndarray<nb::numpy, float>, nb::ndarray<nb::numpy, float>,
              std::optional<nb::ndarray<nb::numpy, float>>, std::vector<nb::ndarray<nb::numpy, float>>>;
using RecordTuple = nb::typed<nb::tuple, nb::ndarray<nb::numpy, std::int32_t>, nb::ndarray<nb::numpy, float>,
                              nb::ndarray<nb::numpy, std::uint8_t>, nb::ndarray<nb::numpy, std::int32_t>,
                              nb::ndarray<nb::numpy, float>, bool>;

// A NumPy array that takes the vector's memory over.
template <class Value>
nb::ndarray<nb::numpy, Value> as_array(std::vector<Value> values, std::vector<std::size_t> shape) {
    auto* kept = new std::vector<Value>(std::move(values));
    nb::capsule owner(kept, [](void* p) noexcept { delete static_cast<std::vector<Value>*>(p); });
    return nb::ndarray<nb::numpy, Value>(kept->data(), shape.size(), shape.data(), owner);
}

template <class Value>
nb::ndarray<nb::numpy, Value> as_array(std::vector<Value> values) {
    const std::size_t size = values.size();
    return as_array(std::move(values), {size});
}

// (ids, log-probabilities, given, copied from, removed, finished)
RecordTuple as_tuple(Record record) {
    return nb::make_tuple(as_array(std::move(record.ids)), as_array(std::move(record.log_probabilities)),
                          as_array(std::move(record.given)), as_array(std::move(record.copied_from)),
                          as_array(std::move(record.removed)), record.finished);
}

const Kernel& kernel_named(const std::string& name) {
    const Kernel* kernel = find_kernel(name.empty() ? nullptr : name.c_str());
    if (!kernel) throw nb::value_error("this processor has no such kernel");
    return *kernel;
}

// An array of the checkpoint, kept until packing is over; checked here, since packing trusts its caller.
const float* floats(const nb::dict& arrays, const char* name, std::size_t size) {
    const auto array = nb::cast<nb::ndarray<const float, nb::c_contig, nb::device::cpu>>(arrays[name]);
    if (array.size() != size) throw nb::value_error((std::string(name) + " has a wrong size").c_str());
    return array.data();
}

template <class Value>
const Value* counts(const nb::dict& arrays, const std::string& name, std::size_t size) {
    const auto array = nb::cast<Vector<Value>>(arrays[name.c_str()]);
    if (array.size() != size) throw nb::value_error((name + " has a wrong size").c_str());
    return array.data();
}

Shape shape_of(const std::string& cell, bool int8, std::uint32_t hidden_size, std::uint32_t layers,
               std::uint32_t embedding_size, std::uint32_t vocabulary_size, bool copying, bool position, bool lookback,
               bool plan, bool pitch_heads, std::uint32_t position_size, const std::vector<std::uint32_t>& letters,
               const std::vector<std::uint32_t>& contexts, const std::vector<std::uint32_t>& count_steps, float floor) {
    Shape shape{};
    shape.cell = cell == "lstm" ? Cell::lstm : cell == "gru" ? Cell::gru : Cell::rnn;
    shape.precision = int8 ? Precision::int8 : Precision::fp32;
    shape.hidden_size = hidden_size;
    shape.layers = layers;
    shape.embedding_size = embedding_size;
    shape.vocabulary_size = vocabulary_size;
    shape.copying = copying;
    shape.position = position;
    shape.lookback = lookback;
    shape.plan = plan;
    shape.pitch_heads = pitch_heads;
    shape.position_size = position_size;
    if (letters.size() != NOTE_LETTERS) throw nb::value_error("other note letters than the engine knows");
    std::copy(letters.begin(), letters.end(), shape.letter);
    shape.floor = floor;
    if (contexts.size() > MOST_CONTEXTS || count_steps.size() > MOST_COUNT_STEPS || layers > MOST_LAYERS)
        throw nb::value_error("more contexts, steps or layers than the engine knows");
    shape.contexts = static_cast<std::uint32_t>(contexts.size());
    std::copy(contexts.begin(), contexts.end(), shape.context);
    shape.count_steps = static_cast<std::uint32_t>(count_steps.size());
    std::copy(count_steps.begin(), count_steps.end(), shape.count_step);
    return shape;
}

// Arrays by the names of songrnn.model.settings.parameter_shapes and songrnn.model.ngrams.Ngrams.arrays.
std::shared_ptr<const Image> pack(Shape shape, const nb::dict& arrays) {
    const std::size_t E = shape.embedding_size, V = shape.vocabulary_size, H = shape.hidden_size, K = shape.contexts;
    const std::size_t S = shape.count_steps + std::size_t{1}, rows = shape.gates() * H;
    Weights w{};
    w.embedding = floats(arrays, "embedding.weight", V * E);
    w.output = floats(arrays, "output.weight", V * H);
    w.output_bias = floats(arrays, "output.bias", V);
    if (shape.copying) {
        w.suggested = floats(arrays, "copying.suggested.weight", (V + 1) * E);
        w.length = floats(arrays, "copying.length.weight", S * E);
        w.distance = floats(arrays, "copying.distance.weight", S * E);
        w.copying_gate = floats(arrays, "copying.gate.weight", H);
        w.copying_gate_bias = floats(arrays, "copying.gate.bias", 1);
        w.length_bonus = floats(arrays, "copying.length_bonus.weight", S);
        w.distance_bonus = floats(arrays, "copying.distance_bonus.weight", S);
    }
    if (K) {
        w.ngram_input = floats(arrays, "ngrams.input.weight", E * K * V);
        w.ngram_gate = floats(arrays, "ngrams.gate.weight", K * H);
        w.ngram_gate_bias = floats(arrays, "ngrams.gate.bias", K);
    }
    const std::size_t P = shape.has_categories() ? shape.position_size : 0;
    const auto rows_of = [&](std::size_t first, std::size_t last) {
        std::size_t count = 0;
        for (std::size_t category = first; category < last; ++category) count += shape.category_size(category);
        return count;
    };
    const auto embeddings = [&](const char* name, std::size_t first, std::size_t last) {
        const std::size_t count = rows_of(first, last);
        return count ? floats(arrays, name, count * P) : nullptr;
    };
    w.position = embeddings("categories.position.weight", 0, tracking::PLAN_AT);
    w.plan = embeddings("categories.plan.weight", tracking::PLAN_AT, tracking::SUGGESTED_AT);
    w.lookback_suggested = embeddings("categories.suggested.weight", tracking::SUGGESTED_AT, tracking::AGREEMENT_AT);
    w.lookback_agreement = embeddings("categories.agreement.weight", tracking::AGREEMENT_AT, CATEGORIES);
    if (shape.has_categories()) w.category_output = floats(arrays, "categories.output.weight", V * P);
    if (shape.lookback) {
        w.lookback_gate = floats(arrays, "lookback.gate.weight", LAGS * H);
        w.lookback_gate_bias = floats(arrays, "lookback.gate.bias", LAGS);
        w.lookback_bonus = floats(arrays, "lookback.bonus.weight", LAGS * AGREEMENTS);
    }
    if (shape.pitch_heads) {
        w.tonic_head = floats(arrays, "pitches.tonic.weight", RELATIVE_TO_TONIC * H);
        w.tonic_head_bias = floats(arrays, "pitches.tonic.bias", RELATIVE_TO_TONIC);
        w.step_head = floats(arrays, "pitches.step.weight", RELATIVE_TO_NOTE * H);
        w.step_head_bias = floats(arrays, "pitches.step.bias", RELATIVE_TO_NOTE);
    }
    if (shape.follows_position()) w.code_points = counts<std::int32_t>(arrays, "code_points", V);
    for (std::size_t layer = 0; layer < shape.layers; ++layer) {
        const std::string end = "_l" + std::to_string(layer);
        w.input[layer] = floats(arrays, ("recurrent.weight_ih" + end).c_str(), rows * (layer ? H : E + P));
        w.hidden[layer] = floats(arrays, ("recurrent.weight_hh" + end).c_str(), rows * H);
        w.input_bias[layer] = floats(arrays, ("recurrent.bias_ih" + end).c_str(), rows);
        w.hidden_bias[layer] = floats(arrays, ("recurrent.bias_hh" + end).c_str(), rows);
    }
    std::size_t below = 1;
    for (std::size_t level = 0; level < shape.levels(); ++level) {
        const std::string begin = "ngrams." + std::to_string(level) + ".";
        const std::size_t size = nb::cast<Vector<std::uint16_t>>(arrays[(begin + "characters").c_str()]).size();
        shape.level_size[level] = static_cast<std::uint32_t>(size);
        w.level[level].characters = counts<std::uint16_t>(arrays, begin + "characters", size);
        w.level[level].counts = counts<std::uint16_t>(arrays, begin + "counts", size);
        w.level[level].offspring = counts<std::uint32_t>(arrays, begin + "offspring", below);
        below = size;
    }
    const nb::gil_scoped_release release;
    return Image::pack(shape, w);
}

// An image together with the Python buffer that it lies in.
struct Network {
    std::shared_ptr<const Image> image;
    const Kernel* kernel;
    nb::object owner;
    Interventions changes = nullptr;
};

// One tune, as it comes.
class Session {
public:
    Session(const Network& network, Plan plan, std::uint64_t number)
        : plan_(std::move(plan)),
          stepper_(network.image, *network.kernel, 1, network.changes),
          drawer_(*network.kernel, network.image->shape().vocabulary_size),
          tune_(*network.image, plan_, number) {
        tune_.reserve(std::min(plan_.max_characters, ROOM));
    }

    // Goes on until `count` characters more are certain, or the tune is over; returns those.
    RecordTuple next(std::size_t count) {
        {
            const nb::gil_scoped_release release;
            while (tune_.certain() < handed_over_ + count && tune_.advance(stepper_, 0, drawer_)) stepper_.step(1);
        }
        const Record& all = tune_.record();
        const std::size_t end = std::min(tune_.certain(), handed_over_ + count);
        const auto part = [&](const auto& values) {
            return std::vector(values.begin() + static_cast<std::ptrdiff_t>(handed_over_),
                               values.begin() + static_cast<std::ptrdiff_t>(end));
        };
        Record fresh;
        fresh.ids = part(all.ids);
        fresh.log_probabilities = part(all.log_probabilities);
        fresh.given = part(all.given);
        fresh.copied_from = part(all.copied_from);
        fresh.removed = part(all.removed);
        fresh.finished = all.finished;
        handed_over_ = end;
        return as_tuple(std::move(fresh));
    }

private:
    const Plan plan_;
    Stepper stepper_;
    Drawer drawer_;
    Tune tune_;
    std::size_t handed_over_ = 0;
};

// Many tunes, in order.
class Tunes {
public:
    Tunes(const Network& network, std::size_t count, Bulk::Begin begin, std::size_t threads, std::size_t slots)
        : bulk_(network.image, *network.kernel, count, std::move(begin), {threads, slots, 16, network.changes}) {}

    // The next ones, at least one and at most `most`; none when all have been handed over.
    std::vector<RecordTuple> next(std::size_t most) {
        std::vector<Record> records;
        bool more = true;
        while (more && records.empty()) {
            {
                const nb::gil_scoped_release release;
                more = bulk_.next(records, most, 0.1);
            }
            if (PyErr_CheckSignals() != 0) throw nb::python_error();
        }
        std::vector<RecordTuple> tuples;
        for (Record& record : records) tuples.push_back(as_tuple(std::move(record)));
        return tuples;
    }

private:
    Bulk bulk_;
};

// Tunes `first`.. of one plan. What all of them begin with is read once.
std::unique_ptr<Tunes> compose(const Network& network, const Plan& given, std::uint64_t first, std::size_t count,
                               std::size_t threads, std::size_t slots) {
    struct Beginning {
        Beginning(const Network& network, const Plan& given)
            : plan(given), stepper(network.image, *network.kernel, 1, network.changes), tune(*network.image, plan, 0) {
            Drawer drawer(*network.kernel, network.image->shape().vocabulary_size);
            while (!tune.draws_next() && tune.advance(stepper, 0, drawer)) stepper.step(1);
        }
        const Plan plan;
        Stepper stepper;
        Tune tune;
    };
    const nb::gil_scoped_release release;
    const auto beginning = std::make_shared<Beginning>(network, given);
    const auto begin = [beginning, first](std::size_t index, Stepper& stepper, std::size_t slot) {
        stepper.copy(slot, beginning->stepper, 0);
        Tune tune = beginning->tune;
        tune.renumber(first + index);
        tune.reserve(std::min(beginning->plan.max_characters, ROOM));
        return tune;
    };
    return std::make_unique<Tunes>(network, count, begin, threads, slots);
}

using Texts = std::vector<Vector<std::int32_t>>;

// What begins to read text `index`; each has one id or more. kept: what will be recorded, if anything.
Bulk::Begin reading(const Network& network, const Texts& texts, std::optional<Kept> kept) {
    const auto plans = std::make_shared<std::vector<Plan>>();
    for (const auto& text : texts) {
        Plan plan;
        plan.begin.assign(text.data(), text.data() + 1);
        plan.pieces.push_back({{text.data() + 1, text.data() + text.size()}, false});
        plans->push_back(std::move(plan));
    }
    const std::shared_ptr<const Image> image = network.image;
    return [plans, image, kept](std::size_t index, Stepper& stepper, std::size_t slot) {
        stepper.clear(slot);
        Tune tune(*image, (*plans)[index], 0);
        const std::size_t size = (*plans)[index].pieces[0].given.size();
        tune.reserve(size);
        if (kept) tune.trace().reserve(size + 1, image->shape(), *kept);
        return tune;
    };
}

// Reads whole texts, of two ids or more each; the records tell the log-probability of every id but the first.
std::unique_ptr<Tunes> score(const Network& network, const Texts& texts, std::size_t threads, std::size_t slots) {
    const Bulk::Begin begin = reading(network, texts, std::nullopt);
    const nb::gil_scoped_release release;
    return std::make_unique<Tunes>(network, texts.size(), begin, threads, slots);
}

// (log-probabilities [T - 1] of every id but the first, hidden [T, L, H], cell or None, gates) of a text of T ids
RecordingTuple recording_of(Record record, const Shape& shape) {
    Trace& t = record.trace;
    const std::vector<std::size_t> all{record.ids.size() + 1, shape.layers, shape.hidden_size};
    nb::list gates;
    for (std::vector<float>& gate : t.gates) gates.append(as_array(std::move(gate), all));
    const nb::object cell = t.cell.empty() ? nb::none() : nb::cast(as_array(std::move(t.cell), all));
    return RecordingTuple(
        nb::make_tuple(as_array(std::move(record.log_probabilities)), as_array(std::move(t.hidden), all), cell, gates));
}

// What the network does in many texts, in order.
class Recordings {
public:
    Recordings(const Network& network, const Texts& texts, std::size_t threads, std::size_t slots, const Kept& kept)
        : shape_(network.image->shape()),
          bulk_(network.image, *network.kernel, texts.size(), reading(network, texts, kept),
                {threads, slots, 2, network.changes, kept}) {}

    // The next one; None after the last.
    std::optional<RecordingTuple> next() {
        std::vector<Record> records;
        bool more = true;
        while (more && records.empty()) {
            {
                const nb::gil_scoped_release release;
                more = bulk_.next(records, 1, 0.1);
            }
            if (PyErr_CheckSignals() != 0) throw nb::python_error();
        }
        if (records.empty()) return std::nullopt;
        return recording_of(std::move(records[0]), shape_);
    }

private:
    const Shape shape_;
    Bulk bulk_;
};

Dictionary trace_of(const Network& network, const Vector<std::int32_t>& ids) {
    Trace t;
    {
        const std::vector<std::int32_t> copy(ids.data(), ids.data() + ids.size());
        const nb::gil_scoped_release release;
        t = trace(network.image, *network.kernel, network.changes, copy);
    }
    const Shape& s = network.image->shape();
    const std::vector<std::size_t> all{ids.size(), s.layers, s.hidden_size};
    nb::dict out;
    out["log_probabilities"] = as_array(std::move(t.log_probabilities), {ids.size(), s.vocabulary_size});
    out["hidden"] = as_array(std::move(t.hidden), all);
    if (s.cell == Cell::lstm) out["cell"] = as_array(std::move(t.cell), all);
    nb::list gates;
    for (std::vector<float>& gate : t.gates) gates.append(as_array(std::move(gate), all));
    out["gates"] = gates;
    return out;
}

nb::ndarray<nb::numpy, float> apply(const std::string& kernel_name, const std::string& function,
                                    const Vector<float>& values) {
    const Kernel& kernel = kernel_named(kernel_name);
    const auto apply_to = function == "exp"       ? kernel.exp
                          : function == "log"     ? kernel.log
                          : function == "sigmoid" ? kernel.sigmoid
                          : function == "tanh"    ? kernel.tanh
                                                  : kernel.sqrt;
    std::vector<float> out(values.size());
    apply_to(values.data(), out.data(), out.size());
    return as_array(std::move(out));
}

std::vector<double> random_numbers(std::uint64_t seed, std::uint64_t number, std::size_t count) {
    Philox philox(seed, number);
    std::vector<double> out(count);
    for (double& value : out) value = philox.random();
    return out;
}

std::vector<std::string> kernels() {
    std::size_t count;
    const Kernel* const* all = kernels_of_this_processor(count);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) names.emplace_back(all[i]->name);
    return names;
}

void check_ids(const std::vector<std::int32_t>& ids, const Network& network) {
    for (const std::int32_t id : ids)
        if (id < 0 || static_cast<std::uint32_t>(id) >= network.image->shape().vocabulary_size)
            throw nb::value_error("an id that the network does not have");
}

void check_texts(const Texts& texts, std::size_t least, const Network& network) {
    for (const auto& text : texts) {
        if (text.size() < least) throw nb::value_error("a text of too few ids");
        check_ids({text.data(), text.data() + text.size()}, network);
    }
}

using Change = std::tuple<std::size_t, Vector<float>, Vector<float>, Vector<float>, Vector<float>>;

// The same network, with changes of its hidden states: layer, keep [H], offsets [N * H], detect and remove [K * H].
Network intervened(const Network& network, const std::vector<Change>& changes) {
    const Shape& shape = network.image->shape();
    const auto copy = [](const Vector<float>& values) {
        return std::vector<float>(values.data(), values.data() + values.size());
    };
    std::vector<Intervention> all;
    for (const auto& [layer, keep, offsets, detect, remove] : changes) {
        const std::size_t H = shape.hidden_size;
        if (layer >= shape.layers || keep.size() != H || offsets.size() == 0 || offsets.size() % H ||
            detect.size() % H || detect.size() != remove.size())
            throw nb::value_error("an intervention for a network of another shape");
        all.push_back({layer, copy(keep), copy(offsets), copy(detect), copy(remove)});
    }
    Network other = network;
    other.changes = std::make_shared<const std::vector<Intervention>>(std::move(all));
    return other;
}

void check_plan(const Plan& plan, const Network& network) {
    if (plan.begin.empty()) throw nb::value_error("a plan must begin with an id");
    check_ids(plan.begin, network);
    for (const Plan::Piece& piece : plan.pieces) {
        check_ids(piece.given, network);
        if (piece.open_line) check_ids({plan.line_end}, network);
    }
    const std::size_t allowed = plan.sampling.allowed.size();
    if (allowed && allowed != network.image->shape().vocabulary_size)
        throw nb::value_error("a mask of another length than the vocabulary");
    const std::uint32_t size = network.image->shape().vocabulary_size;
    if (plan.constraint &&
        (static_cast<std::uint32_t>(plan.constraint->vocabulary_size()) != size || plan.constraint->end() != plan.end))
        throw nb::value_error("a constraint for another vocabulary");
}

}  // namespace
}  // namespace songrnn

NB_MODULE(_native, m) {
    using namespace songrnn;
    m.doc() = "The compiled engine, which native/bindings.cpp defines; absent where it could not be built.";
    m.def("kernels", &kernels);
    m.def("apply", &apply, "kernel"_a, "function"_a, "values"_a);
    m.def("random", &random_numbers, "seed"_a, "number"_a, "count"_a);
    m.def("read_bandwidth", &read_bandwidth, "size"_a, "seconds"_a, nb::call_guard<nb::gil_scoped_release>());
    nb::exception<BadImage>(m, "BadImage", PyExc_ValueError);

    bind_constraint(m);
    bind_position(m);
    nb::class_<Plan>(m, "Plan").def(
        "__init__",
        [](Plan* self, std::vector<std::int32_t> begin,
           const std::vector<std::pair<std::vector<std::int32_t>, bool>>& pieces, std::vector<std::int32_t> end_text,
           std::int32_t start, std::int32_t end, std::int32_t line_end, std::size_t longest_field,
           std::size_t max_characters, std::uint64_t seed, float temperature, std::uint32_t top_k, float top_p,
           float min_p, std::vector<std::uint8_t> allowed, std::shared_ptr<const Constraint> constraint,
           nb::object form) {
            new (self) Plan;
            self->begin = std::move(begin);
            for (const auto& [given, open_line] : pieces) self->pieces.push_back({given, open_line});
            self->end_text = std::move(end_text);
            self->start = start;
            self->end = end;
            self->line_end = line_end;
            self->longest_field = longest_field;
            self->max_characters = max_characters;
            self->seed = seed;
            self->sampling = {temperature, top_k, top_p, min_p, std::move(allowed)};
            self->constraint = std::move(constraint);
            if (!form.is_none()) self->form = form_of(form);
        },
        "begin"_a, "pieces"_a, "end_text"_a, "start"_a, "end"_a, "line_end"_a, "longest_field"_a, "max_characters"_a,
        "seed"_a, "temperature"_a, "top_k"_a, "top_p"_a, "min_p"_a, "allowed"_a, "constraint"_a.none(),
        "form"_a.none());

    nb::class_<Session>(m, "Session").def("next", &Session::next, "count"_a);
    nb::class_<Tunes>(m, "Tunes").def("next", &Tunes::next, "most"_a);
    nb::class_<Recordings>(m, "Recordings").def("next", &Recordings::next);

    nb::class_<Network>(m, "Network")
        .def_static(
            "pack",
            [](const Dictionary& arrays, const std::string& cell, bool int8, std::uint32_t hidden_size,
               std::uint32_t layers, std::uint32_t embedding_size, std::uint32_t vocabulary_size, bool copying,
               bool position, bool lookback, bool plan, bool pitch_heads, std::uint32_t position_size,
               const std::vector<std::uint32_t>& letters, const std::vector<std::uint32_t>& contexts,
               const std::vector<std::uint32_t>& count_steps, float floor, const std::string& kernel) {
                const Shape shape =
                    shape_of(cell, int8, hidden_size, layers, embedding_size, vocabulary_size, copying, position,
                             lookback, plan, pitch_heads, position_size, letters, contexts, count_steps, floor);
                return Network{pack(shape, arrays), &kernel_named(kernel), nb::none()};
            },
            "arrays"_a, "cell"_a, "int8"_a, "hidden_size"_a, "layers"_a, "embedding_size"_a, "vocabulary_size"_a,
            "copying"_a, "position"_a, "lookback"_a, "plan"_a, "pitch_heads"_a, "position_size"_a, "letters"_a,
            "contexts"_a, "count_steps"_a, "floor"_a, "kernel"_a)
        .def_static(
            "open",
            [](const nb::typed<nb::object, Vector<std::uint8_t>>& buffer, const std::string& kernel) {
                const auto memory = nb::cast<Vector<std::uint8_t>>(buffer);
                return Network{Image::open(memory.data(), memory.size()), &kernel_named(kernel), buffer};
            },
            "buffer"_a, "kernel"_a)
        .def_prop_ro("kernel", [](const Network& self) { return self.kernel->name; })
        .def_prop_ro("image",
                     [](const nb::object& self) {
                         const Image& image = *nb::cast<const Network&>(self).image;
                         const std::size_t size = image.bytes();
                         return nb::ndarray<nb::numpy, const std::uint8_t>(image.memory(), 1, &size, self);
                     })
        .def(
            "session",
            [](const Network& self, const Plan& plan, std::uint64_t number) {
                check_plan(plan, self);
                return std::make_unique<Session>(self, plan, number);
            },
            "plan"_a, "number"_a, nb::keep_alive<0, 1>())
        .def(
            "compose",
            [](const Network& self, const Plan& plan, std::uint64_t first, std::size_t count, std::size_t threads,
               std::size_t slots) {
                check_plan(plan, self);
                return compose(self, plan, first, count, threads, slots);
            },
            "plan"_a, "first"_a, "count"_a, "threads"_a, "slots"_a, nb::keep_alive<0, 1>())
        .def(
            "score",
            [](const Network& self, const std::vector<Vector<std::int32_t>>& texts, std::size_t threads,
               std::size_t slots) {
                check_texts(texts, 2, self);
                return score(self, texts, threads, slots);
            },
            "texts"_a, "threads"_a, "slots"_a, nb::keep_alive<0, 1>())
        .def(
            "record",
            [](const Network& self, const std::vector<Vector<std::int32_t>>& texts, std::size_t threads,
               std::size_t slots, bool cell, bool gates) {
                check_texts(texts, 1, self);
                return std::make_unique<Recordings>(self, texts, threads, slots, Kept{false, cell, gates});
            },
            "texts"_a, "threads"_a, "slots"_a, "cell"_a, "gates"_a, nb::keep_alive<0, 1>())
        .def("intervened", &intervened, "changes"_a, nb::keep_alive<0, 1>())
        .def(
            "trace",
            [](const Network& self, const Vector<std::int32_t>& ids) {
                check_ids({ids.data(), ids.data() + ids.size()}, self);
                return trace_of(self, ids);
            },
            "ids"_a);
}
