// What a conversation shows before its first message: which model answers, and a few things to try. UI thread.
#pragma once

#include "app/models/checkpoint_texts.h"

#include <QWidget>

class QGridLayout;
class QLabel;
class QPushButton;

namespace bathy::models {
class ModelPresenter;
}

namespace bathy::panels {

class EmptyPage : public QWidget {
    Q_OBJECT
public:
    // `model` outlives the page.
    explicit EmptyPage(models::ModelPresenter& model, QWidget* parent = nullptr);

Q_SIGNALS:
    void promptChosen(const bathy::models::SuggestedPrompt& prompt);
    void sampleAsked();
    void openModelAsked();

private:
    void showModel();
    void showPrompts();
    void fillPrompts(const QVector<models::SuggestedPrompt>& prompts);

    models::ModelPresenter& m_model;
    QLabel* m_title;
    QLabel* m_text;
    QLabel* m_facts;
    QLabel* m_problem; // with the checkpoint's suggestions
    QWidget* m_prompts;
    QGridLayout* m_grid;
    QPushButton* m_sample;
    QPushButton* m_open;
};

} // namespace bathy::panels
