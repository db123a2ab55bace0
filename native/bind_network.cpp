// What Python sees of a network: its shape, packing and opening it, changes of its hidden states.
#include <algorithm>

#include "bindings.hpp"

namespace songrnn {

namespace {

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

// Arrays by the names of songrnn.model.settings.parameter_shapes and songrnn.model.ngrams.Ngrams.arrays.
std::shared_ptr<const Image> pack(Shape shape, const nb::dict& arrays) {
    if (shape.layers > MOST_LAYERS) throw nb::value_error("more layers than the engine knows");
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

// A list of numbers as an array of the shape, which has `size` places; returns how many there are.
std::uint32_t fill(std::uint32_t* places, std::size_t size, const std::vector<std::uint32_t>& numbers) {
    if (numbers.size() > size) throw nb::value_error("more contexts or steps than the engine knows");
    std::copy(numbers.begin(), numbers.end(), places);
    return static_cast<std::uint32_t>(numbers.size());
}

using Numbers = std::vector<std::uint32_t>;

void bind_shape(nb::module_& m) {
    nb::class_<Shape>(m, "Shape")
        .def(nb::init<>())
        .def_prop_rw(
            "cell", [](const Shape& self) { return CELLS[static_cast<std::size_t>(self.cell)]; },
            [](Shape& self, const std::string& name) {
                const auto found = std::find(std::begin(CELLS), std::end(CELLS), name);
                if (found == std::end(CELLS)) throw nb::value_error("no cell of the engine");
                self.cell = static_cast<Cell>(found - std::begin(CELLS));
            })
        .def_prop_rw(
            "int8", [](const Shape& self) { return self.precision == Precision::int8; },
            [](Shape& self, bool int8) { self.precision = int8 ? Precision::int8 : Precision::fp32; })
        .def_rw("hidden_size", &Shape::hidden_size)
        .def_rw("layers", &Shape::layers)
        .def_rw("embedding_size", &Shape::embedding_size)
        .def_rw("vocabulary_size", &Shape::vocabulary_size)
        .def_rw("copying", &Shape::copying)
        .def_rw("position", &Shape::position)
        .def_rw("lookback", &Shape::lookback)
        .def_rw("plan", &Shape::plan)
        .def_rw("pitch_heads", &Shape::pitch_heads)
        .def_rw("position_size", &Shape::position_size)
        .def_rw("floor", &Shape::floor)
        .def_prop_rw(
            "letters", [](const Shape& self) { return Numbers(self.letter, self.letter + NOTE_LETTERS); },
            [](Shape& self, const Numbers& letters) {
                if (letters.size() != NOTE_LETTERS) throw nb::value_error("other note letters than the engine knows");
                fill(self.letter, NOTE_LETTERS, letters);
            })
        .def_prop_rw(
            "contexts", [](const Shape& self) { return Numbers(self.context, self.context + self.contexts); },
            [](Shape& self, const Numbers& lengths) { self.contexts = fill(self.context, MOST_CONTEXTS, lengths); })
        .def_prop_rw(
            "count_steps",
            [](const Shape& self) { return Numbers(self.count_step, self.count_step + self.count_steps); },
            [](Shape& self, const Numbers& steps) {
                self.count_steps = fill(self.count_step, MOST_COUNT_STEPS, steps);
            });
}

}  // namespace

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

NetworkClass bind_network(nb::module_& m) {
    nb::exception<BadImage>(m, "BadImage", PyExc_ValueError);
    bind_shape(m);
    NetworkClass network(m, "Network");
    network
        .def_static(
            "pack",
            [](const Dictionary& arrays, const Shape& shape, const std::string& kernel) {
                return Network{pack(shape, arrays), &kernel_named(kernel), nb::none()};
            },
            "arrays"_a, "shape"_a, "kernel"_a)
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
        .def("intervened", &intervened, "changes"_a, nb::keep_alive<0, 1>());
    return network;
}

}  // namespace songrnn
