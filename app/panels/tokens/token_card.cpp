#include "app/panels/tokens/token_card.h"

#include "widgets/bars/bar_list_view.h"
#include "widgets/segments/segment_rows_view.h"

#include <QBoxLayout>
#include <QGridLayout>
#include <QLabel>
#include <QResizeEvent>

namespace bathy::panels {
namespace {

constexpr int kSpace = 8;
constexpr int kFourColumnsWidth = 700;
constexpr int kTwoColumnsWidth = 370;
constexpr int kFactsColumns = 24;   // characters the facts need beside each other
constexpr double kTitleScale = 1.5; // of the font

} // namespace

TokenCard::TokenCard(QWidget* parent) : QScrollArea(parent) {
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("Token card"));
    auto* content = new QWidget;
    content->setBackgroundRole(QPalette::Base);
    content->setAutoFillBackground(true);
    m_parts = new QGridLayout(content);
    m_parts->setContentsMargins(kSpace, kSpace, kSpace, kSpace);
    m_parts->setSpacing(2 * kSpace);
    m_before = new widgets::BarListView;
    m_after = new widgets::BarListView;
    m_before->setAccessibleName(tr("Alternatives of the model"));
    m_after->setAccessibleName(tr("Alternatives after the sampler"));
    m_shownParts = {makeFactsPart(), m_before, m_after, makeExpertsPart()};
    arrange(1);
    setWidget(content);
}

QWidget* TokenCard::makeFactsPart() {
    auto* part = new QWidget;
    part->setMinimumWidth(fontMetrics().averageCharWidth() * kFactsColumns);
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    m_title = new QLabel;
    auto bigger = font();
    bigger.setPointSizeF(bigger.pointSizeF() * kTitleScale);
    m_title->setFont(bigger);
    m_title->setTextFormat(Qt::PlainText);
    m_title->setWordWrap(true);
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    column->addWidget(m_title);
    m_grid = new QGridLayout;
    m_grid->setHorizontalSpacing(kSpace);
    m_grid->setVerticalSpacing(2);
    m_grid->setColumnStretch(1, 1);
    column->addLayout(m_grid);
    return part;
}

QWidget* TokenCard::makeExpertsPart() {
    auto* part = new QWidget;
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    m_experts = new widgets::SegmentRowsView;
    m_experts->setAccessibleName(tr("Experts by layer"));
    m_experts->setDescriber([this](int row, int index) {
        const auto& segment =
            m_facts.experts.rows[static_cast<std::size_t>(row)].segments[static_cast<std::size_t>(index)];
        return tr("Layer %1, expert %2, weight %3")
            .arg(m_facts.experts.rows[static_cast<std::size_t>(row)].label)
            .arg(segment.key)
            .arg(segment.value, 0, 'f', 4);
    });
    connect(m_experts, &widgets::SegmentRowsView::activated, this, &TokenCard::expertChosen);
    m_expertsMissing = new QLabel;
    m_expertsMissing->setWordWrap(true);
    m_expertsMissing->setForegroundRole(QPalette::PlaceholderText);
    column->addWidget(m_experts);
    column->addWidget(m_expertsMissing);
    return part;
}

void TokenCard::fillFacts() {
    const auto labelAt = [this](int row, int column) {
        if (auto* item = m_grid->itemAtPosition(row, column))
            return qobject_cast<QLabel*>(item->widget());
        auto* label = new QLabel;
        label->setTextFormat(Qt::PlainText);
        label->setForegroundRole(column == 0 ? QPalette::PlaceholderText : QPalette::Text);
        if (column == 1) {
            label->setTextInteractionFlags(Qt::TextSelectableByMouse);
            label->setWordWrap(true);
        }
        m_grid->addWidget(label, row, column, Qt::AlignTop);
        return label;
    };
    const int wanted = static_cast<int>(m_facts.facts.size());
    for (int row = 0; row < std::max(wanted, m_grid->rowCount()); ++row) {
        const bool isUsed = row < wanted;
        for (const int column : {0, 1}) {
            if (!isUsed && !m_grid->itemAtPosition(row, column))
                continue;
            auto* label = labelAt(row, column);
            label->setVisible(isUsed);
            if (isUsed) {
                const auto& [name, value] = m_facts.facts[static_cast<std::size_t>(row)];
                label->setText(column == 0 ? name : value);
            }
        }
    }
}

void TokenCard::setFacts(TokenFacts facts) {
    m_facts = std::move(facts);
    m_title->setText(m_facts.title);
    fillFacts();
    m_before->setData(m_facts.before);
    m_after->setData(m_facts.after);
    m_before->setVisible(!m_facts.before.rows.empty());
    m_after->setVisible(!m_facts.after.rows.empty());
    m_experts->setData(m_facts.experts);
    m_experts->setVisible(m_facts.expertsMissing.isEmpty());
    m_expertsMissing->setText(m_facts.expertsMissing);
    m_expertsMissing->setVisible(!m_facts.expertsMissing.isEmpty());
}

void TokenCard::setSelectedExpert(int layer, int expert) {
    m_experts->setSelected(layer, expert);
}

void TokenCard::arrange(int columns) {
    if (columns == m_columns)
        return;
    m_columns = columns;
    static constexpr std::array kShares{2, 3, 3, 4}; // of the width, side by side
    for (int i = 0; i < static_cast<int>(m_shownParts.size()); ++i) {
        auto* part = m_shownParts[static_cast<std::size_t>(i)];
        m_parts->removeWidget(part);
        m_parts->addWidget(part, i / columns, i % columns, Qt::AlignTop);
        m_parts->setColumnStretch(i, i < columns ? kShares[static_cast<std::size_t>(i)] : 0);
        m_parts->setRowStretch(i, 0);
    }
    m_parts->setRowStretch(static_cast<int>(m_shownParts.size()), 1); // what is left over lies below
}

void TokenCard::resizeEvent(QResizeEvent* event) {
    const int width = event->size().width();
    arrange(width >= kFourColumnsWidth ? 4 : width >= kTwoColumnsWidth ? 2 : 1);
    QScrollArea::resizeEvent(event);
}

} // namespace bathy::panels
