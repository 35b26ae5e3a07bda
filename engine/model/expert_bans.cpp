#include "engine/model/expert_bans.h"

#include <string>

namespace bathy::model {

Result<void> checkBans(const Model& model, std::span<const ExpertRef> bans) {
    const auto outside = [](std::int32_t index, int count) { return index < 0 || index >= count; };
    for (const auto& ban : bans) {
        const bool badLayer = outside(raw(ban.layer), model.layerCount());
        if (!badLayer && !outside(raw(ban.expert), model.expertCount()))
            continue;
        const auto name = "banned expert " + std::to_string(raw(ban.layer)) + ":" + std::to_string(raw(ban.expert));
        if (badLayer)
            return Error(ErrorCode::BadArgument, name + " is in no layer of the model; they are numbered 0 to " +
                                                     std::to_string(model.layerCount() - 1));
        return Error(ErrorCode::BadArgument, name + " is not in its layer; experts are numbered 0 to " +
                                                 std::to_string(model.expertCount() - 1));
    }
    return {};
}

} // namespace bathy::model
