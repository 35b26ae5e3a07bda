// The desktop program: reads the command line, makes the workbench, runs it.
#include "app/workbench/shots.h"
#include "app/workbench/workbench.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QIcon>
#include <QMessageBox>
#include <QStandardPaths>
#include <QTemporaryDir>

#include <optional>

namespace {

constexpr const char* kShotPrompt = "Write a short story about a boat.";

QIcon programIcon() {
    QIcon icon;
    for (const int size : {16, 32, 64, 256})
        icon.addFile(QStringLiteral(":/icons/bathyscope-%1.png").arg(size));
    return icon;
}

} // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    Q_INIT_RESOURCE(shell); // a static library's resources are linked only when they are named
    QApplication::setApplicationName(QStringLiteral("bathyscope"));
    QApplication::setApplicationDisplayName(QStringLiteral("Bathyscope"));
    QApplication::setApplicationVersion(QStringLiteral(BATHY_VERSION));
    QApplication::setWindowIcon(programIcon());

    QCommandLineParser parser;
    parser.setApplicationDescription(QApplication::tr("Workbench for the DeepSeek family"));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(
        QStringLiteral("model"),
        QApplication::tr("Folder or file to open; without it the last one, or the bundled one."),
        QStringLiteral("[model]"));
    const QCommandLineOption data(QStringLiteral("data"),
                                  QApplication::tr("Keep conversations and settings in this folder."),
                                  QStringLiteral("folder"));
    const QCommandLineOption theme(QStringLiteral("theme"), QApplication::tr("light, dark or system, for this start."),
                                   QStringLiteral("name"));
    const QCommandLineOption shot(QStringLiteral("shot"),
                                  QApplication::tr("Ask one question, save pictures of every panel here, and end."),
                                  QStringLiteral("folder"));
    parser.addOptions({data, theme, shot});
    parser.process(app);

    // Pictures show a fresh program, never somebody's conversations.
    std::optional<QTemporaryDir> fresh;
    if (parser.isSet(shot) && !parser.isSet(data))
        fresh.emplace();
    const auto appData = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation);
    const auto config = QStandardPaths::writableLocation(QStandardPaths::AppConfigLocation);
    bathy::workbench::WorkbenchOptions options;
    const auto folder = parser.isSet(data) ? parser.value(data) : fresh ? fresh->path() : appData;
    options.dataFolder = folder;
    options.settingsFile = (folder == appData ? config : folder) + QStringLiteral("/settings.ini");
    options.engineProgram = bathy::bridge::EngineProcess::findProgram();
    options.model = parser.positionalArguments().value(0);
    options.theme = parser.value(theme);

    auto workbench = bathy::workbench::Workbench::create(options);
    if (!workbench) {
        QMessageBox::critical(nullptr, QStringLiteral("Bathyscope"),
                              QString::fromStdString(workbench.error().what() + "\n\n" + workbench.error().hint()));
        return bathy::exitCode(workbench.error().code());
    }
    if (parser.isSet(shot)) {
        auto* shots = new bathy::workbench::Shots(**workbench, parser.value(shot),
                                                  options.theme.isEmpty() ? QStringLiteral("light") : options.theme,
                                                  QString::fromLatin1(kShotPrompt));
        QObject::connect(shots, &bathy::workbench::Shots::finished, &app,
                         [](bool good) { QApplication::exit(good ? 0 : 1); });
        shots->start();
    }
    (*workbench)->start();
    return QApplication::exec();
}
