#include "app/bridge/engine_process.h"

#include <QCoreApplication>
#include <QFileInfo>

namespace bathy::bridge {
namespace {

constexpr int kErrorTailBytes = 16 * 1024;
constexpr int kLeaveMs = 400; // a host leaves when its input closes; cancel inside the engine takes at most 300 ms
constexpr int kKillMs = 1000;

} // namespace

EngineProcess::EngineProcess(QString program, QStringList arguments, QObject* parent)
    : QObject(parent), m_program(std::move(program)), m_arguments(std::move(arguments)) {}

EngineProcess::~EngineProcess() {
    stop();
}

QString EngineProcess::findProgram() {
#ifdef Q_OS_WIN
    const auto name = QStringLiteral("bathy.exe");
#else
    const auto name = QStringLiteral("bathy");
#endif
    const QFileInfo file(QCoreApplication::applicationDirPath() + QLatin1Char('/') + name);
    return file.isExecutable() ? file.absoluteFilePath() : QString();
}

QStringList EngineProcess::defaultArguments() {
    return {QStringLiteral("host"), QStringLiteral("--stdio")};
}

void EngineProcess::start() {
    if (isRunning())
        return;
    if (m_process) // it may be on the stack above us
        m_process.release()->deleteLater();
    m_errorTail.clear();
    m_process = std::make_unique<QProcess>();
    auto* process = m_process.get();
    connect(process, &QProcess::readyReadStandardOutput, this,
            [this, process] { Q_EMIT bytesArrived(process->readAllStandardOutput()); });
    connect(process, &QProcess::readyReadStandardError, this, &EngineProcess::collectErrors);
    connect(process, &QProcess::finished, this, [this, process](int code, QProcess::ExitStatus status) {
        if (const auto rest = process->readAllStandardOutput(); !rest.isEmpty())
            Q_EMIT bytesArrived(rest);
        report(status == QProcess::CrashExit ? tr("the engine was ended by the system or crashed")
                                             : tr("the engine ended by itself with status %1").arg(code));
    });
    connect(process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            report(m_program.isEmpty() ? tr("the engine program was not found beside this one")
                                       : tr("the engine %1 could not be started").arg(m_program));
    });
    process->start(m_program, m_arguments);
}

void EngineProcess::stop() {
    if (!m_process)
        return;
    m_process->disconnect(this);
    if (isRunning()) {
        m_process->closeWriteChannel();
        if (!m_process->waitForFinished(kLeaveMs)) {
            m_process->kill();
            m_process->waitForFinished(kKillMs);
        }
    }
    m_process.release()->deleteLater();
}

void EngineProcess::write(const QByteArray& bytes) {
    if (isRunning())
        m_process->write(bytes);
}

void EngineProcess::collectErrors() {
    m_errorTail += m_process->readAllStandardError();
    if (m_errorTail.size() > kErrorTailBytes)
        m_errorTail = m_errorTail.right(kErrorTailBytes);
}

void EngineProcess::report(const QString& reason) {
    collectErrors();
    const auto words = lastWords().trimmed();
    const auto lastLine = words.mid(words.lastIndexOf(QLatin1Char('\n')) + 1);
    Q_EMIT died(lastLine.isEmpty() ? reason : reason + QStringLiteral(" (") + lastLine + QLatin1Char(')'));
}

} // namespace bathy::bridge
