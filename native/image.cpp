#include "image.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace songrnn {

struct Image::Header {
    char magic[8];
    std::uint32_t version, step, rows, reserved;
    std::uint64_t bytes;
    Shape shape;
};

namespace {

constexpr char MAGIC[8] = {'s', 'o', 'n', 'g', 'r', 'n', 'n', 'P'};
constexpr std::uint32_t VERSION = 2;
constexpr std::size_t ALIGNMENT = 64;

std::size_t rounded_up(std::size_t value, std::size_t to) { return (value + to - 1) / to * to; }

}  // namespace

std::size_t Shape::category_size(std::size_t category) const {
    constexpr std::size_t PLAN = tracking::PLAN_AT, SUGGESTED = tracking::SUGGESTED_AT,
                          AGREEMENT = tracking::AGREEMENT_AT;
    if (category < PLAN) return position ? static_cast<std::size_t>(tracking::SIZES[category]) : 0;
    if (category < SUGGESTED) return plan ? static_cast<std::size_t>(tracking::PLAN_SIZES[category - PLAN]) : 0;
    return !lookback ? 0 : category < AGREEMENT ? vocabulary_size + std::size_t{1} : AGREEMENTS;
}

std::size_t Shape::category_rows() const {
    std::size_t rows = 0;
    for (std::size_t category = 0; category < CATEGORIES; ++category) rows += category_size(category);
    return rows;
}

// Walks through an image's memory and hands out one section after the other; without memory, it only counts.
class Image::Layout {
public:
    explicit Layout(const unsigned char* memory) : memory_(memory), at_(rounded_up(sizeof(Header), ALIGNMENT)) {}

    template <class Value>
    const Value* section(std::size_t count) {
        const std::size_t begin = at_;
        at_ = rounded_up(at_ + count * sizeof(Value), ALIGNMENT);
        return memory_ ? reinterpret_cast<const Value*>(memory_ + begin) : nullptr;
    }

    Matrix matrix(std::size_t rows, std::size_t columns, Precision precision) {
        Matrix m{};
        m.blocks = (rows + ROWS - 1) / ROWS;
        m.steps = (columns + STEP - 1) / STEP;
        m.ranges = section<Range>(m.blocks);
        if (precision == Precision::fp32) {
            m.fp32 = section<float>(m.rows() * m.columns());
        } else {
            m.int8 = section<std::int8_t>(m.rows() * m.columns());
            m.scales = section<float>(m.rows());
            m.totals = section<std::int32_t>(m.rows());
        }
        return m;
    }

    std::size_t end() const { return at_; }

private:
    const unsigned char* memory_;
    std::size_t at_;
};

void Image::lay_out(Layout& layout) {
    const Shape& s = shape_;
    const Precision p = s.precision;
    table = layout.section<float>(s.vocabulary_size * sums());
    if (s.copying) {
        suggested = layout.section<float>((s.vocabulary_size + std::size_t{1}) * embedding());
        length = layout.section<float>((s.count_steps + std::size_t{1}) * embedding());
        distance = layout.section<float>((s.count_steps + std::size_t{1}) * embedding());
        length_bonus = layout.section<float>(s.count_steps + std::size_t{1});
        distance_bonus = layout.section<float>(s.count_steps + std::size_t{1});
    }
    if (s.contexts) ngram_input = layout.matrix(embedding(), std::size_t{s.contexts} * s.vocabulary_size, p);
    if (s.reads_more()) first_input = layout.matrix(sums(), input(), p);
    if (s.has_categories()) {
        category = layout.section<float>(s.category_rows() * categories_size());
        category_output = layout.matrix(s.answers(), input(), p);
    }
    if (s.lookback) lookback_bonus = layout.section<float>(LAGS * AGREEMENTS);
    if (s.follows_position()) code_points = layout.section<std::int32_t>(s.vocabulary_size);
    for (std::size_t layer = 0; layer < s.layers; ++layer) {
        if (layer) {
            upper_input[layer] = layout.matrix(sums(), neurons(), p);
            upper_bias[layer] = layout.section<float>(sums());
        }
        hidden[layer] = layout.matrix(sums(), neurons(), p);
        hidden_bias[layer] = layout.section<float>(sums());
    }
    output = layout.matrix(s.answers(), neurons(), p);
    output_bias = layout.section<float>(output.rows());
    std::size_t below = 1;
    for (std::size_t k = 0; k < s.levels(); ++k) {
        level[k].children = layout.section<std::uint32_t>(below + 1);
        level[k].characters = layout.section<std::uint16_t>(s.level_size[k]);
        level[k].counts = layout.section<std::uint16_t>(s.level_size[k]);
        below = s.level_size[k];
    }
}

namespace {

// Fills the sections of an image that is being packed.
template <class Value>
Value* writable(const Value* section) {
    return const_cast<Value*>(section);
}

// Where row `row` of a gate-by-gate array [gates * H] stands among sums in blocks.
std::size_t place_of(const Shape& shape, std::size_t row) {
    const std::size_t gate = row / shape.hidden_size, neuron = row % shape.hidden_size;
    return (neuron / ROWS * shape.gates() + gate) * ROWS + neuron % ROWS;
}

// The scale of a row such that rounded weights neither leave int8 nor overflow 16 bits when summed (matrix.hpp).
float scale_of(const float* row, std::size_t columns) {
    float most = 0.0f;
    for (std::size_t i = 0; i < columns; ++i) most = std::max(most, std::fabs(row[i]) / 127.0f);
    constexpr float room = static_cast<float>(MOST_SUM) - 0.5f * (STEP / 2);  // half for each rounding
    for (std::size_t begin = 0; begin < columns; begin += STEP) {
        float sums[2] = {0.0f, 0.0f};
        for (std::size_t i = begin; i < std::min(begin + STEP, columns); ++i) sums[i % 4 / 2] += std::fabs(row[i]);
        most = std::max({most, sums[0] / room, sums[1] / room});
    }
    return most;
}

// Packs `rows` rows of `columns` weights, of which row r becomes the matrix's row place(r).
template <class Place>
void fill(const Matrix& m, const float* weights, std::size_t rows, std::size_t columns, Place place) {
    std::vector<Range> ranges(m.blocks, Range{static_cast<std::uint32_t>(m.steps), 0});
    for (std::size_t r = 0; r < rows; ++r) {
        const float* row = weights + r * columns;
        const std::size_t block = place(r) / ROWS, lane = place(r) % ROWS;
        const float scale = m.int8 ? scale_of(row, columns) : 1.0f;
        std::int32_t total = 0;
        for (std::size_t c = 0; c < columns; ++c) {
            if (row[c] == 0.0f) continue;
            ranges[block].begin = std::min<std::uint32_t>(ranges[block].begin, static_cast<std::uint32_t>(c / STEP));
            ranges[block].end = std::max<std::uint32_t>(ranges[block].end, static_cast<std::uint32_t>(c / STEP + 1));
            if (m.int8) {
                const auto value = static_cast<std::int8_t>(std::nearbyint(row[c] / scale));
                writable(m.int8)[block * ROWS * m.columns() + c / 4 * ROWS * 4 + lane * 4 + c % 4] = value;
                total += value;
            } else {
                writable(m.fp32)[(block * m.columns() + c) * ROWS + lane] = row[c];
            }
        }
        if (m.int8) {
            writable(m.scales)[block * ROWS + lane] = scale;
            writable(m.totals)[block * ROWS + lane] = total;
        }
    }
    for (Range& range : ranges) range.begin = std::min(range.begin, range.end);
    std::memcpy(writable(m.ranges), ranges.data(), m.blocks * sizeof(Range));
}

void fill_table(const Image& image, const Weights& w) {
    const Shape& s = image.shape();
    const std::size_t rows = s.gates() * s.hidden_size,
                      columns = s.embedding_size + (s.has_categories() ? s.position_size : 0);
    for (std::size_t r = 0; r < rows; ++r) {
        const float bias = w.input_bias[0][r] + (s.cell == Cell::gru ? 0.0f : w.hidden_bias[0][r]);
        for (std::size_t id = 0; id < s.vocabulary_size; ++id) {
            double sum = bias;  // in any order of summation the nearest float
            for (std::size_t e = 0; e < s.embedding_size; ++e)
                sum += static_cast<double>(w.input[0][r * columns + e]) * w.embedding[id * s.embedding_size + e];
            writable(image.table)[id * image.sums() + place_of(s, r)] = static_cast<float>(sum);
        }
    }
}

void fill_rows(const float* section, std::size_t apart, const float* values, std::size_t rows, std::size_t columns) {
    for (std::size_t r = 0; r < rows; ++r)
        std::memcpy(writable(section) + r * apart, values + r * columns, columns * sizeof(float));
}

void fill_layers(const Image& image, const Weights& w) {
    const Shape& s = image.shape();
    const std::size_t rows = s.gates() * s.hidden_size;
    const auto place = [&](std::size_t row) { return place_of(s, row); };
    for (std::size_t layer = 0; layer < s.layers; ++layer) {
        fill(image.hidden[layer], w.hidden[layer], rows, s.hidden_size, place);
        const bool apart = s.cell == Cell::gru;  // part of a GRU's hidden bias is multiplied by a gate
        if (layer) fill(image.upper_input[layer], w.input[layer], rows, s.hidden_size, place);
        for (std::size_t r = 0; r < rows; ++r) {
            if (layer)
                writable(image.upper_bias[layer])[place(r)] =
                    w.input_bias[layer][r] + (apart ? 0.0f : w.hidden_bias[layer][r]);
            if (apart) writable(image.hidden_bias[layer])[place(r)] = w.hidden_bias[layer][r];
        }
    }
}

void fill_output(const Image& image, const Weights& w) {
    const Shape& s = image.shape();
    const std::size_t V = s.vocabulary_size, H = s.hidden_size;
    std::vector<float> rows, bias;
    const auto add = [&](const float* weights, const float* biases, std::size_t count) {
        rows.insert(rows.end(), weights, weights + count * H);
        bias.insert(bias.end(), biases, biases + count);
    };
    add(w.output, w.output_bias, V);
    if (s.copying) add(w.copying_gate, w.copying_gate_bias, 1);
    if (s.contexts) add(w.ngram_gate, w.ngram_gate_bias, s.contexts);
    if (s.lookback) add(w.lookback_gate, w.lookback_gate_bias, LAGS);
    if (s.pitch_heads) {
        add(w.tonic_head, w.tonic_head_bias, RELATIVE_TO_TONIC);
        add(w.step_head, w.step_head_bias, RELATIVE_TO_NOTE);
    }
    fill(image.output, rows.data(), bias.size(), H, [](std::size_t row) { return row; });
    std::copy(bias.begin(), bias.end(), writable(image.output_bias));
}

// The first layer's input weights, [gates * H][E, then P], with both parts rounded up.
void fill_first_input(const Image& image, const Weights& w) {
    const Shape& s = image.shape();
    const std::size_t rows = s.gates() * s.hidden_size, E = s.embedding_size,
                      P = s.has_categories() ? s.position_size : 0;
    std::vector<float> apart(rows * image.input());
    for (std::size_t r = 0; r < rows; ++r) {
        const float* from = w.input[0] + r * (E + P);
        std::copy_n(from, E, apart.data() + r * image.input());
        std::copy_n(from + E, P, apart.data() + r * image.input() + image.embedding());
    }
    fill(image.first_input, apart.data(), rows, image.input(), [&](std::size_t row) { return place_of(s, row); });
}

void fill_categories(const Image& image, const Weights& w) {
    const Shape& s = image.shape();
    const std::size_t V = s.vocabulary_size, P = s.position_size, apart = image.categories_size();
    const float* section = image.category;
    const auto add = [&](const float* rows, std::size_t first, std::size_t end) {
        std::size_t count = 0;
        for (std::size_t category = first; category < end; ++category) count += s.category_size(category);
        fill_rows(section, apart, rows, count, P);
        section += count * apart;
    };
    add(w.position, 0, tracking::PLAN_AT);
    add(w.plan, tracking::PLAN_AT, tracking::SUGGESTED_AT);
    add(w.lookback_suggested, tracking::SUGGESTED_AT, tracking::AGREEMENT_AT);
    add(w.lookback_agreement, tracking::AGREEMENT_AT, CATEGORIES);
    std::vector<float> output(V * image.input());
    for (std::size_t v = 0; v < V; ++v)
        std::copy_n(w.category_output + v * P, P, output.data() + v * image.input() + image.embedding());
    fill(image.category_output, output.data(), V, image.input(), [](std::size_t row) { return row; });
}

void fill_ngrams(const Image& image, const Weights& w) {
    const Shape& s = image.shape();
    std::size_t below = 1;
    for (std::size_t k = 0; k < s.levels(); ++k) {
        std::uint32_t end = 0;
        writable(image.level[k].children)[0] = 0;
        for (std::size_t i = 0; i < below; ++i)
            writable(image.level[k].children)[i + 1] = end += w.level[k].offspring[i];
        std::copy_n(w.level[k].characters, s.level_size[k], writable(image.level[k].characters));
        std::copy_n(w.level[k].counts, s.level_size[k], writable(image.level[k].counts));
        below = s.level_size[k];
    }
}

}  // namespace

std::shared_ptr<const Image> Image::pack(const Shape& shape, const Weights& w) {
    std::shared_ptr<Image> image(new Image);
    image->shape_ = shape;
    Layout counting(nullptr);
    image->lay_out(counting);
    image->bytes_ = counting.end();
    image->own_.reset(new unsigned char[image->bytes_ + ALIGNMENT]());
    unsigned char* memory = image->own_.get();
    memory += (ALIGNMENT - reinterpret_cast<std::uintptr_t>(memory) % ALIGNMENT) % ALIGNMENT;
    image->memory_ = memory;
    Header header{};
    std::memcpy(header.magic, MAGIC, sizeof MAGIC);
    header.version = VERSION;
    header.step = STEP;
    header.rows = ROWS;
    header.bytes = image->bytes_;
    header.shape = shape;
    std::memcpy(memory, &header, sizeof header);
    Layout layout(memory);
    image->lay_out(layout);

    fill_table(*image, w);
    const auto same = [](std::size_t row) { return row; };
    const std::size_t E = shape.embedding_size, V = shape.vocabulary_size, apart = image->embedding();
    if (shape.copying) {
        fill_rows(image->suggested, apart, w.suggested, V + 1, E);
        fill_rows(image->length, apart, w.length, shape.count_steps + std::size_t{1}, E);
        fill_rows(image->distance, apart, w.distance, shape.count_steps + std::size_t{1}, E);
        std::copy_n(w.length_bonus, shape.count_steps + std::size_t{1}, writable(image->length_bonus));
        std::copy_n(w.distance_bonus, shape.count_steps + std::size_t{1}, writable(image->distance_bonus));
    }
    if (shape.contexts) fill(image->ngram_input, w.ngram_input, E, shape.contexts * V, same);
    if (shape.reads_more()) fill_first_input(*image, w);
    if (shape.has_categories()) fill_categories(*image, w);
    if (shape.lookback) std::copy_n(w.lookback_bonus, LAGS * AGREEMENTS, writable(image->lookback_bonus));
    if (shape.follows_position()) std::copy_n(w.code_points, V, writable(image->code_points));
    fill_layers(*image, w);
    fill_output(*image, w);
    fill_ngrams(*image, w);
    return image;
}

namespace {

void require(bool condition, const char* complaint) {
    if (!condition) throw BadImage(complaint);
}

void check_shape(const Shape& s) {
    const char* complaint = "has an impossible shape; it was altered";
    require(static_cast<std::uint32_t>(s.cell) <= 2 && static_cast<std::uint32_t>(s.precision) <= 1, complaint);
    require(s.hidden_size >= 1 && s.hidden_size <= 65536 && s.layers >= 1 && s.layers <= MOST_LAYERS, complaint);
    require(s.embedding_size >= 1 && s.embedding_size <= 65536, complaint);
    require(s.vocabulary_size >= 1 && s.vocabulary_size <= 65535, complaint);
    require(s.position <= 1 && s.lookback <= 1 && s.plan <= 1 && s.pitch_heads <= 1, complaint);
    require(s.position_size <= 65536 && (s.position_size >= 1 || !s.has_categories()), complaint);
    for (const std::uint32_t id : s.letter) require(id <= s.vocabulary_size, complaint);
    require(s.copying <= 1 && s.count_steps <= MOST_COUNT_STEPS && s.contexts <= MOST_CONTEXTS, complaint);
    for (std::size_t k = 0; k < s.contexts; ++k)
        require(s.context[k] < MOST_CONTEXTS && (k == 0 || s.context[k] > s.context[k - 1]), complaint);
    require(s.floor >= 0.0f && s.floor <= 0.5f, complaint);
}

void check_matrix(const Matrix& m) {
    for (std::size_t block = 0; block < m.blocks; ++block)
        require(m.ranges[block].begin <= m.ranges[block].end && m.ranges[block].end <= m.steps,
                "has a matrix with an impossible range; it was altered");
}

}  // namespace

void Image::check() const {
    const Shape& s = shape_;
    check_matrix(first_input);
    check_matrix(ngram_input);
    check_matrix(output);
    check_matrix(category_output);
    for (std::size_t layer = 0; layer < s.layers; ++layer) {
        check_matrix(upper_input[layer]);
        check_matrix(hidden[layer]);
    }
    std::size_t below = 1;
    for (std::size_t k = 0; k < s.levels(); ++k) {
        bool ordered = level[k].children[0] == 0 && level[k].children[below] == s.level_size[k];
        for (std::size_t i = 0; i < below; ++i) ordered &= level[k].children[i] <= level[k].children[i + 1];
        std::uint16_t highest = 0;
        for (std::size_t i = 0; i < s.level_size[k]; ++i) highest = std::max(highest, level[k].characters[i]);
        require(ordered && highest < s.vocabulary_size, "has n-grams that do not fit together; it was altered");
        below = s.level_size[k];
    }
}

std::shared_ptr<const Image> Image::open(const void* memory, std::size_t bytes) {
    Header header;
    require(bytes >= sizeof header, "is too short for a packed network");
    require(reinterpret_cast<std::uintptr_t>(memory) % ALIGNMENT == 0, "does not begin at a multiple of 64 bytes");
    std::memcpy(&header, memory, sizeof header);
    require(std::memcmp(header.magic, MAGIC, sizeof MAGIC) == 0, "is no packed network");
    require(header.version == VERSION && header.step == STEP && header.rows == ROWS, "is of another version");
    require(header.bytes == bytes, "was cut short, or is longer than it says");
    check_shape(header.shape);
    std::shared_ptr<Image> image(new Image);
    image->shape_ = header.shape;
    image->memory_ = static_cast<const unsigned char*>(memory);
    image->bytes_ = bytes;
    Layout counting(nullptr);
    image->lay_out(counting);
    require(counting.end() == bytes, "has another size than its shape says; it was altered");
    Layout layout(image->memory_);
    image->lay_out(layout);
    image->check();
    return image;
}

}  // namespace songrnn
