// One tune as it comes into being: which character is next, whether given or drawn, and when the tune is over.
// songrnn.composing.composition.Draws says the same in Python.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "constraint.hpp"
#include "draw.hpp"
#include "inputs.hpp"
#include "position.hpp"
#include "stepper.hpp"
#include "trace.hpp"

namespace songrnn {

// How tunes are composed. In `tunebook` form the ids `start` and `end` are the boundaries of a tune and have no
// character; in `raw` form they are -1, and a tune ends with the text `end_text`.
struct Plan {
    struct Piece {
        std::vector<std::int32_t> given;
        bool open_line;  // then the network writes the rest of the line
    };
    std::vector<std::int32_t> begin;  // read by the network first; at least one; no part of the tune
    std::vector<Piece> pieces;
    std::vector<std::int32_t> end_text;
    std::int32_t start = -1, end = -1, line_end = -1;
    std::size_t longest_field = 0;   // characters of an open line, before it is ended
    std::size_t max_characters = 0;  // drawn after the last piece
    std::uint64_t seed = 0;
    Sampling sampling;
    std::shared_ptr<const Constraint> constraint;  // of strict tunes; null for free ones
    tracking::PlannedForm form;                    // of the tune, as far as it was requested
};

// What is known of each character of a tune (songrnn.composing.composition.Composition).
struct Record {
    std::vector<std::int32_t> ids, copied_from;
    std::vector<float> log_probabilities, removed;
    std::vector<std::uint8_t> given;
    bool finished = false;  // by the network itself
    Trace trace;            // if it is recorded
    void push(std::int32_t id, float log_probability, float removed_mass, bool is_given, std::int32_t source);
    void drop(std::size_t count);
};

class Tune {
public:
    Tune(const Image& image, const Plan& plan, std::uint64_t number);

    // Makes this the tune `number` of its plan's seed; for a tune that has drawn nothing yet.
    void renumber(std::uint64_t number) { random_ = Philox(plan_->seed, number); }

    // Makes room for `characters` more, so that none of them allocates.
    void reserve(std::size_t characters);

    // Whether the next character is to be drawn.
    bool draws_next();

    // Takes the next character, from the plan or by chance, and gives it to the stepper's slot; false if the tune is
    // over.
    bool advance(Stepper& stepper, std::size_t slot, Drawer& drawer);

    bool over() const { return phase_ == Phase::over; }
    const Record& record() const { return record_; }
    Record take_record() { return std::move(record_); }
    Trace& trace() { return record_.trace; }

    // How many characters of the record are certain to stay: those that may become the end marker are not.
    std::size_t certain() const;

private:
    enum class Phase { begin, given, line, body, over };

    void settle();
    std::int32_t choose(Stepper& stepper, std::size_t slot, Drawer& drawer);
    std::int32_t in_time(std::int32_t id);
    bool ends_with_marker() const;
    void accept(std::int32_t id, bool given, Stepper& stepper, std::size_t slot);
    void read(std::int32_t id, Stepper& stepper, std::size_t slot);
    std::int32_t steps_reached(std::int32_t count) const;

    const Plan* plan_;
    const Shape* shape_;
    Philox random_;
    Copier copier_;
    NgramReader ngrams_;
    std::optional<Position> position_;  // if the network reads it
    Suggestion suggestion_{0, 0, 0};
    Record record_;
    Phase phase_ = Phase::begin;
    std::size_t piece_ = 0;    // index in plan_->pieces
    std::size_t at_ = 0;       // characters so far of the present phase
    std::size_t read_ = 0;     // characters so far, `begin` included
    TuneState state_;          // of the tune, if it is strict
    float removed_ = 0.0f;     // of the character that was drawn last
    std::size_t reserve_ = 0;  // characters before the last at which a tune may need to be completed; 0: not known yet
    bool completed_ = false;   // brought to its end because its characters ran out
};

}  // namespace songrnn
