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
    out.read_fields(
        [&](const char* name, auto& field) { field = nb::cast<std::decay_t<decltype(field)>>(object.attr(name)); });
}

template <class Struct>
std::vector<Struct> list_of(nb::handle objects) {
    std::vector<Struct> out;
    for (nb::handle one : objects) read(out.emplace_back(), one);
    return out;
}

TokenAutomaton automaton_of(nb::handle object) {
    TokenAutomaton out;
    out.tokens = list_of<Token>(object.attr("tokens"));
    out.keys = list_of<TokenKey>(object.attr("keys"));
    for (nb::handle edges : object.attr("edges")) {
        out.edges.emplace_back();
        for (const auto& [id, node] : nb::cast<nb::dict>(edges))
            out.edges.back().push_back({nb::cast<std::int32_t>(id), nb::cast<std::int32_t>(node)});
    }
    out.ended = nb::cast<Numbers>(object.attr("ended"));
    out.within = nb::cast<std::vector<Numbers>>(object.attr("within"));
    return out;
}

// How many of some ids are allowed, one after the other, and the state after these.
std::size_t follow(const Constraint& constraint, const Numbers& ids, TuneState& s) {
    TuneState after;
    std::size_t place = 0;
    for (; place < ids.size() && constraint.push(s, ids[place], after); ++place) s = after;
    return place;
}

TuneState state_after(const Constraint& constraint, const Numbers& ids) {
    TuneState s;
    if (follow(constraint, ids, s) < ids.size()) throw std::invalid_argument("an id that is not allowed");
    return s;
}

Numbers completion(const Constraint& constraint, const Numbers& ids) {
    Numbers out;
    TuneState s = state_after(constraint, ids), after;
    rules::characters_to_end(constraint.context(), s);  // throws where it has no end
    while (out.empty() || out.back() != constraint.end()) {
        out.push_back(rules::next_to_end(constraint.context(), s));
        constraint.push(s, out.back(), after);
        s = after;
    }
    return out;
}

}  // namespace

void bind_constraint(nb::module_& m) {
    nb::class_<Constraint>(m, "Constraint")
        .def(
            "__init__",
            [](Constraint* self, nb::handle given, std::int32_t vocabulary_size) {
                Context context;
                read(context, given);
                read(context.form, given.attr("form"));
                context.automaton = automaton_of(given.attr("automaton"));
                new (self) Constraint(std::move(context), vocabulary_size);
            },
            "context"_a, "vocabulary_size"_a,
            nb::sig("def __init__(self, context: songrnn.constraints.state.Context, vocabulary_size: int) -> None"))
        .def(
            "refused",
            [](const Constraint& self, const Numbers& ids) {
                TuneState s;
                return follow(self, ids, s);
            },
            "ids"_a)
        .def(
            "allowed",
            [](const Constraint& self, const Numbers& ids) {
                std::vector<std::uint8_t> mask(static_cast<std::size_t>(self.vocabulary_size()));
                self.allowed(state_after(self, ids), mask.data());
                return mask;
            },
            "ids"_a)
        .def(
            "masks",  // what is allowed at the beginning and after every id, one mask after the other
            [](const Constraint& self, const Numbers& ids) {
                const std::size_t size = static_cast<std::size_t>(self.vocabulary_size());
                std::vector<std::uint8_t> masks(size * (ids.size() + 1));
                TuneState s, after;
                self.allowed(s, masks.data());
                for (std::size_t i = 0; i < ids.size() && self.push(s, ids[i], after); ++i, s = after)
                    self.allowed(after, masks.data() + size * (i + 1));
                return nb::bytes(masks.data(), masks.size());
            },
            "ids"_a)
        .def(
            "state",
            [](const Constraint& self, const Numbers& ids) {
                nb::typed<nb::dict, nb::str, nb::any> out;
                TuneState s = state_after(self, ids);
                s.read_fields([&](const char* name, const auto& field) { out[name] = nb::cast(field); });
                return out;
            },
            "ids"_a)
        .def("completion", &completion, "ids"_a)
        .def(
            "characters_to_end",
            [](const Constraint& self, const Numbers& ids) {
                TuneState s = state_after(self, ids);
                return rules::characters_to_end(self.context(), s);
            },
            "ids"_a);
}

}  // namespace songrnn

#ifdef RULES_MODULE  // the engine with nothing but constraints and positions, quick to build: benchmarks/mutations.py
namespace songrnn {
void bind_position(nb::module_& m);  // bind_position.cpp
}
NB_MODULE(_native, m) {
    songrnn::bind_constraint(m);
    songrnn::bind_position(m);
}
#endif
