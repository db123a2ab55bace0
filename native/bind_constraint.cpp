// What Python sees of the constraints.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/vector.h>

#include "constraint.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace songrnn {

namespace {

using Numbers = std::vector<std::int32_t>;

Words words_of(const Numbers& words, const Numbers& keys, Numbers edge_begin, Numbers edge_id, Numbers edge_to,
               Numbers ended, Numbers within_begin, Numbers within, Numbers least) {
    if (words.size() % 4 || keys.size() % (LETTERS + 1)) throw std::invalid_argument("words or keys of a wrong size");
    Words out;
    for (std::size_t i = 0; i < words.size(); i += 4)
        out.words.push_back({static_cast<Kind>(words[i]), words[i + 1], words[i + 2], words[i + 3]});
    for (std::size_t i = 0; i < keys.size(); i += LETTERS + 1) {
        WordKey key{};
        std::copy(keys.data() + i, keys.data() + i + LETTERS, key.alterations);
        key.tonic = keys[i + LETTERS];
        out.keys.push_back(key);
    }
    out.edge_begin = std::move(edge_begin);
    out.edge_id = std::move(edge_id);
    out.edge_to = std::move(edge_to);
    out.ended = std::move(ended);
    out.within_begin = std::move(within_begin);
    out.within = std::move(within);
    out.least = std::move(least);
    return out;
}

// The state behind some ids; their count, or of the first that is refused its index.
std::pair<State, std::size_t> follow(const Constraint& constraint, const Numbers& ids) {
    State s, behind;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!constraint.push(s, ids[i], behind)) return {s, i};
        s = behind;
    }
    return {s, ids.size()};
}

}  // namespace

void bind_constraint(nb::module_& m) {
    nb::class_<Constraint>(m, "Constraint")
        .def("__init__",
             [](Constraint* self, const Numbers& words, const Numbers& keys, Numbers edge_begin, Numbers edge_id,
                Numbers edge_to, Numbers ended, Numbers within_begin, Numbers within, Numbers least, std::int32_t bars,
                std::vector<std::uint8_t> sections, std::int32_t low, std::int32_t high, bool ends_on_tonic,
                bool changes, std::int32_t end, std::int32_t vocabulary_size) {
                 if (end < 0 || end >= vocabulary_size) throw std::invalid_argument("an end that is no id");
                 new (self) Constraint(
                     words_of(words, keys, std::move(edge_begin), std::move(edge_id), std::move(edge_to),
                              std::move(ended), std::move(within_begin), std::move(within), std::move(least)),
                     Form{bars, std::move(sections), low, high, ends_on_tonic, changes}, end, vocabulary_size);
             },
             "words"_a, "keys"_a, "edge_begin"_a, "edge_id"_a, "edge_to"_a, "ended"_a, "within_begin"_a, "within"_a,
             "least"_a, "bars"_a, "sections"_a, "low"_a, "high"_a, "ends_on_tonic"_a, "changes"_a, "end"_a,
             "vocabulary_size"_a)
        .def("refused", [](const Constraint& self, const Numbers& ids) { return follow(self, ids).second; }, "ids"_a)
        .def("allowed",
             [](const Constraint& self, const Numbers& ids) {
                 std::vector<std::uint8_t> mask(static_cast<std::size_t>(self.vocabulary_size()));
                 self.allowed(follow(self, ids).first, mask.data());
                 return mask;
             },
             "ids"_a)
        .def("completion_length",
             [](const Constraint& self, const Numbers& ids) {
                 return self.length_of_completion(follow(self, ids).first);
             },
             "ids"_a)
        .def("completion",
             [](const Constraint& self, const Numbers& ids) {
                 Numbers out;
                 State s = follow(self, ids).first, behind;
                 self.length_of_completion(s);  // throws where it has no end
                 while (out.empty() || out.back() != self.end()) {
                     out.push_back(self.completion(s));
                     if (!self.push(s, out.back(), behind)) throw std::logic_error("a completion that is not allowed");
                     s = behind;
                 }
                 return out;
             },
             "ids"_a);
}

}  // namespace songrnn
