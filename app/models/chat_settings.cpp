#include "app/models/chat_settings.h"

#include "app/models/expert_bans.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace bathy::models {
namespace {

QLatin1String key(const char* name) {
    return QLatin1String(name);
}

template <class T>
T number(const QJsonObject& object, const char* name, T fallback, double least, double most) {
    const auto value = object.value(key(name));
    return value.isDouble() ? static_cast<T>(std::clamp(value.toDouble(), least, most)) : fallback;
}

} // namespace

QString ChatSettings::toJson() const {
    QJsonArray stops;
    for (const auto& stop : sampling.stop)
        stops.append(QString::fromStdString(stop));
    QJsonArray banned;
    for (const auto expert : bannedExperts)
        banned.append(expertName(expert));
    const QJsonObject object{
        {key("temperature"), static_cast<double>(sampling.temperature)},
        {key("top_k"), sampling.topK},
        {key("top_p"), static_cast<double>(sampling.topP)},
        {key("min_p"), static_cast<double>(sampling.minP)},
        {key("repetition_penalty"), static_cast<double>(sampling.repetitionPenalty)},
        {key("repetition_window"), sampling.repetitionWindow},
        {key("seed"), QString::number(sampling.seed)}, // JSON numbers lose digits over 2^53
        {key("max_tokens"), static_cast<double>(sampling.maxTokens)},
        {key("stop"), stops},
        {key("banned_experts"), banned},
        {key("thinking"), thinking == api::ThinkingMode::Thinking},
        {key("effort"), effort},
        {key("system"), systemText},
    };
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

ChatSettings ChatSettings::fromJson(const QString& json) {
    const auto object = QJsonDocument::fromJson(json.toUtf8()).object();
    ChatSettings settings;
    auto& s = settings.sampling;
    s.temperature = number(object, "temperature", s.temperature, 0, 5);
    s.topK = number(object, "top_k", s.topK, 0, 1 << 20);
    s.topP = number(object, "top_p", s.topP, 0, 1);
    s.minP = number(object, "min_p", s.minP, 0, 1);
    s.repetitionPenalty = number(object, "repetition_penalty", s.repetitionPenalty, 0.1, 10);
    s.repetitionWindow = number(object, "repetition_window", s.repetitionWindow, 0, 1 << 20);
    s.seed = object.value(key("seed")).toString().toULongLong();
    s.maxTokens = number(object, "max_tokens", s.maxTokens, 0, 1e9);
    for (const auto& stop : object.value(key("stop")).toArray())
        s.stop.push_back(stop.toString().toStdString());
    for (const auto& name : object.value(key("banned_experts")).toArray()) {
        const auto parts = name.toString().split(QLatin1Char(':'));
        bool hasLayer = false, hasExpert = false;
        const ExpertRef expert{LayerId{parts.value(0).toInt(&hasLayer)}, ExpertId{parts.value(1).toInt(&hasExpert)}};
        if (parts.size() == 2 && hasLayer && hasExpert && raw(expert.layer) >= 0 && raw(expert.expert) >= 0)
            settings.bannedExperts.push_back(expert);
    }
    settings.thinking = object.value(key("thinking")).toBool() ? api::ThinkingMode::Thinking : api::ThinkingMode::Chat;
    settings.effort = object.value(key("effort")).toString();
    settings.systemText = object.value(key("system")).toString();
    return settings;
}

} // namespace bathy::models
