// What a checkpoint's makers wrote about it: its model card, and licence and notices behind a fold. UI thread.
#pragma once

#include "app/models/checkpoint_texts.h"

#include <QWidget>

class QVBoxLayout;

namespace bathy::widgets {
class MarkdownView;
}

namespace bathy::panels {

class CheckpointTextsView : public QWidget {
    Q_OBJECT
public:
    explicit CheckpointTextsView(QWidget* parent = nullptr);

    void setTexts(const models::CheckpointTexts& texts); // empty ones: the view hides

Q_SIGNALS:
    void linkClicked(const QString& target);

private:
    void addFold(const models::LegalText& text);

    widgets::MarkdownView* m_card;
    QVBoxLayout* m_legal;
};

} // namespace bathy::panels
