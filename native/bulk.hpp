// Many tunes at once: every thread advances its own batch of them, a tune that ends makes room for the next, and all are
// handed over in their order. At most WINDOW tunes a slot are begun and not yet handed over, so that memory is bounded.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "tune.hpp"

namespace songrnn {

class Bulk {
public:
    // Makes tune `index` and puts its state into a slot of the stepper.
    using Begin = std::function<Tune(std::size_t index, Stepper& stepper, std::size_t slot)>;

    Bulk(std::shared_ptr<const Image> image, const Kernel& kernel, std::size_t count, Begin begin, std::size_t threads,
         std::size_t slots);
    ~Bulk();

    // Waits up to `seconds` for the next tunes in order and moves them, at most `most`, to `out`; false once all have
    // been handed over.
    bool next(std::vector<Record>& out, std::size_t most, double seconds);

private:
    struct Finished {
        Record record;
        bool ready = false;
    };
    void work();
    bool take_index(std::size_t& index, bool wait);
    void hand_in(std::size_t index, Record record);

    std::shared_ptr<const Image> image_;
    const Kernel& kernel_;
    const std::size_t count_, slots_;
    const Begin begin_;
    std::mutex mutex_;
    std::condition_variable finished_, room_;
    std::vector<Finished> window_;            // tune i waits in window_[i % size]
    std::size_t begun_ = 0, handed_over_ = 0;
    bool stopped_ = false;
    std::exception_ptr failure_;
    std::vector<std::thread> threads_;
};

}  // namespace songrnn
