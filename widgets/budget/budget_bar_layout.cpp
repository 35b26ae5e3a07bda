#include "widgets/budget/budget_bar_layout.h"

#include <algorithm>

namespace bathy::widgets {

double BudgetBarData::needed() const {
    double sum = 0;
    for (const auto& part : parts)
        sum += part.amount;
    return sum;
}

int BudgetBarLayout::partAt(QPointF point) const {
    for (std::size_t i = 0; i < parts.size(); ++i)
        if (parts[i].contains(point))
            return static_cast<int>(i);
    return -1;
}

BudgetBarLayout layoutBudgetBar(const BudgetBarData& data, QSizeF size) {
    BudgetBarLayout layout;
    const double whole = std::max({data.total, data.available, data.needed(), data.measured});
    if (whole <= 0 || size.width() <= 0)
        return layout;
    layout.scale = size.width() / whole;
    layout.frame = QRectF(0, 0, std::max(data.total, data.available) * layout.scale, size.height());
    layout.usableX = data.usable() * layout.scale;
    if (data.reserve > 0 && data.available > 0)
        layout.kept = QRectF(layout.usableX, 0, data.available * layout.scale - layout.usableX, size.height());
    double left = 0;
    for (const auto& part : data.parts) {
        const double wide = part.amount * layout.scale;
        layout.parts.emplace_back(left, 0, std::max(1.0, wide), size.height());
        left += wide;
    }
    layout.overflows = data.available > 0 && data.needed() > data.usable();
    if (data.measured > 0)
        layout.measuredX = data.measured * layout.scale;
    return layout;
}

} // namespace bathy::widgets
