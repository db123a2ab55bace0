#include "inputs.hpp"

#include <algorithm>

namespace songrnn {

namespace {

constexpr std::int64_t NOWHERE = -1;
constexpr float DISCOUNT = 0.8f;  // as in songrnn.model.ngrams

}  // namespace

Copier::Copier(std::size_t vocabulary_size) : latest_(vocabulary_size, -1) {}

void Copier::reserve(std::size_t characters) { places_.reserve(characters); }

Suggestion Copier::read(std::int32_t character) {
    const auto here = static_cast<std::int32_t>(places_.size());
    const std::int32_t before = here ? places_[here - 1].id : -1;
    Suggestion best{static_cast<std::int32_t>(latest_.size()), 0, 0};
    // From the latest place back, so that each finds the length before it as it was one step ago.
    for (std::int32_t place = latest_[character]; place >= 0; place = places_[place].earlier) {
        const bool goes_on = place > 0 && places_[place - 1].id == before;
        places_[place].length = goes_on ? places_[place - 1].length + 1 : 1;
        if (places_[place].length > best.length) best = {0, places_[place].length, here - place};
    }
    places_.push_back({character, 0, latest_[character]});
    latest_[character] = here;
    if (best.length) best.character = places_[here - best.distance + 1].id;
    return best;
}

NgramReader::NgramReader(const Image& image) : image_(&image), contexts_(image.shape().levels(), NOWHERE) {
    if (!contexts_.empty()) contexts_[0] = 0;
}

NgramReader::Extensions NgramReader::extensions(std::size_t length, std::int64_t context) const {
    if (context == NOWHERE) return {0, 0};
    const std::uint32_t* children = image_->level[length].children;
    return {children[context], children[context + 1]};
}

void NgramReader::read(std::int32_t character, float* probabilities) {
    for (std::size_t length = contexts_.size(); --length > 0;) {
        const Extensions e = extensions(length - 1, contexts_[length - 1]);
        const std::uint16_t* characters = image_->level[length - 1].characters;
        const std::uint16_t* found = std::lower_bound(characters + e.begin, characters + e.end, character);
        contexts_[length] = found != characters + e.end && *found == character ? found - characters : NOWHERE;
    }
    const Shape& shape = image_->shape();
    const std::size_t V = shape.vocabulary_size;
    float* shares = probabilities;  // those of the shortest context are built where the first chosen one belongs
    std::fill_n(shares, V, 1.0f / static_cast<float>(V));
    for (std::size_t length = 0, chosen = 0; length < contexts_.size(); ++length) {
        const Extensions e = extensions(length, contexts_[length]);
        if (e.begin < e.end) {
            const LevelView& level = image_->level[length];
            float total = 0.0f;
            for (std::uint32_t i = e.begin; i < e.end; ++i) total += level.counts[i];
            const float kept = DISCOUNT * static_cast<float>(e.end - e.begin) / total;
            for (std::size_t v = 0; v < V; ++v) shares[v] *= kept;
            for (std::uint32_t i = e.begin; i < e.end; ++i)
                shares[level.characters[i]] += (level.counts[i] - DISCOUNT) / total;
        }
        if (length == shape.context[chosen] && ++chosen < shape.contexts) {
            std::copy_n(shares, V, shares + V);
            shares += V;
        }
    }
}

}  // namespace songrnn
