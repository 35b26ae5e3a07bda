// Where each row of a long list begins, for rows of different heights. Changing rows near the end is cheap, which is
// where a conversation grows. Plain value.
#pragma once

#include <cstddef>
#include <vector>

namespace bathy::widgets {

class HeightIndex {
public:
    int count() const { return static_cast<int>(m_heights.size()); }
    void resize(int count) { // new rows have height 0
        m_heights.resize(static_cast<std::size_t>(count), 0);
        touch(count);
    }
    void set(int row, double height);
    double height(int row) const { return m_heights[static_cast<std::size_t>(row)]; }
    double top(int row) const; // row may be count(): the height of all
    double total() const { return top(count()); }
    // The row that holds this distance from the top; the last one beyond the end. -1: there are none.
    int rowAt(double distance) const;

private:
    void touch(int row) {
        if (row < m_valid)
            m_valid = row;
    }
    void sumTo(int row) const;

    std::vector<double> m_heights;
    mutable std::vector<double> m_tops; // m_tops[i]: sum of the first i heights
    mutable int m_valid = 0;            // m_tops is right up to this row
};

} // namespace bathy::widgets
