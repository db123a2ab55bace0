// Which characters can still lead to a valid tune: songrnn.sampling.constraints, its readable twin, has the reasons.
#pragma once

#include <memory>

#include "bar_lines.hpp"

namespace songrnn {

class Constraint {
public:
    // Throws std::invalid_argument for words that are none. end: the id of the tune's end.
    Constraint(Words words, Form form, std::int32_t end, std::int32_t vocabulary_size);
    Constraint(const Constraint&) = delete;

    std::int32_t end() const { return end_; }
    std::int32_t vocabulary_size() const { return size_; }

    // The state behind an id, put into `behind`; false when no valid tune goes on like this.
    bool push(const State& s, std::int32_t id, State& behind) const;

    // Writes [V]: 1 for the ids that may come next.
    void allowed(const State& s, std::uint8_t* mask) const;

    // The next id of a short way to the end of a valid tune, from a viable state.
    std::int32_t completion(const State& s) const;

    // How many ids that way has, the end among them.
    std::size_t length_of_completion(State s) const;

private:
    friend class Completion;
    bool settled(const State& s, State& out) const;
    void mark(const State& s, std::uint8_t* mask) const;
    bool behind_edge(const State& s, std::int32_t node, State& behind) const;
    bool viable(const State& s) const;
    bool reaches(const State& s, std::int32_t step) const;
    bool reaches_in_some_octave(const State& s) const;
    bool has_length(const State& s) const;
    bool chord_fits(const State& s, std::int32_t length) const;
    bool fits(const State& s, std::int32_t length) const;
    bool any_fits(const State& s) const;
    bool is_plain(const State& s) const;
    bool viable_between_words(const State& s) const;
    bool fillable(const State& s) const;
    std::int32_t shortest_ticks(const State& s) const { return s.unit / GRAINS * shortest_; }
    static std::int32_t target(const State& s) { return s.owed && s.begins_part ? s.owed : s.bar; }
    std::int32_t due(const State& s) const;
    bool lacks_ending(const State& s) const;
    std::size_t skip_notes(State before, State& s) const;
    std::size_t skip_bars(State before, State& s) const;
    bool tie_can_end(const State& s) const;
    bool apply(State& s, const Word& word) const;
    bool apply_field(State& s, const Word& word) const;
    bool may_change(const State& s) const;
    bool apply_blank(State& s, Kind kind) const;
    bool apply_inside(State& s, const Word& word) const;
    bool apply_music(State& s, const Word& word) const;
    bool apply_tuplet(State& s, const Word& word) const;
    bool apply_broken(State& s, std::int32_t signs) const;
    bool may_alter(const State& s, std::int32_t semitones) const;
    bool keeps_tonic(const State& s) const { return form_.ends_on_tonic && bar_lines_.in_last_bar(s); }
    bool open(State& s, const Word& word, std::int32_t sound) const;
    bool end_sound(State& s, std::int32_t length) const;
    bool advance(State& s, std::int32_t length) const;
    const WordKey& key(const State& s) const { return words_.keys[static_cast<std::size_t>(s.key)]; }

    const Words words_;
    const Form form_;
    const std::int32_t end_, size_;
    const BarLines bar_lines_;
    std::vector<std::int32_t> lengths_;
    std::int32_t shortest_ = GRAINS;
    std::vector<std::int32_t> sums_[MOST_TUPLET + 1];
    bool octave_up_ = false, octave_down_ = false, any_pitch_ = true;
};

}  // namespace songrnn
