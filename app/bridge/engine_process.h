// The engine as a child process: starts it, carries bytes both ways, and says in words when and why it went away.
// UI thread. Knows nothing of what the bytes mean.
#pragma once

#include <QByteArray>
#include <QObject>
#include <QProcess>
#include <QStringList>

#include <memory>

namespace bathy::bridge {

class EngineProcess : public QObject {
    Q_OBJECT
public:
    explicit EngineProcess(QString program, QStringList arguments = defaultArguments(), QObject* parent = nullptr);
    ~EngineProcess() override; // closes the child's input, gives it a moment to leave, then ends it

    // `bathy` beside this executable; empty when it is not there.
    static QString findProgram();
    static QStringList defaultArguments(); // host --stdio

    // A fresh child. No-op while one runs. A program that cannot be started is reported by died().
    void start();
    // Ends the child without died(): the caller wants it gone.
    void stop();
    void write(const QByteArray& bytes);

    bool isRunning() const { return m_process && m_process->state() != QProcess::NotRunning; }
    qint64 processId() const { return m_process ? m_process->processId() : 0; }
    // The end of what the child wrote to its error output, at most a few kilobytes; for a report.
    QString lastWords() const { return QString::fromLocal8Bit(m_errorTail); }

Q_SIGNALS:
    void bytesArrived(const QByteArray& bytes);
    void died(const QString& reason); // once for each child that ended without being told to

private:
    void collectErrors();
    void report(const QString& reason);

    QString m_program;
    QStringList m_arguments;
    std::unique_ptr<QProcess> m_process;
    QByteArray m_errorTail;
};

} // namespace bathy::bridge
