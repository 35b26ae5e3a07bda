// Everything about one token: facts, alternatives before and after the sampler, experts by layer. UI thread.
#pragma once

#include "app/panels/tokens/token_facts.h"

#include <QScrollArea>

#include <array>

class QGridLayout;
class QLabel;

namespace bathy::widgets {
class BarListView;
class SegmentRowsView;
} // namespace bathy::widgets

namespace bathy::panels {

class TokenCard : public QScrollArea {
    Q_OBJECT
public:
    explicit TokenCard(QWidget* parent = nullptr);

    void setFacts(TokenFacts facts);
    const TokenFacts& facts() const { return m_facts; }
    void setSelectedExpert(int layer, int expert); // -1: none

Q_SIGNALS:
    void expertChosen(int layer, int expert);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* makeFactsPart();
    QWidget* makeExpertsPart();
    void fillFacts();

    void arrange(int columns);

    TokenFacts m_facts;
    QGridLayout* m_parts; // in one, two or four columns, as there is room
    std::array<QWidget*, 4> m_shownParts{};
    int m_columns = 0;
    QLabel* m_title;
    QGridLayout* m_grid;
    widgets::BarListView* m_before;
    widgets::BarListView* m_after;
    widgets::SegmentRowsView* m_experts;
    QLabel* m_expertsMissing;
};

} // namespace bathy::panels
