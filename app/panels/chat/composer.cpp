#include "app/panels/chat/composer.h"

#include "app/models/document_file.h"
#include "app/models/error_text.h"

#include <QDragEnterEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace bathy::panels {
namespace {

constexpr int kMaxLines = 8;

} // namespace

Composer::Composer(CountTokens count, QWidget* parent)
    : QWidget(parent), m_count(std::move(count)), m_edit(new QPlainTextEdit), m_chips(new QWidget),
      m_chipRow(new QHBoxLayout(m_chips)), m_button(new QPushButton), m_editingNote(new QLabel) {
    setAcceptDrops(true);
    m_edit->setPlaceholderText(tr("Write a message"));
    m_edit->setAccessibleName(tr("Message"));
    m_edit->setTabChangesFocus(true);
    m_edit->setAcceptDrops(false); // files go to the composer
    m_edit->installEventFilter(this);
    m_button->setDefault(true);
    m_editingNote->setText(
        tr("Editing an earlier message. Sending makes a new version of it; Escape leaves it as it is."));
    m_editingNote->setWordWrap(true);
    m_editingNote->hide();
    m_chipRow->setContentsMargins(0, 0, 0, 0);
    m_chipRow->setSpacing(8);
    m_chips->hide();
    auto* attachButton = new QToolButton;
    attachButton->setText(QStringLiteral("+"));
    attachButton->setToolTip(tr("Attach a text or Markdown file"));
    attachButton->setAccessibleName(tr("Attach a file"));
    attachButton->setAutoRaise(true);
    connect(attachButton, &QToolButton::clicked, this, &Composer::chooseFiles);

    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(attachButton, 0, Qt::AlignBottom);
    row->addWidget(m_edit, 1);
    row->addWidget(m_button, 0, Qt::AlignBottom);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_editingNote);
    layout->addWidget(m_chips);
    layout->addLayout(row);
    connect(m_edit->document(), &QTextDocument::contentsChanged, this, [this] {
        fitHeight();
        updateButton();
    });
    connect(m_button, &QPushButton::clicked, this, [this] {
        if (m_running)
            Q_EMIT stopAsked();
        else if (canSend())
            Q_EMIT sendAsked();
    });
    fitHeight();
    // One line of text and the buttons beside it are equally high.
    for (QWidget* button : {static_cast<QWidget*>(attachButton), static_cast<QWidget*>(m_button)})
        button->setFixedHeight(m_edit->height());
    updateButton();
}

QString Composer::text() const {
    return m_edit->toPlainText().trimmed();
}

void Composer::setText(const QString& text) {
    m_edit->setPlainText(text);
    m_edit->moveCursor(QTextCursor::End);
}

void Composer::focusText() {
    m_edit->setFocus(Qt::ShortcutFocusReason);
}

void Composer::setBlocked(const QString& reason) {
    m_blocked = reason;
    updateButton();
}

void Composer::setRunning(bool running) {
    m_running = running;
    updateButton();
}

void Composer::setEditing(bool editing) {
    m_editing = editing;
    m_editingNote->setVisible(editing);
}

bool Composer::canSend() const {
    return m_blocked.isEmpty() && (!text().isEmpty() || !m_documents.isEmpty());
}

void Composer::updateButton() {
    m_button->setText(m_running ? tr("Stop") : tr("Send"));
    m_button->setEnabled(m_running || canSend());
    m_button->setToolTip(m_running             ? tr("Stop the answer (Escape)")
                         : m_blocked.isEmpty() ? tr("Send (Enter)")
                                               : m_blocked);
}

void Composer::fitHeight() {
    // For a plain text document the layout's height counts lines.
    const int lines = std::clamp(static_cast<int>(m_edit->document()->size().height()), 1, kMaxLines);
    const auto margins = m_edit->contentsMargins();
    const int high = lines * m_edit->fontMetrics().lineSpacing() +
                     2 * static_cast<int>(m_edit->document()->documentMargin()) + margins.top() + margins.bottom() + 2;
    m_edit->setFixedHeight(std::max(high, m_button->sizeHint().height()));
}

void Composer::clear() {
    m_edit->clear();
    m_documents.clear();
    fillChips();
    setEditing(false);
}

void Composer::chooseFiles() {
    for (const auto& path : QFileDialog::getOpenFileNames(
             this, tr("Attach"), {}, tr("Text (*.txt *.md *.markdown *.rst *.csv *.json *.log);;All files (*)")))
        attach(path);
}

void Composer::attach(const QString& path) {
    auto document = models::readDocument(path);
    if (!document) {
        const auto words = models::describe(document.error());
        Q_EMIT refused(words.title + QLatin1Char(' ') + words.detail);
        return;
    }
    m_documents.append(*document);
    fillChips();
    updateButton();
    m_count(document->text, this, [this, name = document->name, size = document->text.size()](qint64 tokens) {
        for (auto& held : m_documents)
            if (held.name == name && held.text.size() == size)
                held.tokens = tokens;
        fillChips();
    });
}

void Composer::fillChips() {
    while (auto* item = m_chipRow->takeAt(0)) {
        if (item->widget() != nullptr)
            item->widget()->deleteLater();
        delete item;
    }
    for (int i = 0; i < m_documents.size(); ++i) {
        const auto& document = m_documents.at(i);
        const auto size = document.tokens > 0 ? tr("%1 tokens").arg(QLocale().toString(document.tokens))
                                              : tr("%1 characters").arg(QLocale().toString(document.text.size()));
        auto* chip = new QPushButton(tr("%1 · %2  ✕").arg(document.name, size));
        chip->setToolTip(tr("The whole text is sent with your message. Click to take it out."));
        chip->setAccessibleName(tr("Attached %1, %2; press to remove").arg(document.name, size));
        connect(chip, &QPushButton::clicked, this, [this, i] {
            m_documents.removeAt(i);
            fillChips();
            updateButton();
        });
        m_chipRow->addWidget(chip);
    }
    m_chipRow->addStretch();
    m_chips->setVisible(!m_documents.isEmpty());
}

bool Composer::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (enter && !(key->modifiers() & (Qt::ShiftModifier | Qt::AltModifier))) {
            if (!m_running && canSend())
                Q_EMIT sendAsked();
            return true;
        }
        if (key->key() == Qt::Key_Escape) {
            if (m_running)
                Q_EMIT stopAsked();
            else if (m_editing)
                Q_EMIT editingLeft();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void Composer::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void Composer::dropEvent(QDropEvent* event) {
    for (const auto& url : event->mimeData()->urls())
        if (url.isLocalFile())
            attach(url.toLocalFile());
}

} // namespace bathy::panels
