// The way out: songrnn.sampling.completion.
#include <algorithm>
#include <cstring>

#include "constraint.hpp"

namespace songrnn {

namespace {

// No tune of 512 bars is longer; a table of words that is none may have no end.
constexpr std::size_t LONGEST_COMPLETION = std::size_t{1} << 22;

static_assert(sizeof(State) % sizeof(std::int32_t) == 0 && std::is_trivially_copyable_v<State>);
bool operator==(const State& a, const State& b) { return std::memcmp(&a, &b, sizeof(State)) == 0; }

// A state on the way and the length there.
struct Landmark {
    State state;
    std::size_t length = 0;
};

}  // namespace

class Completion {
public:
    explicit Completion(const Constraint& constraint) : c_(constraint), words_(constraint.words_) {}

    std::int32_t next(const State& from) const {
        State s = from, ended;
        if (s.gap == LINE && c_.push(s, c_.end_, ended)) return c_.end_;
        while (true) {
            const std::int32_t best = best_of(s);
            const bool between = s.node == ROOT_HEADER || s.node == ROOT_BODY;
            if (between || !c_.settled(s, ended) || (best != NONE && goes_on(s, best))) return towards(s.node, best);
            s = ended;
        }
    }

private:
    static constexpr std::int32_t UNRANKED = 50, DETOUR = 60, NEVER = 100;

    bool goes_on(const State& s, std::int32_t index) const {
        if (s.node > ROOT_LENGTH) return index != words_.ended[static_cast<std::size_t>(s.node)];
        return words_.word(index).kind == Kind::length && words_.word(index).a > GRAINS;
    }

    std::int32_t best_of(const State& s) const {
        std::int32_t best = NONE, least = 0;
        State behind;
        for (const std::int32_t index : words_.within_of(s.node)) {
            behind = s;
            if (!c_.apply(behind, words_.word(index)) || !c_.viable(behind)) continue;
            const std::int32_t rank = rank_of(s, behind, words_.word(index));
            if (best == NONE || rank < least) {
                best = index;
                least = rank;
            }
        }
        return best;
    }

    std::int32_t rank_of(const State& s, const State& behind, const Word& word) const {
        const BarLines& lines = c_.bar_lines_;
        switch (word.kind) {
            case Kind::length: return -word.a;
            case Kind::chord_close:
            case Kind::grace_close:
            case Kind::slur_close: return 0;
            case Kind::ending: return word.a == 2 ? 1 : NEVER;
            case Kind::line_end:
                if (lines.may_end(s)) return 0;
                return !lines.may_start_bar(s) && s.gap == BAR_LINE ? 4 : NEVER;
            case Kind::bar:
                if (!s.in_bar) return word.a == STARTS && !lines.may_start_bar(s) ? 3 : NEVER;
                if (lines.may_end(behind)) return 1;
                if ((behind.lacks_music && word.b == 0) || behind.owed || behind.must_divide || word.b == 1)
                    return DETOUR;
                if (word.a == 0) return 5;
                return !(word.a & STARTS) || !c_.form_.sections.empty() ? 3 : 6;
            case Kind::letter:
                return word.b == c_.key(s).tonic && behind.altered == c_.key(s).alterations[word.b] ? 10 : 11;
            default: return UNRANKED;
        }
    }

    // The first id on the way from a node to a word.
    std::int32_t towards(std::int32_t node, std::int32_t word) const {
        for (std::int32_t e = words_.first_edge(node); e < words_.end_edge(node); ++e) {
            const std::int32_t child = words_.edge_to[static_cast<std::size_t>(e)];
            for (const std::int32_t index : words_.within_of(child))
                if (index == word) return words_.edge_id[static_cast<std::size_t>(e)];
        }
        throw std::logic_error("a state that is not viable has no completion");
    }

    const Constraint& c_;
    const Words& words_;
};

std::int32_t Constraint::completion(const State& s) const { return Completion(*this).next(s); }

std::size_t Constraint::length_of_completion(State s) const {
    const Completion completion(*this);
    Landmark note, bar;  // the note before, and the first note of the bar before; length 0: none yet
    for (std::size_t length = 1; length < LONGEST_COMPLETION; ++length) {
        const std::int32_t id = completion.next(s);
        State behind;
        if (id == end_) return length;
        if (!push(s, id, behind)) throw std::logic_error("a completion that is not allowed");
        s = behind;
        if (s.node != ROOT_NOTE || s.sound != NOTE) continue;
        const bool begins_bar = !s.in_bar;
        const std::size_t here = length + 1;
        std::size_t skipped = 0;
        if (note.length) skipped += (here - note.length) * skip_notes(note.state, s);
        if (begins_bar && bar.length) skipped += (here - bar.length) * skip_bars(bar.state, s);
        length += skipped;
        note = {s, here + skipped};
        if (begins_bar) bar = note;
    }
    throw std::logic_error("a completion without an end");
}

// Repeats the notes from `before` to `s` while the time left decides nothing; how often it did.
std::size_t Constraint::skip_notes(State before, State& s) const {
    const std::int32_t ticks = s.elapsed - before.elapsed;
    before.elapsed = s.elapsed;
    if (!s.bar || ticks <= 0 || !(before == s)) return 0;
    const std::int32_t kept = std::max({3 * ticks, s.pickup, s.first_pickup, s.owed}) + ticks;
    const std::int32_t times = std::max(0, (target(s) - s.elapsed - kept) / ticks);
    s.elapsed += times * ticks;
    return static_cast<std::size_t>(times);
}

// The same for bars, while their number decides nothing.
std::size_t Constraint::skip_bars(State before, State& s) const {
    const bool follows = before.count > 0 && s.count == before.count + 1 && s.bars == before.bars + 1;
    before.count = s.count;
    before.bars = s.bars;
    if (!form_.bars || !follows || !(before == s)) return 0;
    const std::int32_t times = std::max(0, form_.bars - s.count - 3);
    s.count += times;
    s.bars += times;
    return static_cast<std::size_t>(times);
}

}  // namespace songrnn
