// The module songrnn._native, what Python sees of the engine; songrnn.engines.native and songrnn.tracking use it.
#include "bindings.hpp"

namespace songrnn {

const Kernel& kernel_named(const std::string& name) {
    const Kernel* kernel = find_kernel(name.empty() ? nullptr : name.c_str());
    if (!kernel) throw nb::value_error("this processor has no such kernel");
    return *kernel;
}

namespace {

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

}  // namespace
}  // namespace songrnn

NB_MODULE(_native, m) {
    using namespace songrnn;
    nb::set_leak_warnings(false);  // a program that ends while it composes still has its engine, which is no fault
    m.doc() = "The compiled engine, which native/bindings.cpp defines; absent where it could not be built.";
    m.def("kernels", &kernels);
    m.def("apply", &apply, "kernel"_a, "function"_a, "values"_a);
    m.def("random", &random_numbers, "seed"_a, "number"_a, "count"_a);
    m.def("read_bandwidth", &read_bandwidth, "size"_a, "seconds"_a, nb::call_guard<nb::gil_scoped_release>());
    bind_constraint(m);
    bind_position(m);
    NetworkClass network = bind_network(m);
    bind_tunes(m, network);
    bind_recordings(m, network);
}
