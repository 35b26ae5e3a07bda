#include "app/shell/about_dialog.h"

#include "engine/base/build_info.h"
#include "engine/base/system_memory.h"

#include <QClipboard>
#include <QDialogButtonBox>
#include <QFile>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QIcon>
#include <QLabel>
#include <QLocale>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScreen>
#include <QSysInfo>
#include <QTabWidget>
#include <QTextBrowser>
#include <QThread>
#include <QVBoxLayout>

// A static library's resources are linked only when they are named; must stand outside every namespace.
static void keepTexts() {
    Q_INIT_RESOURCE(shell);
}

namespace bathy::shell {
namespace {

constexpr int kIconSize = 64;

QString commit() {
    const auto known = buildCommit();
    return known.empty() ? AboutDialog::tr("not built in a repository")
                         : QString::fromLatin1(known.data(), static_cast<qsizetype>(known.size()));
}

QString resource(const QString& name) {
    QFile file(QStringLiteral(":/about/") + name);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QString screenText() {
    const auto* screen = QGuiApplication::primaryScreen();
    return screen ? QStringLiteral("%1 x %2, scale %3")
                        .arg(screen->size().width())
                        .arg(screen->size().height())
                        .arg(screen->devicePixelRatio())
                  : QString();
}

} // namespace

// In English and by bytes: it is for those who are asked for help.
QString AboutDialog::diagnostics(const QStringList& found) {
    const auto memory = systemMemory();
    const auto size = [](std::uint64_t bytes) { return QLocale::c().formattedDataSize(static_cast<qint64>(bytes)); };
    QStringList lines{QStringLiteral("Bathyscope %1, commit %2").arg(QStringLiteral(BATHY_VERSION), commit()),
                      QStringLiteral("Qt %1, platform %2, screen %3")
                          .arg(QString::fromLatin1(qVersion()), QGuiApplication::platformName(), screenText()),
                      QStringLiteral("%1, kernel %2 %3, %4")
                          .arg(QSysInfo::prettyProductName(), QSysInfo::kernelType(), QSysInfo::kernelVersion(),
                               QSysInfo::currentCpuArchitecture()),
                      QStringLiteral("%1 processors, memory %2, %3 of it available")
                          .arg(QThread::idealThreadCount())
                          .arg(size(memory.totalBytes), size(memory.availableBytes))};
    return (lines + found).join(QLatin1Char('\n'));
}

AboutDialog::AboutDialog(const QStringList& found, QWidget* parent) : QDialog(parent) {
    setWindowTitle(tr("About Bathyscope"));
    keepTexts();
    const auto text = diagnostics(found);
    auto* notices = new QTextBrowser;
    notices->setMarkdown(resource(QStringLiteral("NOTICE.md")));
    notices->setOpenExternalLinks(true);
    notices->setAccessibleName(tr("Licences and notices"));
    auto* tabs = new QTabWidget;
    tabs->addTab(programPage(), tr("Program"));
    tabs->addTab(textPage(text, tr("Diagnostics")), tr("Diagnostics"));
    tabs->addTab(notices, tr("Licences"));
    tabs->addTab(textPage(resource(QStringLiteral("LICENSE")), tr("GNU General Public License")), tr("GPL"));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    auto* copy = buttons->addButton(tr("&Copy diagnostics"), QDialogButtonBox::ActionRole);
    copy->setToolTip(tr("Version, system, model and devices as text; nothing of any conversation"));
    connect(copy, &QPushButton::clicked, this, [text] { QGuiApplication::clipboard()->setText(text); });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(12);
    layout->addWidget(tabs);
    layout->addWidget(buttons);
    resize(680, 460);
}

QWidget* AboutDialog::programPage() {
    auto* icon = new QLabel;
    icon->setPixmap(QIcon(QStringLiteral(":/icons/bathyscope-256.png")).pixmap(kIconSize, kIconSize));
    auto* text = new QLabel(
        tr("<h3>Bathyscope %1</h3>"
           "<p>A workbench for the DeepSeek family: talk to a model on this machine and watch what happens inside.</p>"
           "<p>Built from commit %2.</p>"
           "<p>Free software under the GNU General Public License, version 3 or later, without any warranty. It stands "
           "on Qt, SQLite, PCRE2, QCustomPlot, Dear ImGui, nlohmann-json, CLI11 and tl-expected.</p>"
           "<p>It asks no server for anything: a newer version is looked for where this one came from.</p>")
            .arg(QStringLiteral(BATHY_VERSION), commit()));
    text->setWordWrap(true);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    auto* page = new QWidget;
    auto* layout = new QHBoxLayout(page);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(16);
    layout->addWidget(icon, 0, Qt::AlignTop);
    layout->addWidget(text, 1, Qt::AlignTop);
    return page;
}

QWidget* AboutDialog::textPage(const QString& text, const QString& name) {
    auto* page = new QPlainTextEdit(text);
    page->setReadOnly(true);
    page->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    page->setAccessibleName(name);
    return page;
}

} // namespace bathy::shell
