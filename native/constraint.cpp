#include "constraint.hpp"

#include <cstring>
#include <utility>

namespace songrnn {

namespace {

const Context& checked(const Context& context, std::int32_t vocabulary_size) {
    context.automaton.check(vocabulary_size);
    const auto within = [](std::int32_t number, std::int32_t least, std::int32_t most) {
        if (number < least || number > most) throw std::invalid_argument("invalid context");
    };
    within(context.end, 0, vocabulary_size - 1);
    within(context.shortest, 1, LONGEST_LENGTH);
    within(static_cast<std::int32_t>(context.sums.size()), MOST_TUPLET + 1, MOST_TUPLET + 1);
    within(context.form.bars, 0, LONGEST_COMPLETION);
    for (const std::int32_t length : context.lengths) within(length, 1, LONGEST_LENGTH);
    for (const auto& sums : context.sums)
        for (const std::int32_t sum : sums) within(sum, 0, LONGEST_SUM);
    return context;
}

}  // namespace

Constraint::Constraint(Context context, std::int32_t vocabulary_size)
    : context_((checked(context, vocabulary_size), std::move(context))), size_(vocabulary_size) {}

bool Constraint::push(const TuneState& s, std::int32_t id, TuneState& after) const {
    after = s;
    return rules::step(context_, after, id);
}

void Constraint::allowed(const TuneState& s, std::uint8_t* mask) const {
    std::memset(mask, 0, static_cast<std::size_t>(size_));
    const bool within_token = s.node != ROOT_HEADER && s.node != ROOT_BODY;
    TuneState settled = s;
    if (!within_token || rules::settle(context_, settled)) {
        mark(settled, mask);
        mask[end()] = (settled.flags & LINE) && rules::may_end(context_, settled);
    }
    if (within_token) mark(s, mask);  // what continues the token comes before what ends it
}

// Writes what each edge from the state's node leads to.
void Constraint::mark(const TuneState& s, std::uint8_t* mask) const {
    // Letters differ where their pitch matters: in a range, after a tie, in the last bar.
    const TokenAutomaton& automaton = context_.automaton;
    const bool alike = context_.any_pitch && !(s.flags & TIED) && !context_.form.ends_on_tonic;
    std::int32_t letters = -1;
    for (const TokenAutomaton::Edge& edge : automaton.edges[s.node]) {
        const std::int32_t token = automaton.ended[edge.node];
        const bool letter =
            alike && token >= 0 && automaton.tokens[token].kind == Kind::LETTER && automaton.is_leaf(edge.node);
        if (letter && letters >= 0) {
            mask[edge.id] = static_cast<std::uint8_t>(letters);
            continue;
        }
        TuneState after = s;
        mask[edge.id] = rules::enter(context_, after, edge.node);
        if (letter) letters = mask[edge.id];
    }
}

}  // namespace songrnn
