#include "engine/checkpoint/checkpoint.h"

namespace bathy::checkpoint {

std::int64_t TensorView::elementCount() const {
    std::int64_t count = 1;
    for (const auto dim : shape)
        count *= dim;
    return count;
}

} // namespace bathy::checkpoint
