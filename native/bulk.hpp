// Many tunes at once: every thread advances its own batch of them, a tune that ends makes room for the next, and all
// are handed over in their order. At most `window` tunes a slot are begun and not yet handed over, so that memory is
// bounded.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "tune.hpp"

namespace songrnn {

class Bulk {
public:
    // Makes tune `index` and puts its state into a slot of the stepper.
    using Begin = std::function<Tune(std::size_t index, Stepper& stepper, std::size_t slot)>;

    // How the work is divided. kept: what is recorded of every step; nothing unless it has a value.
    struct Work {
        std::size_t threads, slots;
        std::size_t window = 16;
        Interventions changes = nullptr;
        std::optional<Kept> kept = std::nullopt;
    };

    Bulk(std::shared_ptr<const Image> image, const Kernel& kernel, std::size_t count, Begin begin, Work work);
    ~Bulk();

    // Waits up to `seconds` for the next tunes in order and moves them, at most `most`, to `out`; false once all have
    // been handed over.
    bool next(std::vector<Record>& out, std::size_t most, double seconds);

private:
    struct Finished {
        Record record;
        bool ready = false;
    };
    void run();
    bool take_index(std::size_t& index, bool wait);
    void hand_in(std::size_t index, Record record);

    std::shared_ptr<const Image> image_;
    const Kernel& kernel_;
    const std::size_t count_;
    const Work work_;
    const Begin begin_;
    std::mutex mutex_;
    std::condition_variable finished_, room_;
    std::vector<Finished> window_;  // tune i waits in window_[i % size]
    std::size_t begun_ = 0, handed_over_ = 0;
    bool stopped_ = false;
    std::exception_ptr failure_;
    std::vector<std::thread> threads_;
};

}  // namespace songrnn
