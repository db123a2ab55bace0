// A packed network: everything that composing needs of a checkpoint, in one piece of memory that can be read as it is
// from a file, and that many processes can share.
//
// Header, then one section after the other, each at a multiple of 64 bytes, in the order of Image::lay_out. The same
// image serves every kernel. What is in a file is checked when it is opened (`Image::open`): sizes, ranges and the
// n-grams' indices, so that no image, however altered, can make the engine read outside of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "matrix.hpp"
#include "tracking_rules.hpp"

namespace songrnn {

enum class Cell : std::uint32_t { rnn = 0, gru = 1, lstm = 2 };
constexpr const char* CELLS[] = {"rnn", "gru", "lstm"};  // their names
enum class Precision : std::uint32_t { fp32 = 0, int8 = 1 };

constexpr std::size_t MOST_LAYERS = 8;
constexpr std::size_t MOST_CONTEXTS = 9;
constexpr std::size_t MOST_COUNT_STEPS = 31;
constexpr std::size_t LAGS = std::size(tracking::LAGS);
constexpr std::size_t AGREEMENTS = tracking::EQUAL_SO_FAR + 2;  // songrnn.tracking.lookback
constexpr std::size_t CATEGORIES = tracking::LETTERS_AT;        // integers of a position, but for those of the letters
constexpr std::size_t NOTE_LETTERS = 14;                        // C to B and c to b
constexpr std::int32_t LARGEST_STEP = 18;                       // songrnn.model.settings
constexpr std::size_t RELATIVE_TO_TONIC = 20, RELATIVE_TO_NOTE = 2 * LARGEST_STEP + 1;
constexpr std::size_t GATES_OF[] = {1, 3, 4};  // of a Cell

// The shape of a network, as in songrnn.model.settings.ModelSettings.
struct Shape {
    Cell cell;
    Precision precision;
    std::uint32_t hidden_size, layers, embedding_size, vocabulary_size;
    std::uint32_t copying;  // 0 or 1, as the four after it
    std::uint32_t position, lookback, plan, pitch_heads;
    std::uint32_t position_size;         // P
    std::uint32_t letter[NOTE_LETTERS];  // ids of the note letters, V for those that the vocabulary lacks
    std::uint32_t count_steps;           // S; lengths and distances of matches are read as how many they reach
    std::uint32_t count_step[MOST_COUNT_STEPS];
    std::uint32_t contexts;                   // K
    std::uint32_t context[MOST_CONTEXTS];     // the K lengths, rising
    std::uint32_t level_size[MOST_CONTEXTS];  // n-grams of each length from 1 to the longest context plus 1
    float floor;

    std::size_t gates() const { return GATES_OF[static_cast<std::size_t>(cell)]; }
    std::size_t levels() const { return contexts ? context[contexts - 1] + std::size_t{1} : 0; }
    // Neurons are rounded up to whole steps, so that a layer's state is a vector of factors as it stands.
    std::size_t hidden_blocks() const { return (hidden_size + STEP - 1) / STEP * (STEP / ROWS); }
    bool has_categories() const { return position || lookback || plan; }
    bool follows_position() const { return has_categories() || pitch_heads; }
    bool reads_more() const { return copying || contexts || has_categories(); }  // than the character itself
    // Rows after the logits in the output matrix: gates of copying, n-grams and lookback, then the pitch heads.
    std::size_t ngram_gates_at() const { return vocabulary_size + std::size_t{copying}; }
    std::size_t lookback_gates_at() const { return ngram_gates_at() + contexts; }
    std::size_t tonic_head_at() const { return lookback_gates_at() + (lookback ? LAGS : 0); }
    std::size_t step_head_at() const { return tonic_head_at() + (pitch_heads ? RELATIVE_TO_TONIC : 0); }
    std::size_t answers() const { return step_head_at() + (pitch_heads ? RELATIVE_TO_NOTE : 0); }
    // How many values a category has; 0 if the network does not read it.
    std::size_t category_size(std::size_t category) const;
    std::size_t category_rows() const;  // of all together
};

// The counts of one length of n-grams: children i..i+1 of `children` are where those begin and end that extend context
// i.
struct LevelView {
    const std::uint32_t* children;    // [size of the level below + 1]
    const std::uint16_t* characters;  // [size]
    const std::uint16_t* counts;      // [size]
};

// The arrays of an unpacked network, row-major float32, as songrnn.model.settings.parameter_shapes names them.
struct Weights {
    const float *embedding, *output, *output_bias;
    const float *suggested, *length, *distance, *copying_gate, *copying_gate_bias, *length_bonus, *distance_bonus;
    const float *ngram_input, *ngram_gate, *ngram_gate_bias;
    const float *position, *plan, *lookback_suggested, *lookback_agreement, *category_output;
    const float *lookback_gate, *lookback_gate_bias, *lookback_bonus;
    const float *tonic_head, *tonic_head_bias, *step_head, *step_head_bias;
    const std::int32_t* code_points;
    const float *input[MOST_LAYERS], *hidden[MOST_LAYERS], *input_bias[MOST_LAYERS], *hidden_bias[MOST_LAYERS];
    struct {
        const std::uint32_t* offspring;  // [size of the level below]
        const std::uint16_t *characters, *counts;
    } level[MOST_CONTEXTS];
};

// An image that cannot be used; the message says why, as the end of a sentence that begins with its name.
struct BadImage : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Image {
public:
    // Packs a network. Weights may be any numbers; shapes are the caller's promise.
    static std::shared_ptr<const Image> pack(const Shape& shape, const Weights& weights);

    // Looks into `bytes` of memory, which must outlive the image and begin at a multiple of 64; throws BadImage.
    static std::shared_ptr<const Image> open(const void* memory, std::size_t bytes);

    const Shape& shape() const { return shape_; }
    const unsigned char* memory() const { return memory_; }
    std::size_t bytes() const { return bytes_; }

    // Sums of gates stand in blocks: for each ROWS neurons, one block of rows for each gate.
    const float* table = nullptr;  // [V][gates * neurons]: embedding times input weights, and biases
    Matrix first_input{};  // the rest of the first layer's input (embedding, then categories) -> sums; if reads_more()
    const float* category = nullptr;            // [category_rows][categories_size]: embeddings
    Matrix category_output{};                   // the first layer's input, of which the categories -> logits
    const float* lookback_bonus = nullptr;      // [LAGS][AGREEMENTS]
    const std::int32_t* code_points = nullptr;  // [V], if it follows the position
    const float *suggested = nullptr, *length = nullptr, *distance = nullptr;  // [..][embedding]; with copying
    Matrix ngram_input{};                        // square roots of n-gram probabilities -> embedding
    Matrix upper_input[MOST_LAYERS] = {};        // layer below -> sums, from the second layer on
    const float* upper_bias[MOST_LAYERS] = {};   // [gates * neurons]
    Matrix hidden[MOST_LAYERS] = {};             // own state -> sums
    const float* hidden_bias[MOST_LAYERS] = {};  // [gates * neurons]; zero but for a GRU
    Matrix output{};                             // top layer -> logits, gates and heads (Shape::answers)
    const float* output_bias = nullptr;          // [output.rows()]
    const float *length_bonus = nullptr, *distance_bonus = nullptr;
    LevelView level[MOST_CONTEXTS] = {};

    std::size_t neurons() const { return shape_.hidden_blocks() * ROWS; }                       // H, rounded up
    std::size_t sums() const { return shape_.gates() * neurons(); }                             // gates * neurons
    std::size_t embedding() const { return (shape_.embedding_size + STEP - 1) / STEP * STEP; }  // E, rounded up
    std::size_t categories_size() const {                                                       // P, rounded up
        return shape_.has_categories() ? (shape_.position_size + STEP - 1) / STEP * STEP : 0;
    }
    std::size_t input() const { return embedding() + categories_size(); }  // numbers that enter the first layer

private:
    struct Header;
    class Layout;

    Image() = default;
    void lay_out(Layout& layout);
    void check() const;

    Shape shape_{};
    std::unique_ptr<unsigned char[]> own_;
    const unsigned char* memory_ = nullptr;
    std::size_t bytes_ = 0;
};

}  // namespace songrnn
