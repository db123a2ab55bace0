#include "tune.hpp"

#include <algorithm>

namespace songrnn {

namespace {

// No character makes the completion longer by more than this, and by more than all of it.
constexpr std::size_t RESERVE = 512;

}  // namespace

void Record::push(std::int32_t id, float log_probability, float removed_mass, bool is_given, std::int32_t source) {
    ids.push_back(id);
    log_probabilities.push_back(log_probability);
    removed.push_back(removed_mass);
    given.push_back(is_given);
    copied_from.push_back(source);
}

void Record::drop(std::size_t count) {
    ids.resize(ids.size() - count);
    log_probabilities.resize(ids.size());
    removed.resize(ids.size());
    given.resize(ids.size());
    copied_from.resize(ids.size());
}

Tune::Tune(const Image& image, const Plan& plan, std::uint64_t number)
    : plan_(&plan),
      shape_(&image.shape()),
      random_(plan.seed, number),
      copier_(image.shape().vocabulary_size),
      ngrams_(image) {
    if (!shape_->follows_position()) return;
    const std::vector<std::int32_t> code_points(image.code_points, image.code_points + shape_->vocabulary_size);
    position_.emplace(std::make_shared<PositionSource>(PositionSource{code_points, plan.form}));
}

void Tune::reserve(std::size_t characters) {
    const std::size_t size = record_.ids.size() + characters;
    record_.ids.reserve(size);
    record_.copied_from.reserve(size);
    record_.log_probabilities.reserve(size);
    record_.removed.reserve(size);
    record_.given.reserve(size);
    copier_.reserve(read_ + characters);
    if (position_) position_->reserve(characters);
}

bool Tune::draws_next() {
    settle();
    return phase_ == Phase::line || phase_ == Phase::body;
}

// Leaves phases of which nothing is left.
void Tune::settle() {
    while (true) {
        if (phase_ == Phase::begin && at_ == plan_->begin.size()) {
            phase_ = Phase::given;
            piece_ = at_ = 0;
        } else if (phase_ == Phase::given && piece_ == plan_->pieces.size()) {
            phase_ = Phase::body;
        } else if (phase_ == Phase::given && at_ == plan_->pieces[piece_].given.size()) {
            at_ = 0;
            if (plan_->pieces[piece_].open_line)
                phase_ = Phase::line;
            else
                ++piece_;
        } else {
            return;
        }
    }
}

bool Tune::advance(Stepper& stepper, std::size_t slot, Drawer& drawer) {
    const auto draw = [&] { return choose(stepper, slot, drawer); };
    while (true) {
        settle();
        switch (phase_) {
            case Phase::begin: read(plan_->begin[at_++], stepper, slot); return true;
            case Phase::given: accept(plan_->pieces[piece_].given[at_++], true, stepper, slot); return true;
            case Phase::line: {
                std::int32_t id = at_++ < plan_->longest_field ? draw() : plan_->line_end;
                if (plan_->start >= 0 && id >= plan_->start) id = plan_->line_end;
                accept(id, false, stepper, slot);
                if (id == plan_->line_end) {
                    phase_ = Phase::given;
                    ++piece_;
                    at_ = 0;
                }
                return true;
            }
            case Phase::body: {
                if (at_++ == plan_->max_characters && !plan_->constraint) {
                    phase_ = Phase::over;
                    break;
                }
                const std::int32_t id = draw();
                if (id == plan_->end) {
                    record_.finished = !completed_;
                    phase_ = Phase::over;
                    break;
                }
                if (id == plan_->start) break;  // an untrained network may draw it; it has no character
                accept(id, false, stepper, slot);
                if (ends_with_marker()) {
                    record_.drop(plan_->end_text.size());
                    record_.finished = true;
                    phase_ = Phase::over;
                    break;
                }
                return true;
            }
            case Phase::over: return false;
        }
    }
}

// An id by chance, among those that are allowed; where chance has no say, the one that leads to the end.
std::int32_t Tune::choose(Stepper& stepper, std::size_t slot, Drawer& drawer) {
    const float* log_probabilities = stepper.log_probabilities(slot);
    const std::vector<std::uint8_t>& allowed = plan_->sampling.allowed;
    if (!plan_->constraint) {
        const std::int32_t id =
            drawer.draw(log_probabilities, plan_->sampling, allowed.empty() ? nullptr : allowed.data(), random_);
        if (id >= 0) return id;
        const auto first = std::find(allowed.begin(), allowed.end(), std::uint8_t{1});
        return first == allowed.end() ? 0 : static_cast<std::int32_t>(first - allowed.begin());
    }
    plan_->constraint->allowed(state_, drawer.mask());
    removed_ = drawer.removed(log_probabilities, drawer.mask());
    const std::int32_t id = drawer.draw(log_probabilities, plan_->sampling, drawer.mask(), random_);
    return in_time(id >= 0 ? id : rules::next_to_end(plan_->constraint->context(), state_));
}

// `id`, unless the tune could then not end within its characters.
std::int32_t Tune::in_time(std::int32_t id) {
    if (phase_ != Phase::body || id == plan_->end) return id;
    const Constraint& constraint = *plan_->constraint;
    const auto to_end = [&](TuneState& s) {
        return static_cast<std::size_t>(rules::characters_to_end(constraint.context(), s));
    };
    if (reserve_ == 0) reserve_ = 2 * to_end(state_) + RESERVE;
    if (at_ + reserve_ < plan_->max_characters) return id;
    TuneState after;
    if (!constraint.push(state_, id, after)) throw std::logic_error("a character that is not allowed");
    if (at_ + to_end(after) <= plan_->max_characters + 1) return id;
    completed_ = true;
    return rules::next_to_end(constraint.context(), state_);
}

bool Tune::ends_with_marker() const {
    const std::size_t size = plan_->end_text.size();
    return size && at_ >= size &&
           std::equal(plan_->end_text.begin(), plan_->end_text.end(),
                      record_.ids.end() - static_cast<std::ptrdiff_t>(size));
}

std::size_t Tune::certain() const {
    const std::vector<std::int32_t>& marker = plan_->end_text;
    if (phase_ != Phase::body || marker.empty()) return record_.ids.size();
    for (std::size_t held = std::min(marker.size() - 1, at_); held > 0; --held)
        if (std::equal(marker.begin(), marker.begin() + static_cast<std::ptrdiff_t>(held),
                       record_.ids.end() - static_cast<std::ptrdiff_t>(held)))
            return record_.ids.size() - held;
    return record_.ids.size();
}

void Tune::accept(std::int32_t id, bool given, Stepper& stepper, std::size_t slot) {
    std::int32_t source = -1;
    if (suggestion_.length > 0 && suggestion_.character == id)
        source = std::max(-1, static_cast<std::int32_t>(read_ - plan_->begin.size()) - suggestion_.distance);
    record_.push(id, stepper.log_probabilities(slot)[id], given ? 0.0f : removed_, given, source);
    if (plan_->constraint) {
        TuneState after;
        if (!plan_->constraint->push(state_, id, after)) throw std::logic_error("a character that is not allowed");
        state_ = after;
    }
    read(id, stepper, slot);
}

void Tune::read(std::int32_t id, Stepper& stepper, std::size_t slot) {
    ++read_;
    Input input{id, static_cast<std::int32_t>(shape_->vocabulary_size), 0, 0};
    if (shape_->copying) {
        suggestion_ = copier_.read(id);
        input.suggested = suggestion_.character;
        input.length_steps = steps_reached(suggestion_.length);
        input.distance_steps = steps_reached(suggestion_.distance);
    }
    stepper.input(slot) = input;
    if (position_) {
        position_->tell(id);
        std::copy_n(position_->row(), tracking::ROW, stepper.place(slot));
    }
    if (shape_->contexts) ngrams_.read(id, stepper.expected(slot));
}

std::int32_t Tune::steps_reached(std::int32_t count) const {
    const std::uint32_t* steps = shape_->count_step;
    const std::uint32_t* end = steps + shape_->count_steps;
    return static_cast<std::int32_t>(std::upper_bound(steps, end, static_cast<std::uint32_t>(count)) - steps);
}

}  // namespace songrnn
