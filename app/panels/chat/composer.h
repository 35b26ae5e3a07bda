// Where one writes: a text field that grows, attached documents as chips, send or stop. UI thread.
#pragma once

#include "app/models/document_file.h"

#include <QVector>
#include <QWidget>

#include <functional>

class QHBoxLayout;
class QLabel;
class QPlainTextEdit;
class QPushButton;
class QToolButton;

namespace bathy::panels {

class Composer : public QWidget {
    Q_OBJECT
public:
    // Counts the tokens of a text; may never call back.
    using CountTokens = std::function<void(const QString& text, QObject* context, std::function<void(qint64)> done)>;
    explicit Composer(CountTokens count, QWidget* parent = nullptr);

    QString text() const;
    void setText(const QString& text);
    const QVector<storage::Document>& documents() const { return m_documents; }
    void focusText();

    // Why nothing can be sent now; empty: it can.
    void setBlocked(const QString& reason);
    void setRunning(bool running); // the button stops instead of sending
    // Sending will replace an earlier question: says so, Escape leaves it.
    void setEditing(bool editing);
    bool isEditing() const { return m_editing; }

    void chooseFiles();
    void attach(const QString& path); // reports what cannot be read
    void clear();

Q_SIGNALS:
    void sendAsked();
    void stopAsked();
    void editingLeft();
    void refused(const QString& why); // a file that cannot be attached

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void fitHeight();
    void fillChips();
    void updateButton();
    bool canSend() const;

    CountTokens m_count;
    QPlainTextEdit* m_edit;
    QWidget* m_chips;
    QHBoxLayout* m_chipRow;
    QPushButton* m_button;
    QLabel* m_editingNote;
    QVector<storage::Document> m_documents;
    QString m_blocked;
    bool m_running = false;
    bool m_editing = false;
};

} // namespace bathy::panels
