// What words do to a state: songrnn.sampling.constraints, from Constraint.apply on, which has the reasons.
#include <algorithm>
#include <cstdlib>

#include "constraint.hpp"

namespace songrnn {

namespace {

bool waits_closely(const State& s) { return (s.lead & ~PLACED) || s.accidental != NONE; }
bool waits_for_note(const State& s) { return waits_closely(s) || s.broken; }

}  // namespace

bool Constraint::apply(State& s, const Word& word) const {
    s.node = ROOT_BODY;
    if (word.kind <= Kind::key) return apply_field(s, word);
    if (word.kind == Kind::length) return end_sound(s, word.a);
    if (word.kind == Kind::octave) {
        s.node = ROOT_NOTE;
        s.line_letter = 0;
        s.pitch += word.a;
        return (word.a > 0) == (s.small != 0);
    }
    if (s.chord != NONE || s.grace != NONE) return apply_inside(s, word);
    switch (word.kind) {
        case Kind::line_end:
        case Kind::space: return apply_blank(s, word.kind);
        case Kind::bar: return !waits_for_note(s) && !s.tuplet && bar_lines_.bar(s, word.a, word.b);
        case Kind::ending: return !waits_for_note(s) && !s.tuplet && s.gap != BEGIN && bar_lines_.ending(s, word.a);
        case Kind::tie: {
            const bool fits = s.sound == NOTE && s.gap == MUSIC && s.tie == NONE && !s.broken;
            s.tie = s.pitch;
            s.sound = NOTHING;
            s.last_length = 0;
            return fits && !(keeps_tonic(s) && !s.on_tonic);
        }
        case Kind::slur_close: {
            const bool fits = s.slurs > 0 && s.in_bar && !waits_closely(s) && s.tie == NONE;
            --s.slurs;
            s.sound = NOTHING;
            s.last_length = s.gap == MUSIC ? s.last_length : 0;
            s.gap = MUSIC;
            return fits;
        }
        case Kind::broken:
            return s.last_length > 0 && s.gap == MUSIC && !waits_for_note(s) && s.tie == NONE &&
                   apply_broken(s, word.a);
        default: return bar_lines_.may_start_bar(s) && apply_music(s, word);
    }
}

bool Constraint::apply_field(State& s, const Word& word) const {
    const bool in_body = s.fields == 4;
    if (in_body) {
        if (!may_change(s)) return false;
        s.gap = FIELD;
    }
    bool fits = in_body;
    switch (word.kind) {
        case Kind::rhythm:
            fits = s.fields == 0;
            s.fields = 1;
            s.hornpipe = word.a;
            break;
        case Kind::meter:
            fits |= s.fields < 2;
            s.fields = std::max(2, s.fields);
            s.bar = word.a;
            s.compound = word.b;
            s.accompanied = word.c & ACCOMPANIED;
            s.swing = s.hornpipe && (word.c & SWINGING) ? word.a / 8 : 0;
            break;
        case Kind::unit:
            fits |= s.fields == 2;
            s.fields = std::max(3, s.fields);
            s.unit = word.a;
            break;
        default:
            fits |= s.fields == 3;
            s.fields = 4;
            s.key = word.a;
    }
    s.node = s.fields == 4 ? ROOT_BODY : ROOT_HEADER;
    return fits && (s.fields < 3 || s.bar % shortest_ticks(s) == 0);
}

bool Constraint::may_change(const State& s) const {
    return form_.changes && s.gap == LINE && !s.in_bar && s.tie == NONE && !s.lead && !s.owed &&
           bar_lines_.may_start_bar(s);
}

bool Constraint::apply_blank(State& s, Kind kind) const {
    const bool begins = s.gap == BEGIN || s.gap == LINE || s.gap == FIELD;
    if ((s.lead & ~GRACED) || s.accidental != NONE || s.broken || begins) return false;
    if (kind == Kind::space) {
        const bool fits = s.gap != BLANK;
        s.gap = BLANK;
        s.line_letter = 0;
        return fits;
    }
    s.gap = LINE;
    return !s.tuplet && !s.lead;
}

bool Constraint::apply_inside(State& s, const Word& word) const {
    const bool in_chord = s.chord != NONE;
    const bool room = in_chord ? s.chord < MOST_IN_CHORD : s.grace < MOST_GRACE;
    switch (word.kind) {
        case Kind::letter: return room && open(s, word, in_chord ? MEMBER : GRACE);
        case Kind::accidental: {
            const bool fits = s.accidental == NONE && room;
            s.accidental = word.a + 2;
            return fits && may_alter(s, word.a);
        }
        case Kind::chord_close: {
            const bool fits = s.chord > 0 && s.accidental == NONE;
            s.chord = NONE;
            s.sound = CHORD;
            s.node = ROOT_LENGTH;
            return fits;
        }
        case Kind::grace_close: {
            const bool fits = s.grace > 0 && s.accidental == NONE;
            s.grace = NONE;
            s.lead |= GRACED;
            return fits;
        }
        default: return false;
    }
}

bool Constraint::apply_music(State& s, const Word& word) const {
    const std::int32_t lead = s.lead;
    bool free = s.accidental == NONE;
    const bool begins_line = (s.gap == BEGIN || s.gap == LINE || s.gap == FIELD) && free, untied = s.tie == NONE;
    s.gap = MUSIC;
    s.line_letter = word.kind == Kind::letter && begins_line;
    s.sound = NOTHING;
    if (!s.broken) s.last_length = 0;
    switch (word.kind) {
        case Kind::letter: return open(s, word, NOTE);
        case Kind::rest:
            s.sound = RESTING;
            s.node = ROOT_LENGTH;
            return free && !(lead & ~TEXTS) && untied;
        case Kind::accidental:
            s.accidental = word.a + 2;
            return free && untied && may_alter(s, word.a);
        case Kind::chord_open:
            s.chord = s.chord_length = 0;
            return free && !(lead & (DECORATED | NO_CHORD)) && untied;
        case Kind::grace_open:
            s.grace = 0;
            return free && !(lead & (DOTTED | SHORTHANDED | GRACED)) && untied;
        case Kind::slur_open:
            ++s.slurs;
            s.lead |= SLURRED;
            return free && s.slurs <= MOST_SLURS && untied && !(lead & (SHORTHANDED | SLURRED));
        case Kind::tuplet: return free && !(lead & (DOTTED | SHORTHANDED)) && apply_tuplet(s, word);
        case Kind::shorthand: {
            const bool trill = word.a == TRILL || word.a == ROLL;
            free = free && !(word.a == ROLL && (lead & GRACED)) && !(trill && !untied);
            s.lead |= word.a == DOT && !(lead & DOTTED) ? DOTTED : SHORTHANDED;
            s.lead |= trill ? NO_CHORD : 0;
            s.lead |= word.a == DOT || word.a == ROLL || word.a == FERMATA ? STRETCHED : 0;
            free = free && !(s.swing && word.a == DOT);
            break;
        }
        case Kind::decoration:
        case Kind::text:
            free = free && !(lead & (DOTTED | SHORTHANDED));
            s.lead |= word.kind == Kind::text ? TEXTS : DECORATED;
            if (word.kind == Kind::decoration) s.lead |= word.a == FERMATA ? STRETCHED : word.a == TRILL ? NO_CHORD : 0;
            s.symbol |= word.kind == Kind::text && word.a;
            free = free && !(s.symbol && (!s.accompanied || s.uneven));
            break;
        default: return false;
    }
    const bool held = word.kind != Kind::text && word.a == FERMATA;
    free = free && !(held && (s.swing || s.symbol));
    s.uneven |= held;
    ++s.texts;
    return free && s.texts <= MOST_TEXTS && !(s.broken && (s.lead & STRETCHED));
}

bool Constraint::apply_tuplet(State& s, const Word& word) const {
    const bool fits = s.tuplet == 0 && !s.broken;
    s.tuplet = word.c;
    s.tuplet_notes = word.a;
    s.tuplet_time = word.b ? word.b : s.compound ? COMPOUND : 2;
    return fits;
}

bool Constraint::apply_broken(State& s, std::int32_t signs) const {
    const std::int32_t halvings = std::abs(signs), kept = s.last_ticks >> halvings;
    if (s.swing && s.last_ticks == s.swing && (s.elapsed - s.last_ticks) % (2 * s.swing)) return false;
    if (s.bar) s.elapsed += signs > 0 ? s.last_ticks - kept : kept - s.last_ticks;
    s.broken = signs;
    s.sound = NOTHING;
    return s.last_ticks % (1 << halvings) == 0;
}

bool Constraint::may_alter(const State& s, std::int32_t semitones) const {
    if (any_pitch_ && !form_.ends_on_tonic) return true;
    for (const Word& word : words_.words) {
        if (word.kind != Kind::letter) continue;
        if (keeps_tonic(s) && word.b == key(s).tonic && semitones != key(s).alterations[word.b]) continue;
        const std::int32_t octave = word.c ? 12 : -12, steps = (word.c ? octave_up_ : octave_down_) ? 4 : 1;
        for (std::int32_t step = 0; step < steps; ++step) {
            const std::int32_t pitch = word.a + step * octave;
            const std::int32_t sounding = pitch + semitones;
            if (LOWEST <= pitch && pitch <= HIGHEST && form_.low <= sounding && sounding <= form_.high) return true;
        }
    }
    return false;
}

bool Constraint::open(State& s, const Word& word, std::int32_t sound) const {
    const std::int32_t letter = word.b, said = s.accidental, kept = s.alterations[letter];
    const std::int32_t own = key(s).alterations[letter];
    s.accidental = NONE;
    if (sound != NOTE || s.tie == NONE) s.altered = said != NONE ? said - 2 : kept != NONE ? kept - 2 : own;
    if (said != NONE && sound != GRACE) {
        s.alterations[letter] = said;
        if (keeps_tonic(s) && letter == key(s).tonic && s.altered != own) return false;
    }
    s.sound = sound;
    s.node = ROOT_NOTE;
    s.pitch = word.a;
    s.letter = letter;
    s.small = word.c;
    if (sound == NOTE || (sound == MEMBER && s.chord == 0)) {
        s.on_tonic = sound == NOTE && letter == key(s).tonic && s.altered == own;
        s.has_notes = 1;
    }
    return !(sound == NOTE && s.tie != NONE && said != NONE);
}

bool Constraint::end_sound(State& s, std::int32_t length) const {
    s.node = ROOT_BODY;
    s.line_letter = s.line_letter && length == GRAINS;
    if (!reaches(s, 0)) return false;
    switch (s.sound) {
        case GRACE: ++s.grace; return true;
        case MEMBER: {
            const bool fits = s.chord == 0 || length == s.chord_length;
            ++s.chord;
            s.chord_length = length;
            return fits;
        }
        case CHORD:
            if (length != GRAINS && s.chord_length != GRAINS) return false;
            if (s.chord_length != GRAINS) length = s.chord_length;
            break;
        default: break;
    }
    const std::int32_t lead = s.lead;
    s.lead = s.texts = 0;
    s.tie = NONE;
    if (!advance(s, length)) return false;
    if (lead & (STRETCHED | NO_CHORD)) s.sound = NOTHING;
    if (lead & STRETCHED) s.last_length = 0;
    return true;
}

}  // namespace songrnn
