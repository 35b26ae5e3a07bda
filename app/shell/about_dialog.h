// What this program is, which version, under which licence and on what it stands. UI thread.
#pragma once

#include <QDialog>

namespace bathy::shell {

class AboutDialog : public QDialog {
    Q_OBJECT
public:
    // `devices`: one line for each backend found, or why it is not usable.
    explicit AboutDialog(const QStringList& devices, QWidget* parent);

    // Version, system, backends as plain text; never anything from a conversation.
    static QString diagnostics(const QStringList& devices);
};

} // namespace bathy::shell
