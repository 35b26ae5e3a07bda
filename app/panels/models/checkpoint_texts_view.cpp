#include "app/panels/models/checkpoint_texts_view.h"

#include "widgets/rich_text/markdown_view.h"

#include <QToolButton>
#include <QVBoxLayout>

namespace bathy::panels {

CheckpointTextsView::CheckpointTextsView(QWidget* parent)
    : QWidget(parent), m_card(new widgets::MarkdownView), m_legal(new QVBoxLayout) {
    m_card->setAccessibleName(tr("Model card"));
    connect(m_card, &widgets::MarkdownView::linkClicked, this, &CheckpointTextsView::linkClicked);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_card);
    layout->addLayout(m_legal);
}

void CheckpointTextsView::setTexts(const models::CheckpointTexts& texts) {
    m_card->setMarkdown(texts.card);
    m_card->setVisible(!texts.card.isEmpty());
    while (auto* item = m_legal->takeAt(0)) {
        item->widget()->deleteLater();
        delete item;
    }
    for (const auto& text : texts.legal)
        addFold(text);
    setVisible(!texts.card.isEmpty() || !texts.legal.isEmpty());
}

void CheckpointTextsView::addFold(const models::LegalText& text) {
    auto* head = new QToolButton;
    head->setText(text.name);
    head->setToolTip(tr("Show or hide the file %1 of the checkpoint").arg(text.name));
    head->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    head->setArrowType(Qt::RightArrow);
    head->setCheckable(true);
    head->setAutoRaise(true);
    auto* body = new widgets::MarkdownView;
    body->setPlainText(text.text);
    body->setAccessibleName(text.name);
    body->hide();
    connect(head, &QToolButton::toggled, body, [head, body](bool open) {
        head->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
        body->setVisible(open);
    });
    m_legal->addWidget(head, 0, Qt::AlignLeft);
    m_legal->addWidget(body);
}

} // namespace bathy::panels
