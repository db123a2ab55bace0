// What Python sees of composing and scoring: plans, and tunes that come one by one or many at once.
#include <algorithm>

#include "bindings.hpp"

namespace songrnn {

namespace {

constexpr std::size_t ROOM = 4096;  // characters for which a tune makes room at once

// (ids, log-probabilities, given, copied from, removed, finished)
RecordTuple as_tuple(Record record) {
    return nb::make_tuple(as_array(std::move(record.ids)), as_array(std::move(record.log_probabilities)),
                          as_array(std::move(record.given)), as_array(std::move(record.copied_from)),
                          as_array(std::move(record.removed)), record.finished);
}

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

// Reads whole texts, of two ids or more each; the records tell the log-probability of every id but the first.
std::unique_ptr<Tunes> score(const Network& network, const Texts& texts, std::size_t threads, std::size_t slots) {
    const Bulk::Begin begin = reading(network, texts, std::nullopt);
    const nb::gil_scoped_release release;
    return std::make_unique<Tunes>(network, texts.size(), begin, threads, slots);
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

void bind_plan(nb::module_& m) {
    nb::class_<Plan::Piece>(m, "Piece").def(nb::init<std::vector<std::int32_t>, bool>(), "given"_a, "open_line"_a);
    nb::class_<Sampling>(m, "Sampling")
        .def_rw("temperature", &Sampling::temperature)
        .def_rw("top_k", &Sampling::top_k)
        .def_rw("top_p", &Sampling::top_p)
        .def_rw("min_p", &Sampling::min_p)
        .def_rw("allowed", &Sampling::allowed);
    nb::class_<Plan>(m, "Plan")
        .def(nb::init<>())
        .def_rw("begin", &Plan::begin)
        .def_rw("pieces", &Plan::pieces)
        .def_rw("end_text", &Plan::end_text)
        .def_rw("start", &Plan::start)
        .def_rw("end", &Plan::end)
        .def_rw("line_end", &Plan::line_end)
        .def_rw("longest_field", &Plan::longest_field)
        .def_rw("max_characters", &Plan::max_characters)
        .def_rw("seed", &Plan::seed)
        .def_rw("sampling", &Plan::sampling)
        .def_rw("constraint", &Plan::constraint)
        .def("set_form", [](Plan& self, nb::handle form) { self.form = form_of(form); }, "form"_a);
}

}  // namespace

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

void bind_tunes(nb::module_& m, NetworkClass& network) {
    bind_plan(m);
    nb::class_<Session>(m, "Session").def("next", &Session::next, "count"_a);
    nb::class_<Tunes>(m, "Tunes").def("next", &Tunes::next, "most"_a);
    network
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
            "texts"_a, "threads"_a, "slots"_a, nb::keep_alive<0, 1>());
}

}  // namespace songrnn
