// Where one tune stands as it comes into being: the rules of songrnn.tracking (tracking_rules.hpp, from translate.py).
#pragma once

#include <memory>

#include "tracking_rules.hpp"

namespace songrnn {

// What stays the same for all tunes of a model and a plan.
struct PositionSource {
    std::vector<std::int32_t> code_points;  // [V]: of each id, or tracking::START or tracking::END
    tracking::PlannedForm form;             // empty: nothing is planned
};

// Follows a tune character by character. A copy goes on by itself; a step allocates only where the tune outgrows what
// has been reserved.
class Position {
public:
    explicit Position(std::shared_ptr<const PositionSource> source);

    void reserve(std::size_t characters);

    // Adds a character or boundary, 0 <= id < V.
    void tell(std::int32_t id);

    // [tracking::ROW]: features; from PLAN_AT the plan; from SUGGESTED_AT an id for each lag, V for none; from
    // AGREEMENT_AT how the tune agrees there; from LETTERS_AT the tonic's letter and the last note's step.
    const std::int32_t* row() const { return row_.data(); }

    const tracking::Tracker& tracker() const { return tracker_; }

private:
    std::shared_ptr<const PositionSource> source_;
    tracking::Tracker tracker_;
    tracking::History history_;
    std::array<std::int32_t, tracking::ROW> row_{};
};

// The parts of a whole text, given as code points; none where it has several voices.
tracking::Parts parts_of(const std::int32_t* points, std::size_t size);

}  // namespace songrnn
