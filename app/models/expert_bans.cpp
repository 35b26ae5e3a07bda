#include "app/models/expert_bans.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>

namespace bathy::models {
namespace {

constexpr std::size_t kNamed = 6;

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bathy::models::ExpertBans)
};

} // namespace

QString expertName(ExpertRef expert) {
    return QStringLiteral("%1:%2").arg(raw(expert.layer)).arg(raw(expert.expert));
}

QString bannedText(const std::vector<ExpertRef>& experts) {
    QStringList names;
    for (std::size_t i = 0; i < std::min(kNamed, experts.size()); ++i)
        names += expertName(experts[i]);
    const auto text = names.join(QStringLiteral(", "));
    return experts.size() <= kNamed ? text : Words::tr("%1 and %2 more").arg(text).arg(experts.size() - kNamed);
}

bool ExpertBans::contains(ExpertRef expert) const {
    return std::binary_search(m_list.begin(), m_list.end(), expert);
}

void ExpertBans::set(std::vector<ExpertRef> experts) {
    std::sort(experts.begin(), experts.end());
    experts.erase(std::unique(experts.begin(), experts.end()), experts.end());
    if (experts == m_list)
        return;
    m_list = std::move(experts);
    Q_EMIT changed();
}

void ExpertBans::add(ExpertRef expert) {
    auto experts = m_list;
    experts.push_back(expert);
    set(std::move(experts));
}

void ExpertBans::remove(ExpertRef expert) {
    auto experts = m_list;
    std::erase(experts, expert);
    set(std::move(experts));
}

} // namespace bathy::models
