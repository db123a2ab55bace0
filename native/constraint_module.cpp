// The engine with nothing but constraints, quick to build: for benchmarks/mutations.py.
#include <nanobind/nanobind.h>

namespace songrnn {
void bind_constraint(nanobind::module_& m);  // bind_constraint.cpp
}

NB_MODULE(_native, m) { songrnn::bind_constraint(m); }
