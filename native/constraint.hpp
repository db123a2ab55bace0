// Which characters can still lead to a valid tune, by the rules of songrnn.constraints (rules.hpp, from translate.py).
#pragma once

#include "rules.hpp"

namespace songrnn {

class Constraint {
public:
    // Throws std::invalid_argument for invalid tokens or numbers out of bounds.
    Constraint(Context context, std::int32_t vocabulary_size);
    Constraint(const Constraint&) = delete;

    const Context& context() const { return context_; }
    std::int32_t end() const { return context_.end; }
    std::int32_t vocabulary_size() const { return size_; }

    // The state after an id, put into `after`; false when no valid tune continues so.
    bool push(const TuneState& s, std::int32_t id, TuneState& after) const;

    // Writes [V]: 1 for the ids that may come next.
    void allowed(const TuneState& s, std::uint8_t* mask) const;

private:
    void mark(const TuneState& s, std::uint8_t* mask) const;

    const Context context_;
    const std::int32_t size_;
};

}  // namespace songrnn
