// How a conversation is answered: sampling, thinking, the system text. Kept with each conversation and each answer.
#pragma once

#include "engine/api/options.h"
#include "engine/base/ids.h"

#include <QString>

namespace bathy::models {

struct ChatSettings {
    api::SamplingOptions sampling;
    api::ThinkingMode thinking = api::ThinkingMode::Chat;
    std::vector<ExpertRef> bannedExperts; // ascending, none twice
    QString effort;                       // empty: the checkpoint's own default
    QString systemText;

    QString toJson() const;
    // What is missing or out of range keeps its default.
    static ChatSettings fromJson(const QString& json);
};

} // namespace bathy::models
