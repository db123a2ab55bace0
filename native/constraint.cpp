#include "constraint.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace songrnn {

namespace {

constexpr std::int32_t LONGEST_SUM = 40;

}  // namespace

Constraint::Constraint(Words words, Form form, std::int32_t end, std::int32_t vocabulary_size)
    : words_((words.check(vocabulary_size), std::move(words))),
      form_(std::move(form)),
      end_(end),
      size_(vocabulary_size),
      bar_lines_(words_, form_) {
    lengths_.push_back(GRAINS);
    for (const Word& word : words_.words) {
        if (word.kind == Kind::length && std::find(lengths_.begin(), lengths_.end(), word.a) == lengths_.end())
            lengths_.push_back(word.a);
        octave_up_ |= word.kind == Kind::octave && word.a > 0;
        octave_down_ |= word.kind == Kind::octave && word.a < 0;
    }
    shortest_ = *std::min_element(lengths_.begin(), lengths_.end());
    any_pitch_ = form_.low == 0 && form_.high == 127;
    sums_[0] = {0};
    for (std::int32_t notes = 1; notes <= MOST_TUPLET; ++notes) {
        bool found[LONGEST_SUM + 1] = {};
        for (const std::int32_t sum : sums_[notes - 1])
            for (const std::int32_t length : lengths_)
                if (sum + length / shortest_ <= LONGEST_SUM) found[sum + length / shortest_] = true;
        for (std::int32_t sum = 0; sum <= LONGEST_SUM; ++sum)
            if (found[sum]) sums_[notes].push_back(sum);
    }
}

// ---- one character further

bool Constraint::push(const State& s, std::int32_t id, State& behind) const {
    std::int32_t node = id == end_ ? -1 : words_.child(s.node, id);
    if (node >= 0) return behind_edge(s, node, behind);
    State ended;
    if (!settled(s, ended)) return false;
    if (id == end_) {
        behind = ended;
        return ended.gap == LINE && bar_lines_.may_end(ended);
    }
    node = words_.child(ended.node, id);
    return node >= 0 && behind_edge(ended, node, behind);
}

void Constraint::allowed(const State& s, std::uint8_t* mask) const {
    std::memset(mask, 0, static_cast<std::size_t>(size_));
    State ended = s;
    const bool within_word = s.node != ROOT_HEADER && s.node != ROOT_BODY;
    if (!within_word || settled(s, ended)) {
        mark(ended, mask);
        mask[end_] = ended.gap == LINE && bar_lines_.may_end(ended);
    }
    if (within_word) mark(s, mask);  // what goes on with the word comes before what ends it
}

// Writes what each edge from the state's node leads to.
void Constraint::mark(const State& s, std::uint8_t* mask) const {
    // Letters differ where their pitch matters: in a range, behind a tie, in the last bar.
    const bool alike = any_pitch_ && s.tie == NONE && !form_.ends_on_tonic;
    std::int32_t letters = -1;
    State behind;
    for (std::int32_t e = words_.first_edge(s.node); e < words_.end_edge(s.node); ++e) {
        const std::int32_t id = words_.edge_id[static_cast<std::size_t>(e)];
        const std::int32_t node = words_.edge_to[static_cast<std::size_t>(e)];
        const std::int32_t word = words_.ended[static_cast<std::size_t>(node)];
        const bool letter = alike && word >= 0 && words_.word(word).kind == Kind::letter && words_.is_leaf(node);
        if (letter && letters >= 0) {
            mask[id] = static_cast<std::uint8_t>(letters);
            continue;
        }
        mask[id] = behind_edge(s, node, behind);
        if (letter) letters = mask[id];
    }
}

// The state behind the edge to `node`.
bool Constraint::behind_edge(const State& s, std::int32_t node, State& behind) const {
    behind = s;
    behind.node = node;
    if (words_.is_leaf(node) && !apply(behind, words_.word(words_.ended[static_cast<std::size_t>(node)]))) return false;
    return viable(behind);
}

bool Constraint::settled(const State& s, State& out) const {
    out = s;
    if (out.node > ROOT_LENGTH) {
        const std::int32_t word = words_.ended[static_cast<std::size_t>(out.node)];
        if (word < 0 || !apply(out, words_.word(word))) return false;
    }
    if ((out.node == ROOT_NOTE || out.node == ROOT_LENGTH) && !end_sound(out, GRAINS)) return false;
    return viable(out);
}

// ---- viable

bool Constraint::viable(const State& s) const {
    switch (s.node) {
        case ROOT_HEADER: return true;
        case ROOT_BODY: return viable_between_words(s);
        case ROOT_NOTE:
        case ROOT_LENGTH: return reaches_in_some_octave(s) && has_length(s);
        default: break;
    }
    const std::int32_t least = words_.least[static_cast<std::size_t>(s.node)];
    if (least && (s.sound == NOTE || s.sound == RESTING) && is_plain(s))
        return reaches(s, 0) && s.unit / GRAINS * least <= target(s) - s.elapsed;
    State behind;
    for (const std::int32_t index : words_.within_of(s.node)) {
        behind = s;
        if (apply(behind, words_.word(index)) && viable(behind)) return true;
    }
    return false;
}

// Whether time is all that lengths have to fit: the shortest one decides.
bool Constraint::is_plain(const State& s) const {
    return s.bar && !s.tuplet && !s.broken && s.chord == NONE && s.grace == NONE &&
           !((form_.ends_on_tonic || !s.has_notes) && bar_lines_.in_last_bar(s));
}

bool Constraint::reaches_in_some_octave(const State& s) const {
    if (reaches(s, 0)) return true;
    if (s.node != ROOT_NOTE || !(s.small ? octave_up_ : octave_down_)) return false;
    const std::int32_t octave = s.small ? 12 : -12;
    return reaches(s, octave) || reaches(s, 2 * octave) || reaches(s, 3 * octave);
}

bool Constraint::reaches(const State& s, std::int32_t step) const {
    const std::int32_t pitch = s.pitch + step;
    if (s.sound == RESTING || s.sound == CHORD) return true;
    if (s.tie != NONE && s.sound == NOTE) return pitch == s.tie;
    return LOWEST <= pitch && pitch <= HIGHEST && form_.low <= pitch + s.altered && pitch + s.altered <= form_.high;
}

bool Constraint::has_length(const State& s) const {
    if (s.sound == GRACE) return true;
    if (s.sound == MEMBER)
        return std::any_of(lengths_.begin(), lengths_.end(),
                           [&](std::int32_t length) { return chord_fits(s, length); });
    if (s.sound == CHORD && s.chord_length != GRAINS) return fits(s, s.chord_length);
    return any_fits(s);
}

bool Constraint::chord_fits(const State& s, std::int32_t length) const {
    if (s.chord > 0 && length != s.chord_length) return false;
    return length != GRAINS ? fits(s, length) : any_fits(s);
}

bool Constraint::any_fits(const State& s) const {
    if (s.bar && !s.tuplet && !s.broken && !bar_lines_.in_last_bar(s)) {
        const std::int32_t left = target(s) - s.elapsed, shortest = shortest_ticks(s);
        return left >= shortest && left % shortest == 0;
    }
    return std::any_of(lengths_.begin(), lengths_.end(), [&](std::int32_t length) { return fits(s, length); });
}

bool Constraint::fits(const State& s, std::int32_t length) const {
    State behind = s;
    return advance(behind, length) && fillable(behind);
}

bool Constraint::viable_between_words(const State& s) const {
    if (s.accidental != NONE || s.grace != NONE || s.chord != NONE || (s.lead & ~PLACED)) {
        if (s.chord > 0) return chord_fits(s, s.chord_length);
        State behind = s;
        behind.on_tonic = s.accidental == NONE && s.chord == NONE;
        behind.has_notes = 1;
        return any_fits(behind);
    }
    if (!fillable(s) || (s.tie != NONE && !tie_can_end(s))) return false;
    return s.in_bar || bar_lines_.may_end(s) || bar_lines_.may_go_on(s);
}

bool Constraint::fillable(const State& s) const {
    if (s.bar == 0) return true;
    const std::int32_t left = target(s) - s.elapsed, grain = shortest_ticks(s);
    if (left < 0) return false;
    if (s.broken) {
        State behind = s;
        behind.on_tonic = behind.has_notes = 1;
        return advance(behind, s.last_length) && fillable(behind);
    }
    if (s.tuplet == 0) return left % grain == 0 && !(left < due(s) && lacks_ending(s));
    const std::int64_t notes = s.tuplet_notes, time = s.tuplet_time, scaled = left * notes;
    if (scaled % grain) return false;
    const std::int64_t whole = scaled / grain;
    for (const std::int32_t total : sums_[s.tuplet])
        if (time * total <= whole && (whole - time * total) % notes == 0) return true;
    return false;
}

std::int32_t Constraint::due(const State& s) const {
    const std::int32_t due = form_.ends_on_tonic ? s.unit : shortest_ticks(s);
    return s.bar / 2 >= due ? due : shortest_ticks(s);
}

bool Constraint::lacks_ending(const State& s) const {
    const bool has_it = s.has_notes && (s.on_tonic || !form_.ends_on_tonic);
    return !has_it && bar_lines_.in_last_bar(s);
}

bool Constraint::tie_can_end(const State& s) const {
    if (s.bar == 0) return true;
    const std::int32_t left = target(s) - s.elapsed;
    if (left == 0) {
        State behind = s;
        return bar_lines_.bar(behind, 0, 0) && bar_lines_.may_go_on(behind);
    }
    return s.on_tonic || !keeps_tonic(s) || left >= shortest_ticks(s) + due(s);
}

bool Constraint::advance(State& s, std::int32_t length) const {
    std::int32_t ticks = s.unit / GRAINS * length;
    if (s.tuplet) {
        const std::int64_t scaled = std::int64_t{ticks} * s.tuplet_time;
        if (scaled % s.tuplet_notes) return false;
        ticks = static_cast<std::int32_t>(scaled / s.tuplet_notes);
    }
    std::int32_t sounding = ticks;
    if (s.broken) {
        if (length != s.last_length) return false;
        const std::int32_t kept = ticks >> std::abs(s.broken);
        sounding = s.broken > 0 ? kept : 2 * ticks - kept;
        s.broken = s.last_length = 0;
    } else {
        s.last_length = length;
    }
    if (s.bar) s.elapsed += sounding;
    s.last_ticks = ticks;
    if (s.tuplet && --s.tuplet == 0) s.last_length = 0;
    s.in_bar = 1;
    s.lacks_music = 0;
    return true;
}

}  // namespace songrnn
