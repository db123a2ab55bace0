#include "bulk.hpp"

#include <algorithm>
#include <chrono>

namespace songrnn {

Bulk::Bulk(std::shared_ptr<const Image> image, const Kernel& kernel, std::size_t count, Begin begin, Work work)
    : image_(std::move(image)),
      kernel_(kernel),
      count_(count),
      work_(std::move(work)),
      begin_(std::move(begin)),
      window_(std::min(count, work_.window * work_.threads * work_.slots)) {
    for (std::size_t i = 0; i < work_.threads; ++i) threads_.emplace_back([this] { run(); });
}

Bulk::~Bulk() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stopped_ = true;
    }
    room_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

bool Bulk::next(std::vector<Record>& out, std::size_t most, double seconds) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (handed_over_ == count_) return false;
    finished_.wait_for(lock, std::chrono::duration<double>(seconds),
                       [this] { return failure_ || window_[handed_over_ % window_.size()].ready; });
    if (failure_) std::rethrow_exception(failure_);
    while (out.size() < most && handed_over_ < count_ && window_[handed_over_ % window_.size()].ready) {
        Finished& finished = window_[handed_over_++ % window_.size()];
        out.push_back(std::move(finished.record));
        finished.ready = false;
    }
    lock.unlock();
    room_.notify_all();
    return true;
}

// The next tune to begin; false if there is none, or, unless `wait`, none for now.
bool Bulk::take_index(std::size_t& index, bool wait) {
    std::unique_lock<std::mutex> lock(mutex_);
    const auto has_room = [this] { return stopped_ || begun_ == count_ || begun_ < handed_over_ + window_.size(); };
    if (wait) room_.wait(lock, has_room);
    if (stopped_ || begun_ == count_ || !has_room()) return false;
    index = begun_++;
    return true;
}

void Bulk::hand_in(std::size_t index, Record record) {
    bool is_next;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        Finished& place = window_[index % window_.size()];
        place.record = std::move(record);
        place.ready = true;
        is_next = index == handed_over_;
    }
    if (is_next) finished_.notify_all();
}

void Bulk::run() {
    try {
        Stepper stepper(image_, kernel_, work_.slots, work_.changes);
        if (work_.kept && work_.kept->gates) stepper.keep_gates();
        Drawer drawer(kernel_, image_->shape().vocabulary_size);
        struct Slot {
            std::size_t index;
            Tune tune;
        };
        std::vector<Slot> slots;  // the first so many of the stepper's
        slots.reserve(work_.slots);
        while (true) {
            std::size_t index;
            while (slots.size() < work_.slots && take_index(index, slots.empty()))
                slots.push_back({index, begin_(index, stepper, slots.size())});
            {
                const std::lock_guard<std::mutex> lock(mutex_);
                if (slots.empty() || stopped_) return;
            }
            for (std::size_t slot = 0; slot < slots.size();) {
                if (slots[slot].tune.advance(stepper, slot, drawer)) {
                    ++slot;
                    continue;
                }
                hand_in(slots[slot].index, slots[slot].tune.take_record());
                if (take_index(index, false)) {
                    slots[slot] = {index, begin_(index, stepper, slot)};
                } else {  // the last one takes its place
                    if (slot + 1 < slots.size()) {
                        stepper.copy(slot, stepper, slots.size() - 1);
                        slots[slot] = std::move(slots.back());
                    }
                    slots.pop_back();
                }
            }
            if (!slots.empty()) stepper.step(slots.size());
            if (!work_.kept) continue;
            for (std::size_t slot = 0; slot < slots.size(); ++slot)
                slots[slot].tune.trace().append(stepper, slot, image_->shape(), kernel_, *work_.kept);
        }
    } catch (...) {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
        stopped_ = true;
        finished_.notify_all();
        room_.notify_all();
    }
}

}  // namespace songrnn
