// What a conversation shows before its first message: which model answers, and a few things to try. UI thread.
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;
class QVBoxLayout;

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
    void promptChosen(const QString& prompt);
    void openModelAsked();

private:
    void showModel();

    models::ModelPresenter& m_model;
    QLabel* m_title;
    QLabel* m_text;
    QLabel* m_facts;
    QWidget* m_prompts;
    QPushButton* m_open;
};

} // namespace bathy::panels
