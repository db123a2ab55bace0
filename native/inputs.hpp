// The inputs of one tune, character by character: what the tune so far suggests (songrnn.model.copying) and what
// n-grams expect (songrnn.model.ngrams, which have the equations). position.hpp has the third: where in the tune it
// stands.
#pragma once

#include <cstdint>
#include <vector>

#include "image.hpp"
#include "kernel.hpp"

namespace songrnn {

// What may come next; `character` is V, the size of the vocabulary, and the rest 0 where nothing is suggested.
struct Suggestion {
    std::int32_t character;
    std::int32_t length;    // of the match, in characters
    std::int32_t distance;  // from the suggested character to the next one, in characters
};

// Finds the longest earlier stretch of a tune that equals its end; of equally long ones the latest. A step visits the
// earlier places of the same character only: the match that ends there is one longer than the one that ended a place
// before it, one step ago.
class Copier {
public:
    explicit Copier(std::size_t vocabulary_size);
    Suggestion read(std::int32_t character);
    void reserve(std::size_t characters);

private:
    struct Place {
        std::int32_t id;
        std::int32_t length;   // of the match that ended here when this character was last read
        std::int32_t earlier;  // the last place before this one with the same character, or -1
    };
    std::vector<Place> places_;
    std::vector<std::int32_t> latest_;  // [V]: the last place with each character, or -1
};

// Walks through the n-grams; its contexts are kept as indices into the levels of the image.
class NgramReader {
public:
    explicit NgramReader(const Image& image);

    // Adds a character and writes, for each of the K contexts, probabilities [V] of the next one.
    void read(std::int32_t character, float* probabilities);

private:
    struct Extensions {
        std::uint32_t begin, end;
    };
    Extensions extensions(std::size_t length, std::int64_t context) const;

    const Image* image_;
    std::vector<std::int64_t> contexts_;  // [levels]: of k characters, or NOWHERE
};

}  // namespace songrnn
