// Memory of a conversation by part, over its length. Keeps a bounded number of points: when full, every second one
// goes.
#pragma once

#include "engine/telemetry/events.h"

#include <optional>
#include <vector>

namespace bathy::models {

class KvHistory {
public:
    static constexpr std::size_t kMaxPoints = 4096; // more than a screen has columns

    void add(const telemetry::KvEvent& event); // fewer tokens than the last point: later points are forgotten
    void cut(std::int64_t tokens);             // forgets points with more tokens than this

    const std::vector<telemetry::KvEvent>& points() const { return m_points; } // tokens ascend; the last is the newest
    std::optional<telemetry::KvEvent> latest() const;

private:
    std::vector<telemetry::KvEvent> m_points;
    std::int64_t m_stride = 1; // tokens between kept points at least; the last point is exempt
};

} // namespace bathy::models
