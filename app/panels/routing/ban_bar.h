// Under the map: knock out the selected expert, and chips of those that are knocked out, each to be let back in. UI
// thread.
#pragma once

#include "app/models/expert_bans.h"

#include <QWidget>

#include <optional>

class QToolButton;

namespace bathy::panels {

class BanBar : public QWidget {
    Q_OBJECT
public:
    // `bans` outlives the bar.
    explicit BanBar(models::ExpertBans& bans, QWidget* parent = nullptr);

    void setSelected(std::optional<ExpertRef> expert);
    QToolButton* button() const { return m_button; }
    QList<QToolButton*> chips() const { return m_chips; }

private:
    void fill();
    void showButton();

    models::ExpertBans& m_bans;
    std::optional<ExpertRef> m_selected;
    QToolButton* m_button;
    QList<QToolButton*> m_chips;
};

} // namespace bathy::panels
