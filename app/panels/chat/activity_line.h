// What the engine does just now, and how full the context is. UI thread.
#pragma once

#include <QWidget>

class QLabel;
class QProgressBar;

namespace bathy::models {
class ChatPresenter;
}

namespace bathy::panels {

class ActivityLine : public QWidget {
    Q_OBJECT
public:
    // `chat` outlives the line.
    explicit ActivityLine(models::ChatPresenter& chat, QWidget* parent = nullptr);

    QString text() const;

private:
    void showActivity();
    void showPrefill();
    void showContext();
    void timerEvent(QTimerEvent* event) override;

    models::ChatPresenter& m_chat;
    QLabel* m_text;
    QProgressBar* m_prefill;
    QLabel* m_contextText;
    QProgressBar* m_context;
    int m_rateTimer = 0;
};

} // namespace bathy::panels
