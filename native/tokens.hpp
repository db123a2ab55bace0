// The tokens that a vocabulary can spell: songrnn.constraints.tokens, which explains them. Included by rules.hpp, which
// has the constants.
#pragma once

namespace songrnn {

constexpr std::int32_t LETTERS = 7;

struct TokenAutomaton {
    struct Edge {
        std::int32_t id, node;
    };
    std::vector<Token> tokens;
    std::vector<TokenKey> keys;
    std::vector<std::vector<Edge>> edges;
    std::vector<std::int32_t> ended;
    std::vector<std::vector<std::int32_t>> within;

    bool is_leaf(std::int32_t node) const { return edges[node].empty(); }
    std::int32_t child(std::int32_t node, std::int32_t id) const {
        for (const Edge& edge : edges[node])
            if (edge.id == id) return edge.node;
        return -1;
    }
    std::int32_t towards(std::int32_t node, std::int32_t token) const {
        for (const Edge& edge : edges[node])
            for (const std::int32_t index : within[edge.node])
                if (index == token) return edge.id;
        throw std::logic_error("no character leads to the token");
    }

    // Throws std::invalid_argument unless every index and every number lies within its bounds.
    void check(std::int32_t vocabulary_size) const {
        const std::int32_t nodes = static_cast<std::int32_t>(ended.size()),
                           count = static_cast<std::int32_t>(tokens.size());
        const auto require = [](bool holds) {
            if (!holds) throw std::invalid_argument("invalid tokens");
        };
        require(nodes >= 4 && !keys.empty() && edges.size() == ended.size() && within.size() == ended.size());
        for (std::int32_t n = 0; n < nodes; ++n) {
            require(ended[n] >= (n >= 4 && is_leaf(n) ? 0 : -1) && ended[n] < count);
            for (const Edge& edge : edges[n])
                require(edge.id >= 0 && edge.id < vocabulary_size && edge.node >= 4 && edge.node < nodes);
            for (const std::int32_t index : within[n]) require(index >= 0 && index < count);
        }
        for (const Token& token : tokens) require(is_sound(token));
        for (const TokenKey& key : keys)
            require(key.alterations.size() == LETTERS &&
                    std::all_of(key.alterations.begin(), key.alterations.end(), is_small));
    }

private:
    static bool is_small(std::int32_t semitones) { return semitones >= -MOST_SEMITONES && semitones <= MOST_SEMITONES; }

    bool is_sound(const Token& token) const {
        switch (token.kind) {
            case Kind::KEY: return token.a >= 0 && static_cast<std::size_t>(token.a) < keys.size();
            case Kind::METER: return token.a >= 0 && token.a < LONGEST_BAR;
            case Kind::UNIT: return token.a >= GRAINS && token.a % GRAINS == 0 && token.a < LONGEST_UNIT;
            case Kind::LETTER: return is_small(token.a) && token.b >= 0 && token.b < LETTERS;
            case Kind::ACCIDENTAL:
            case Kind::OCTAVE: return is_small(token.a);
            case Kind::LENGTH: return token.a > 0 && token.a <= LONGEST_LENGTH;
            case Kind::BROKEN_RHYTHM: return token.a != 0 && token.a >= -MOST_BROKEN && token.a <= MOST_BROKEN;
            case Kind::TUPLET:
                return token.a > 0 && token.b >= 0 && token.c > 0 &&
                       std::max({token.a, token.b, token.c}) <= MOST_TUPLET;
            default: return token.kind >= 0 && token.kind < Kind::COUNT;
        }
    }
};

}  // namespace songrnn
