#include "bar_lines.hpp"

#include <algorithm>

namespace songrnn {

BarLines::BarLines(const Words& words, const Form& form) : form_(form) {
    const auto spells = [&](std::int32_t flags, std::int32_t number) {
        return words.spells(Kind::bar, [&](const Word& w) { return w.a == flags && w.b == number; });
    };
    can_start_ = spells(STARTS, 0);
    can_repeat_ = spells(ENDS, 0);
    const bool brackets = words.spells(Kind::ending, [](const Word& w) { return w.a == 2; });
    has_endings_ = (can_repeat_ && brackets) || spells(ENDS, 2);
}

bool BarLines::may_end(const State& s) const {
    if (s.in_bar || s.gap == FIELD || s.lacks_music || s.bars == 0 || !s.has_notes) return false;
    if (s.repeat || s.ending == FIRST || s.ending == BETWEEN || s.slurs || s.tie != NONE) return false;
    if (s.owed && s.owed != s.first_pickup) return false;
    if (form_.ends_on_tonic && !s.on_tonic) return false;
    if (sections()) {
        if (s.section == sections()) return true;
        if (s.section + 1 < sections()) return false;
        if (repeated(sections() - 1) && s.ending != SECOND) return false;
    }
    if (s.ending == SECOND && form_.bars) return s.ending_bars == 0 && (sections() || s.count == form_.bars);
    return !form_.bars || s.count == form_.bars;
}

bool BarLines::may_go_on(const State& s) const {
    if (sections() && s.section == sections()) return false;
    if (s.ending == BETWEEN) return true;
    if (s.must_divide) return can_start_ && can_repeat_ && !form_.bars && !sections();
    if (!form_.bars) return true;
    return s.ending == SECOND ? s.ending_bars > 0 : s.count < form_.bars;
}

bool BarLines::may_start_bar(const State& s) const {
    if (s.in_bar) return true;
    if (s.ending == BETWEEN || s.must_divide || !may_go_on(s)) return false;
    const bool opens = sections() && s.section > 0 && repeated(s.section) && s.count == 0;
    return !opens || s.repeat || s.ending != NO_ENDING;
}

bool BarLines::in_last_bar(const State& s) const {
    if (!form_.bars || (s.owed && s.begins_part) || s.section + 1 < sections()) return false;
    if (s.ending == SECOND) return s.ending_bars == 1;
    return s.ending == NO_ENDING && s.count + 1 == form_.bars;
}

bool BarLines::bar(State& s, std::int32_t flags, std::int32_t number) const {
    if (!(s.in_bar ? end_bar(s, flags) : repeat_bar_line(s, flags))) return false;
    s.elapsed = s.in_bar = s.lead = s.texts = s.last_length = 0;
    s.sound = NOTHING;
    s.gap = BAR_LINE;
    s.first = 0;
    std::fill(s.alterations, s.alterations + LETTERS, NONE);
    return number == 0 || ending(s, number);
}

bool BarLines::repeat_bar_line(State& s, std::int32_t flags) const {
    if (s.lead || s.gap == BAR_LINE || s.gap == MUSIC) return false;
    if (flags == 0) return (s.gap == BEGIN || s.gap == LINE || s.gap == FIELD) && !s.must_divide && may_go_on(s);
    if (flags == DOUBLE && !s.repeat && (s.begins_part || s.must_divide)) {
        const bool fits = s.gap == LINE && s.ending == NO_ENDING && may_go_on(s);
        s.begins_part = MAY_BE_PICKUP;
        s.must_divide = 0;
        return fits;
    }
    if (flags != STARTS || s.repeat || s.tie != NONE || s.slurs || !can_repeat_) return false;
    if (sections() && !may_open(s)) return false;
    const bool bare = s.ending == SECOND && s.lacks_music;
    if (s.ending == FIRST || s.ending == BETWEEN || bare || !may_go_on(s)) return false;
    divide(s);
    s.repeat = 1;
    return true;
}

bool BarLines::end_bar(State& s, std::int32_t flags) const {
    if ((flags & ENDS) && s.line_letter) return false;
    if (flags && (s.tie != NONE || s.slurs)) return false;
    if (((flags & STARTS) && !can_repeat_) || ((flags & DOUBLE) && s.repeat)) return false;
    const std::int32_t due = s.begins_part ? s.owed : 0;
    if (due || (s.begins_part == MAY_BE_PICKUP && s.bar && s.elapsed < s.bar))
        return is_even(s, s.elapsed) && (flags == 0 || flags == STARTS) && s.elapsed == (due ? due : s.elapsed) &&
               end_pickup(s, flags);
    const std::int32_t missing = s.bar ? s.bar - s.elapsed : 0;
    if (missing < 0 || missing > s.bar - missing || !line_fits(s, flags)) return false;
    if (s.begins_part) s.pickup = 0;
    if (missing && !is_partner(s, missing, flags)) return false;
    if (s.ending == SECOND) {
        s.ending_bars -= form_.bars ? 1 : 0;
    } else {
        ++s.count;
        s.ending_bars += s.ending == FIRST ? 1 : 0;
    }
    ++s.bars;
    s.begins_part = NO;
    if (flags) {
        end_part(s, flags);
    } else if (missing) {
        if (s.slurs || s.tie != NONE || s.repeat) return false;
        s.must_divide = 1;
        s.in_bar = 0;
        return may_end(s) || may_go_on(s);
    }
    return true;
}

bool BarLines::end_pickup(State& s, std::int32_t flags) const {
    if (flags && (s.repeat || s.ending != NO_ENDING || !may_open(s))) return false;
    s.pickup = s.elapsed;
    s.owed = 0;
    if (s.first) s.first_pickup = s.pickup;
    s.begins_part = flags ? MUST_BE_FULL : NO;
    s.lacks_music = 1;
    if (flags) {
        s.repeat = 1;
        s.pickup = 0;
    }
    return true;
}

bool BarLines::is_even(State& s, std::int32_t ticks) {
    s.uneven |= ticks % (WHOLE / 8) > 0;
    return !(s.symbol && s.uneven);
}

bool BarLines::may_open(const State& s) const {
    return !sections() || (s.section < sections() && repeated(s.section) && s.count == 0);
}

bool BarLines::is_partner(State& s, std::int32_t missing, std::int32_t flags) const {
    if (!is_even(s, missing) || s.begins_part || (s.ending == FIRST && (missing != s.pickup || !flags))) return false;
    if (s.ending == SECOND && (flags & ENDS)) return false;
    s.owed = missing == s.pickup ? 0 : missing;
    return true;
}

bool BarLines::line_fits(const State& s, std::int32_t flags) const {
    const bool ends = flags & ENDS, starts = flags & STARTS;
    const std::int32_t bars = form_.bars;
    const bool last = bars && s.count + 1 == bars;
    if (s.ending == FIRST) return (flags == ENDS && (last || !(bars && sections()))) || (flags == 0 && !last);
    if (starts && (ends ? s.has_repeated && !s.repeat : s.repeat)) return false;
    if (sections()) return section_line_fits(s, flags, last);
    if (s.ending == SECOND) {
        if (!bars) return flags != (ENDS | STARTS);
        if (s.ending_bars > 1) return flags == 0;
        return flags == (s.count == bars ? 0 : DOUBLE) || ((flags == DOUBLE || flags == STARTS) && s.count < bars);
    }
    if (last) return s.repeat ? flags == ENDS : !starts;
    return true;
}

bool BarLines::section_line_fits(const State& s, std::int32_t flags, bool last) const {
    const bool final = s.section + 1 == sections(), opens_next = !final && repeated(s.section + 1);
    const bool complete = !form_.bars || (s.ending == SECOND ? s.ending_bars == 1 : last);
    if (flags == 0) return !form_.bars || !complete || (final && (s.ending == SECOND || !repeated(s.section)));
    if (!complete || ((flags & STARTS) && !opens_next)) return false;
    return (repeated(s.section) && s.ending != SECOND) == static_cast<bool>(flags & ENDS);
}

void BarLines::end_part(State& s, std::int32_t flags) const {
    s.has_repeated |= flags & ENDS;
    if (s.ending == FIRST) {
        s.ending = BETWEEN;
        s.repeat = s.pickup = 0;
        s.begins_part = NO;
        return;
    }
    if (sections()) {
        ++s.section;
        s.count = 0;
    }
    divide(s);
    if (flags & ENDS) s.repeat = 0;
    if (flags & STARTS) s.repeat = 1;
}

void BarLines::divide(State& s) {
    s.begins_part = MAY_BE_PICKUP;
    s.must_divide = s.lacks_music = s.ending_bars = 0;
    s.ending = NO_ENDING;
}

bool BarLines::ending(State& s, std::int32_t number) const {
    if (s.in_bar || s.lead || s.tie != NONE || s.must_divide || s.owed || s.lacks_music) return false;
    s.gap = BAR_LINE;
    if (number == 2) {
        const bool fits = s.ending == BETWEEN;
        s.ending = SECOND;
        s.begins_part = NO;
        s.lacks_music = 1;
        s.on_tonic = 0;
        return fits;
    }
    if (s.ending != NO_ENDING || !has_endings_ || s.begins_part || !may_go_on(s)) return false;
    if (sections() && !repeated(s.section)) return false;
    s.ending = FIRST;
    s.ending_bars = 0;
    return s.repeat || !s.has_repeated;
}

}  // namespace songrnn
