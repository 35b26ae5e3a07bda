#include "widgets/rich_text/height_index.h"

#include <algorithm>

namespace bathy::widgets {

void HeightIndex::set(int row, double height) {
    auto& held = m_heights[static_cast<std::size_t>(row)];
    if (held == height)
        return;
    held = height;
    touch(row);
}

void HeightIndex::sumTo(int row) const {
    m_tops.resize(m_heights.size() + 1, 0);
    for (auto i = static_cast<std::size_t>(m_valid); i < static_cast<std::size_t>(row); ++i)
        m_tops[i + 1] = m_tops[i] + m_heights[i];
    m_valid = std::max(m_valid, row);
}

double HeightIndex::top(int row) const {
    sumTo(row);
    return m_tops[static_cast<std::size_t>(row)];
}

int HeightIndex::rowAt(double distance) const {
    if (m_heights.empty())
        return -1;
    sumTo(count());
    const auto above = std::upper_bound(m_tops.begin(), m_tops.end(), distance);
    return std::clamp(static_cast<int>(above - m_tops.begin()) - 1, 0, count() - 1);
}

} // namespace bathy::widgets
