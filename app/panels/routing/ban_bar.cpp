#include "app/panels/routing/ban_bar.h"

#include "widgets/common/flow_layout.h"

#include <QToolButton>

namespace bathy::panels {
namespace {

constexpr int kSpace = 4;

} // namespace

BanBar::BanBar(models::ExpertBans& bans, QWidget* parent)
    : QWidget(parent), m_bans(bans), m_button(new QToolButton(this)) {
    auto* layout = new widgets::FlowLayout(kSpace);
    setLayout(layout);
    layout->addWidget(m_button);
    connect(m_button, &QToolButton::clicked, this, [this] {
        if (m_bans.contains(*m_selected))
            m_bans.remove(*m_selected);
        else
            m_bans.add(*m_selected);
    });
    connect(&bans, &models::ExpertBans::changed, this, &BanBar::fill);
    fill();
}

void BanBar::setSelected(std::optional<ExpertRef> expert) {
    if (expert == m_selected)
        return;
    m_selected = expert;
    showButton();
}

void BanBar::fill() {
    for (auto* chip : std::exchange(m_chips, {}))
        chip->deleteLater();
    for (const auto expert : m_bans.list()) {
        auto* chip = new QToolButton(this);
        chip->setText(models::expertName(expert) + QStringLiteral(" ✕"));
        chip->setToolTip(tr("Layer %1, expert %2 is knocked out from the next answer on. Click to let it back in.")
                             .arg(raw(expert.layer))
                             .arg(raw(expert.expert)));
        chip->setAccessibleName(tr("Let expert %1 back in").arg(models::expertName(expert)));
        connect(chip, &QToolButton::clicked, this, [this, expert] { m_bans.remove(expert); });
        layout()->addWidget(chip);
        m_chips.append(chip);
    }
    showButton();
    updateGeometry();
}

void BanBar::showButton() {
    m_button->setEnabled(m_selected.has_value());
    const bool isBanned = m_selected && m_bans.contains(*m_selected);
    m_button->setText(!m_selected ? tr("Knock out…")
                      : isBanned  ? tr("Let %1 back in").arg(models::expertName(*m_selected))
                                  : tr("Knock out %1").arg(models::expertName(*m_selected)));
    m_button->setToolTip(m_selected
                             ? tr("From the next answer of this conversation on, no token is sent to this expert")
                             : tr("Select an expert in the map to knock it out: the next answers go without it"));
}

} // namespace bathy::panels
