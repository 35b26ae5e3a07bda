// What this program is, which version, under which licences and on what it stands. UI thread.
#pragma once

#include <QDialog>
#include <QStringList>

namespace bathy::shell {

class AboutDialog : public QDialog {
    Q_OBJECT
public:
    // `found`: what the workbench knows of its engine, model and devices, a line each.
    AboutDialog(const QStringList& found, QWidget* parent);

    // Version, system and `found` as plain text; never anything from a conversation.
    static QString diagnostics(const QStringList& found);

private:
    QWidget* programPage();
    QWidget* textPage(const QString& text, const QString& name);
};

} // namespace bathy::shell
