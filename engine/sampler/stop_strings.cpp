#include "engine/sampler/stop_strings.h"

#include <algorithm>
#include <utility>

namespace bathy::sampler {

StopStrings::StopStrings(std::vector<std::string> stops) : m_stops(std::move(stops)) {
    std::erase(m_stops, std::string());
}

StopStrings::Output StopStrings::feed(std::string_view text) {
    if (m_stopped)
        return {{}, true};
    m_pending += text;
    std::size_t begin = 0;
    std::size_t end = std::string::npos;
    for (const auto& stop : m_stops) {
        const auto at = m_pending.find(stop);
        if (at == std::string::npos || at + stop.size() > end || (at + stop.size() == end && at > begin))
            continue;
        begin = at;
        end = at + stop.size();
        m_found = stop;
    }
    m_stopped = end != std::string::npos;
    Output output{m_pending.substr(0, m_stopped ? begin : m_pending.size() - heldBack()), m_stopped};
    m_pending.erase(0, m_stopped ? m_pending.size() : output.text.size());
    return output;
}

// The longest end of what is pending that begins a stop string.
std::size_t StopStrings::heldBack() const {
    std::size_t held = 0;
    for (const auto& stop : m_stops)
        for (auto length = std::min(stop.size() - 1, m_pending.size()); length > held; --length)
            if (m_pending.compare(m_pending.size() - length, length, stop, 0, length) == 0)
                held = length;
    return held;
}

std::string StopStrings::finish() {
    return std::exchange(m_pending, {});
}

} // namespace bathy::sampler
