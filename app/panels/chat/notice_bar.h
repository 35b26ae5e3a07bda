// One line over the conversation that says what happened and offers one thing to do about it. UI thread.
#pragma once

#include <QFrame>
#include <QTimer>

#include <functional>

class QLabel;
class QPushButton;

namespace bathy::panels {

class NoticeBar : public QFrame {
    Q_OBJECT
public:
    explicit NoticeBar(QWidget* parent = nullptr);

    // `seconds` 0: stays until dismissed. `button` empty: nothing to do about it.
    void show(const QString& text, const QString& button = {}, std::function<void()> run = {}, int seconds = 0);
    void dismiss();
    QString text() const;
    QPushButton* button() const { return m_button; }

private:
    QLabel* m_text;
    QPushButton* m_button;
    QTimer m_timer;
    std::function<void()> m_run;
};

} // namespace bathy::panels
