// What Python sees of the constraints.
#include <nanobind/nanobind.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/vector.h>

#include "constraint.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace songrnn {

namespace {

using Numbers = std::vector<std::int32_t>;

// Reads the fields of a C++ struct from the attributes of the same names.
template <class Struct>
void read(Struct& out, nb::handle object) {
    out.read_fields([&](const char* name, auto& field) {
        field = nb::cast<std::decay_t<decltype(field)>>(object.attr(name));
    });
}

std::int32_t number(nb::handle object, const char* name) { return nb::cast<std::int32_t>(object.attr(name)); }

TokenAutomaton automaton_of(nb::handle object) {
    TokenAutomaton out;
    for (nb::handle token : object.attr("tokens"))
        out.tokens.push_back({number(token, "kind"), number(token, "a"), number(token, "b"), number(token, "c")});
    for (nb::handle key : object.attr("keys")) {
        const Numbers alterations = nb::cast<Numbers>(key.attr("alterations"));
        if (alterations.size() != LETTERS) throw std::invalid_argument("invalid tokens");
        out.keys.push_back({{}, number(key, "tonic")});
        std::copy(alterations.begin(), alterations.end(), out.keys.back().alterations.begin());
    }
    for (nb::handle edges : object.attr("edges")) {
        for (const auto& [id, node] : nb::cast<nb::dict>(edges))
            out.edges.values.push_back({nb::cast<std::int32_t>(id), nb::cast<std::int32_t>(node)});
        out.edges.end_list();
    }
    for (nb::handle within : object.attr("within")) {
        for (nb::handle token : within) out.within.values.push_back(nb::cast<std::int32_t>(token));
        out.within.end_list();
    }
    out.ended = nb::cast<Numbers>(object.attr("ended"));
    out.least = nb::cast<Numbers>(object.attr("least"));
    return out;
}

// The state after some ids; throws std::invalid_argument for one that is not allowed.
State state_after(const Constraint& constraint, const Numbers& ids) {
    State s, after;
    for (const std::int32_t id : ids) {
        if (!constraint.push(s, id, after)) throw std::invalid_argument("an id that is not allowed");
        s = after;
    }
    return s;
}

Numbers completion(const Constraint& constraint, const Numbers& ids) {
    Numbers out;
    State s = state_after(constraint, ids), after;
    constraint.characters_to_end(s);  // throws where it has no end
    while (out.empty() || out.back() != constraint.end()) {
        out.push_back(constraint.next_to_end(s));
        constraint.push(s, out.back(), after);
        s = after;
    }
    return out;
}

}  // namespace

void bind_constraint(nb::module_& m) {
    nb::class_<Constraint>(m, "Constraint")
        .def("__init__",
             [](Constraint* self, nb::handle given, std::int32_t vocabulary_size) {
                 Context context;
                 read(context, given);
                 read(context.form, given.attr("form"));
                 context.automaton = automaton_of(given.attr("automaton"));
                 new (self) Constraint(std::move(context), vocabulary_size);
             },
             "context"_a, "vocabulary_size"_a)
        .def("refused",
             [](const Constraint& self, const Numbers& ids) {
                 State s, after;
                 std::size_t place = 0;
                 for (; place < ids.size() && self.push(s, ids[place], after); ++place) s = after;
                 return place;
             },
             "ids"_a)
        .def("allowed",
             [](const Constraint& self, const Numbers& ids) {
                 std::vector<std::uint8_t> mask(static_cast<std::size_t>(self.vocabulary_size()));
                 self.allowed(state_after(self, ids), mask.data());
                 return mask;
             },
             "ids"_a)
        .def("masks",  // what is allowed at the beginning and after every id, one mask after the other
             [](const Constraint& self, const Numbers& ids) {
                 const std::size_t size = static_cast<std::size_t>(self.vocabulary_size());
                 std::vector<std::uint8_t> masks(size * (ids.size() + 1));
                 State s, after;
                 for (std::size_t i = 0; i < ids.size(); ++i, s = after) {
                     self.allowed(s, masks.data() + size * i);
                     if (!self.push(s, ids[i], after)) throw std::invalid_argument("an id that is not allowed");
                 }
                 self.allowed(s, masks.data() + size * ids.size());
                 return nb::bytes(masks.data(), masks.size());
             },
             "ids"_a)
        .def("state",
             [](const Constraint& self, const Numbers& ids) {
                 nb::dict out;
                 State s = state_after(self, ids);
                 s.read_fields([&](const char* name, const auto& field) { out[name] = nb::cast(field); });
                 return out;
             },
             "ids"_a)
        .def("completion", &completion, "ids"_a);
}

}  // namespace songrnn
