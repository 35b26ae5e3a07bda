#include "engine/model/expert_bans.h"

#include <algorithm>
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

bool markBans(std::span<const ExpertRef> bans, LayerId layer, std::span<std::uint8_t> banned) {
    std::fill(banned.begin(), banned.end(), std::uint8_t{0});
    bool any = false;
    for (const auto& ban : bans)
        if (ban.layer == layer) {
            banned[static_cast<std::size_t>(raw(ban.expert))] = 1;
            any = true;
        }
    return any;
}

} // namespace bathy::model
