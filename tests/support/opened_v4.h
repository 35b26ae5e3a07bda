// A checkpoint opened by the common front, seen as the family it is expected to be.
#pragma once

#include "engine/model/deepseek_v4/open.h"

#include <memory>

namespace bathy::test {

using OpenedV4 = std::shared_ptr<const model::deepseek_v4::OpenedModel>;

inline Result<OpenedV4> asV4(Result<std::shared_ptr<const model::OpenedModel>> opened) {
    if (!opened)
        return opened.error();
    return std::dynamic_pointer_cast<const model::deepseek_v4::OpenedModel>(*opened);
}

} // namespace bathy::test
