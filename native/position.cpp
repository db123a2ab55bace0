#include "position.hpp"

#include <utility>

namespace songrnn {

Position::Position(std::shared_ptr<const PositionSource> source) : source_(std::move(source)) {}

void Position::reserve(std::size_t characters) {
    history_.ids.reserve(history_.ids.size() + characters);
    history_.times.reserve(history_.times.size() + characters);
}

void Position::tell(std::int32_t id) {
    const std::vector<std::int32_t>& points = source_->code_points;
    tracking::rules::tell(tracker_, history_, id, points[static_cast<std::size_t>(id)]);
    const auto nothing = static_cast<std::int32_t>(points.size());
    tracking::rules::write_row(tracker_, history_, source_->form, nothing, row_.data());
}

tracking::Parts parts_of(const std::int32_t* points, std::size_t size) {
    tracking::Tracker tracker;
    tracking::Parts parts;
    for (std::size_t i = 0; i < size; ++i) {
        tracking::rules::read_character(tracker, points[i]);
        tracking::rules::note_part(parts, tracker.current);
    }
    if (tracker.current.voices > 0) return {};
    tracking::rules::finish_parts(parts, tracker.current);
    return parts;
}

}  // namespace songrnn
