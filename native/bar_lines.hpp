// Which bar lines and endings may stand where: songrnn.sampling.bar_lines, which has the reasons.
#pragma once

#include "tune_state.hpp"

namespace songrnn {

class BarLines {
public:
    BarLines(const Words& words, const Form& form);

    bool may_end(const State& s) const;
    bool may_go_on(const State& s) const;
    bool may_start_bar(const State& s) const;
    bool in_last_bar(const State& s) const;

    // Change the state; false when that may not stand here.
    bool bar(State& s, std::int32_t flags, std::int32_t number) const;
    bool ending(State& s, std::int32_t number) const;

private:
    std::int32_t sections() const { return static_cast<std::int32_t>(form_.sections.size()); }
    bool repeated(std::int32_t section) const { return form_.sections[static_cast<std::size_t>(section)] != 0; }
    bool repeat_bar_line(State& s, std::int32_t flags) const;
    bool end_bar(State& s, std::int32_t flags) const;
    bool end_pickup(State& s, std::int32_t flags) const;
    static bool is_even(State& s, std::int32_t ticks);
    bool may_open(const State& s) const;
    bool is_partner(State& s, std::int32_t missing, std::int32_t flags) const;
    bool line_fits(const State& s, std::int32_t flags) const;
    bool section_line_fits(const State& s, std::int32_t flags, bool last) const;
    void end_part(State& s, std::int32_t flags) const;
    static void divide(State& s);

    const Form& form_;
    bool can_start_, can_repeat_, has_endings_;
};

}  // namespace songrnn
