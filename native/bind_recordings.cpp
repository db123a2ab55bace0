// What Python sees of what a network does while it reads.
#include "bindings.hpp"

namespace songrnn {

namespace {

using RecordingTuple =
    nb::typed<nb::tuple, nb::ndarray<nb::numpy, float>, nb::ndarray<nb::numpy, float>,
              std::optional<nb::ndarray<nb::numpy, float>>, std::vector<nb::ndarray<nb::numpy, float>>>;

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

}  // namespace

void bind_recordings(nb::module_& m, NetworkClass& network) {
    nb::class_<Recordings>(m, "Recordings").def("next", &Recordings::next);
    network
        .def(
            "record",
            [](const Network& self, const std::vector<Vector<std::int32_t>>& texts, std::size_t threads,
               std::size_t slots, bool cell, bool gates) {
                check_texts(texts, 1, self);
                return std::make_unique<Recordings>(self, texts, threads, slots, Kept{false, cell, gates});
            },
            "texts"_a, "threads"_a, "slots"_a, "cell"_a, "gates"_a, nb::keep_alive<0, 1>())
        .def(
            "trace",
            [](const Network& self, const Vector<std::int32_t>& ids) {
                check_ids({ids.data(), ids.data() + ids.size()}, self);
                return trace_of(self, ids);
            },
            "ids"_a);
}

}  // namespace songrnn
