// What the files of the bindings share: arrays, texts, records, and the network that Python holds.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <utility>

#include "bulk.hpp"

namespace songrnn {

namespace nb = nanobind;
using namespace nb::literals;

template <class Value>
using Vector = nb::ndarray<const Value, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Texts = std::vector<Vector<std::int32_t>>;

// Types for the stub (src/songrnn/_native.pyi, written by `make stub`), where a bare dict or tuple would say nothing.
using Dictionary = nb::typed<nb::dict, nb::str, nb::any>;
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

// An image together with the Python buffer that it lies in.
struct Network {
    std::shared_ptr<const Image> image;
    const Kernel* kernel;
    nb::object owner;
    Interventions changes = nullptr;
};

using NetworkClass = nb::class_<Network>;

const Kernel& kernel_named(const std::string& name);                                        // bindings.cpp
void check_ids(const std::vector<std::int32_t>& ids, const Network& network);               // bind_network.cpp
void check_texts(const Texts& texts, std::size_t least, const Network& network);            // bind_network.cpp
Bulk::Begin reading(const Network& network, const Texts& texts, std::optional<Kept> kept);  // bind_tunes.cpp
tracking::PlannedForm form_of(nb::handle object);                                           // bind_position.cpp

void bind_constraint(nb::module_& m);
void bind_position(nb::module_& m);
NetworkClass bind_network(nb::module_& m);
void bind_tunes(nb::module_& m, NetworkClass& network);
void bind_recordings(nb::module_& m, NetworkClass& network);

}  // namespace songrnn
