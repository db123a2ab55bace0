// Where a tune stands: songrnn.sampling.tune_state.State, which explains every field.
#pragma once

#include "words.hpp"

namespace songrnn {

constexpr std::int32_t NONE = -1;
constexpr std::int32_t LOWEST = 24, HIGHEST = 107;
constexpr std::int32_t MOST_IN_CHORD = 6, MOST_GRACE = 8, MOST_SLURS = 2, MOST_TEXTS = 3;

enum Lead : std::int32_t {
    TEXTS = 1, DECORATED = 2, DOTTED = 4, SHORTHANDED = 8, NO_CHORD = 16, STRETCHED = 32, GRACED = 64, SLURRED = 128
};
constexpr std::int32_t PLACED = TEXTS | DECORATED;
enum Gap : std::int32_t { BEGIN, MUSIC, BLANK, LINE, BAR_LINE, FIELD };
enum Sound : std::int32_t { NOTHING, NOTE, RESTING, CHORD, MEMBER, GRACE };
enum BeginsPart : std::int32_t { NO, MAY_BE_PICKUP, MUST_BE_FULL };
enum EndingState : std::int32_t { NO_ENDING, FIRST, BETWEEN, SECOND };

struct State {
    std::int32_t node = ROOT_HEADER, fields = 0, bar = 0, compound = 0, accompanied = 0, unit = 0, key = 0;
    std::int32_t hornpipe = 0, swing = 0;
    // what is open
    std::int32_t gap = BEGIN, lead = 0, texts = 0, accidental = NONE, sound = NOTHING, pitch = 0, letter = 0, small = 0;
    std::int32_t altered = 0, chord = NONE, chord_length = 0, grace = NONE, slurs = 0, tie = NONE, symbol = 0;
    std::int32_t uneven = 0, line_letter = 0;
    // time
    std::int32_t elapsed = 0, tuplet = 0, tuplet_notes = 1, tuplet_time = 1, broken = 0, last_length = 0;
    std::int32_t last_ticks = 0, on_tonic = 0, has_notes = 0;
    std::int32_t alterations[LETTERS] = {NONE, NONE, NONE, NONE, NONE, NONE, NONE};
    // bars and parts
    std::int32_t in_bar = 0, begins_part = MAY_BE_PICKUP, lacks_music = 0, bars = 0, count = 0, first = 1;
    std::int32_t first_pickup = 0, pickup = 0, owed = 0, must_divide = 0, repeat = 0, has_repeated = 0;
    std::int32_t ending = NO_ENDING, ending_bars = 0, section = 0;
};

}  // namespace songrnn
