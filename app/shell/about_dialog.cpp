#include "app/shell/about_dialog.h"

#include <QClipboard>
#include <QDialogButtonBox>
#include <QGuiApplication>
#include <QIcon>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSysInfo>
#include <QVBoxLayout>

namespace bathy::shell {
namespace {

constexpr int kIconSize = 64;

} // namespace

QString AboutDialog::diagnostics(const QStringList& devices) {
    QStringList lines{
        QStringLiteral("Bathyscope %1").arg(QStringLiteral(BATHY_VERSION)),
        QStringLiteral("Qt %1, platform %2").arg(QString::fromLatin1(qVersion()), QGuiApplication::platformName()),
        QStringLiteral("%1, %2").arg(QSysInfo::prettyProductName(), QSysInfo::currentCpuArchitecture())};
    return (lines + devices).join(QLatin1Char('\n'));
}

AboutDialog::AboutDialog(const QStringList& devices, QWidget* parent) : QDialog(parent) {
    setWindowTitle(tr("About Bathyscope"));
    auto* icon = new QLabel;
    icon->setPixmap(QIcon(QStringLiteral(":/icons/bathyscope-256.png")).pixmap(kIconSize, kIconSize));
    auto* text =
        new QLabel(tr("<h3>Bathyscope %1</h3>"
                      "<p>A workbench for the DeepSeek family: talk to a model on this machine and watch what "
                      "happens inside.</p>"
                      "<p>Free software under the GNU General Public License, version 3 or later. It stands on Qt, "
                      "SQLite, PCRE2, QCustomPlot, Dear ImGui, nlohmann-json, CLI11 and tl-expected.</p>")
                       .arg(QStringLiteral(BATHY_VERSION)));
    text->setWordWrap(true);
    auto* head = new QHBoxLayout;
    head->setSpacing(16);
    head->addWidget(icon, 0, Qt::AlignTop);
    head->addWidget(text, 1);

    auto* details = new QPlainTextEdit(diagnostics(devices));
    details->setReadOnly(true);
    details->setAccessibleName(tr("Diagnostics"));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    auto* copy = buttons->addButton(tr("&Copy diagnostics"), QDialogButtonBox::ActionRole);
    connect(copy, &QPushButton::clicked, this,
            [details] { QGuiApplication::clipboard()->setText(details->toPlainText()); });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(12);
    layout->addLayout(head);
    layout->addWidget(details);
    layout->addWidget(buttons);
    resize(520, 380);
}

} // namespace bathy::shell
