// What Python sees of positions: songrnn.tracking is its only user.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/vector.h>

#include "position.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace songrnn {

// Reads a songrnn.tracking.place.PlannedForm; every part has an entry in each of its lists.
tracking::PlannedForm form_of(nb::handle object) {
    tracking::PlannedForm form;
    form.read_fields([&](const char* name, std::vector<std::int32_t>& numbers) {
        numbers = nb::cast<std::vector<std::int32_t>>(object.attr(name));
        if (numbers.size() != form.bars.size()) throw std::invalid_argument("invalid plan");
    });
    return form;
}

namespace {

using Numbers = nb::ndarray<const std::int32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Rows = nb::ndarray<nb::numpy, std::int32_t, nb::ndim<2>>;

// A row for every character of a tune, [T, ROW].
Rows positions(Numbers ids, Numbers code_points, nb::handle form) {
    auto source = std::make_shared<PositionSource>();
    source->code_points.assign(code_points.data(), code_points.data() + code_points.size());
    source->form = form_of(form);
    const auto size = static_cast<std::int32_t>(code_points.size());
    for (std::size_t i = 0; i < ids.size(); ++i)
        if (ids.data()[i] < 0 || ids.data()[i] >= size) throw std::invalid_argument("an id that is none");
    auto* rows = new std::vector<std::int32_t>(ids.size() * tracking::ROW);
    nb::capsule owner(rows, [](void* p) noexcept { delete static_cast<std::vector<std::int32_t>*>(p); });
    Position position(std::move(source));
    position.reserve(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        position.tell(ids.data()[i]);
        std::copy_n(position.row(), tracking::ROW, rows->data() + i * tracking::ROW);
    }
    return Rows(rows->data(), {ids.size(), static_cast<std::size_t>(tracking::ROW)}, owner);
}

// For the stub, where a bare dict or tuple would say nothing.
using Fields = nb::typed<nb::dict, nb::str, nb::any>;
using Numbered = nb::typed<nb::tuple, int, nb::ellipsis>;

// All fields of the state and of the token after every character.
std::vector<Fields> states(Numbers points) {
    std::vector<Fields> out;
    tracking::Tracker tracker;
    for (std::size_t i = 0; i < points.size(); ++i) {
        tracking::rules::read_character(tracker, points.data()[i]);
        Fields fields;
        const auto keep = [&](const char* name, const auto& field) { fields[name] = nb::cast(field); };
        tracker.current.read_fields(keep);
        out.push_back(fields);
    }
    return out;
}

// (bars, repeated, endings, pickup, cadence) of every part of a text.
std::vector<Numbered> parts(Numbers points) {
    const tracking::Parts found = parts_of(points.data(), points.size());
    std::vector<Numbered> out;
    for (std::size_t i = 0; i < found.bars.size(); ++i)
        out.push_back(
            nb::make_tuple(found.bars[i], found.repeated[i], found.endings[i], found.pickups[i], found.cadences[i]));
    return out;
}

}  // namespace

void bind_position(nb::module_& m) {
    m.def("positions", &positions, "ids"_a, "code_points"_a, "form"_a);
    m.def("tracker_states", &states, "points"_a);
    m.def("parts", &parts, "points"_a);
}

}  // namespace songrnn
