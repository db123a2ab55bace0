// The words of ABC that a vocabulary can spell, as songrnn.sampling.words makes them, and the form that was asked for.
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

namespace songrnn {

// In the order of songrnn.sampling.words.Kind, which says what their numbers are.
enum class Kind : std::int32_t {
    rhythm, meter, unit, key, line_end, space, letter, accidental, octave, length, rest, chord_open, chord_close,
    grace_open, grace_close, tie, slur_open, slur_close, broken, tuplet, bar, ending, shorthand, decoration, text
};
enum MeterFlag : std::int32_t { ACCOMPANIED = 1, SWINGING = 2 };
enum Decoration : std::int32_t { DOT, SIGN, TRILL, ROLL, FERMATA };
enum Line : std::int32_t { ENDS = 1, STARTS = 2, DOUBLE = 4 };
enum Root : std::int32_t { ROOT_HEADER, ROOT_BODY, ROOT_NOTE, ROOT_LENGTH };
constexpr std::int32_t WHOLE = 8192 * 315, GRAINS = 8, COMPOUND = 3, MOST_TUPLET = 9, LETTERS = 7;
// Ticks, grains and signs; more than any word has, and so few that sums of ticks stay numbers.
constexpr std::int32_t LONGEST_BAR = 1 << 29, LONGEST_UNIT = 1 << 22, LONGEST_LENGTH = 1 << 10, MOST_BROKEN = 4;
constexpr std::int32_t MOST_SEMITONES = 127;

struct Word {
    Kind kind;
    std::int32_t a, b, c;
};

struct WordKey {
    std::int32_t alterations[LETTERS], tonic;
};

// songrnn.sampling.tune_state.Form
struct Form {
    std::int32_t bars = 0;
    std::vector<std::uint8_t> sections;
    std::int32_t low = 0, high = 127;
    bool ends_on_tonic = false, changes = true;
};

// The automaton: of each node its edges (id, node), the word that ends there or -1, and the words within.
struct Words {
    struct Range {
        const std::int32_t* begin_;
        const std::int32_t* end_;
        const std::int32_t* begin() const { return begin_; }
        const std::int32_t* end() const { return end_; }
        bool empty() const { return begin_ == end_; }
    };
    std::vector<Word> words;
    std::vector<WordKey> keys;
    std::vector<std::int32_t> edge_begin, edge_id, edge_to, ended, within_begin, within, least;

    std::size_t nodes() const { return ended.size(); }
    std::int32_t first_edge(std::int32_t node) const { return edge_begin[static_cast<std::size_t>(node)]; }
    std::int32_t end_edge(std::int32_t node) const { return edge_begin[static_cast<std::size_t>(node) + 1]; }
    bool is_leaf(std::int32_t node) const { return first_edge(node) == end_edge(node); }
    std::int32_t child(std::int32_t node, std::int32_t id) const {
        for (std::int32_t e = first_edge(node); e < end_edge(node); ++e)
            if (edge_id[static_cast<std::size_t>(e)] == id) return edge_to[static_cast<std::size_t>(e)];
        return -1;
    }
    Range within_of(std::int32_t node) const {
        const std::size_t n = static_cast<std::size_t>(node);
        return {within.data() + within_begin[n], within.data() + within_begin[n + 1]};
    }
    const Word& word(std::int32_t index) const { return words[static_cast<std::size_t>(index)]; }

    template <class Fits>
    bool spells(Kind kind, Fits fits) const {
        for (const Word& word : words)
            if (word.kind == kind && fits(word)) return true;
        return false;
    }

    // Throws std::invalid_argument unless every index lies where it must.
    void check(std::int32_t vocabulary_size) const {
        const auto fail = [] { throw std::invalid_argument("words that are none"); };
        const auto rises = [&](const std::vector<std::int32_t>& begins, std::size_t size) {
            if (begins.size() != nodes() + 1 || begins.front() != 0 || begins.back() != static_cast<std::int32_t>(size))
                fail();
            for (std::size_t n = 0; n < nodes(); ++n)
                if (begins[n] > begins[n + 1]) fail();
        };
        if (nodes() < 4 || keys.empty() || least.size() != nodes() || edge_to.size() != edge_id.size()) fail();
        rises(edge_begin, edge_id.size());
        rises(within_begin, within.size());
        const std::int32_t count = static_cast<std::int32_t>(words.size());
        for (std::size_t e = 0; e < edge_id.size(); ++e)
            if (edge_id[e] < 0 || edge_id[e] >= vocabulary_size || edge_to[e] < 4 ||
                static_cast<std::size_t>(edge_to[e]) >= nodes())
                fail();
        for (std::size_t n = 0; n < nodes(); ++n)
            if (ended[n] < -1 || ended[n] >= count || (n >= 4 && is_leaf(static_cast<std::int32_t>(n)) && ended[n] < 0))
                fail();
        for (const std::int32_t w : within)
            if (w < 0 || w >= count) fail();
        for (const Word& word : words)
            if (!is_sane(word)) fail();
        for (const WordKey& key : keys)
            if (!std::all_of(key.alterations, key.alterations + LETTERS, is_small)) fail();
    }

private:
    static bool is_small(std::int32_t semitones) { return semitones >= -MOST_SEMITONES && semitones <= MOST_SEMITONES; }

    // Whether the numbers of a word keep every index and every sum of ticks within bounds.
    bool is_sane(const Word& word) const {
        switch (word.kind) {
            case Kind::key: return word.a >= 0 && static_cast<std::size_t>(word.a) < keys.size();
            case Kind::meter: return word.a >= 0 && word.a < LONGEST_BAR;
            case Kind::unit: return word.a >= GRAINS && word.a % GRAINS == 0 && word.a < LONGEST_UNIT;
            case Kind::letter: return is_small(word.a) && word.b >= 0 && word.b < LETTERS;
            case Kind::accidental:
            case Kind::octave: return is_small(word.a);
            case Kind::length: return word.a > 0 && word.a <= LONGEST_LENGTH;
            case Kind::broken: return word.a != 0 && word.a >= -MOST_BROKEN && word.a <= MOST_BROKEN;
            case Kind::tuplet:
                return word.a > 0 && word.b >= 0 && word.c > 0 && std::max({word.a, word.b, word.c}) <= MOST_TUPLET;
            default: return word.kind >= Kind::rhythm && word.kind <= Kind::text;
        }
    }
};

}  // namespace songrnn
