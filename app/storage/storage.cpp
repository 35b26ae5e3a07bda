#include "app/storage/storage.h"

#include <QDateTime>
#include <QDir>
#include <QFile>

namespace bathy::storage {
namespace {

const auto kFileName = QStringLiteral("conversations.db");

// Moves the file and what SQLite keeps beside it; returns the new name, or nothing when the system refuses.
std::optional<QString> setAside(const QString& file) {
    const auto aside = file + QStringLiteral(".unreadable-") +
                       QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss-zzz"));
    if (!QFile::rename(file, aside))
        return std::nullopt;
    for (const auto& suffix : {QStringLiteral("-wal"), QStringLiteral("-shm")})
        QFile::rename(file + suffix, aside + suffix);
    return aside;
}

} // namespace

// Owns the connection; every call runs on the storage thread.
class Storage::Worker : public QObject {
public:
    Result<void> open(const QString& file, Opening& opening) {
        auto database = Database::open(file);
        if (!database && database.error().code() == ErrorCode::BadFile) {
            opening.why = database.error();
            const auto aside = setAside(file);
            if (!aside)
                return Error(ErrorCode::Io, database.error().what() + ", and it cannot be moved aside");
            opening.setAside = *aside;
            database = Database::open(file);
        }
        BATHY_TRY(m_database, std::move(database));
        m_store = std::make_unique<ChatStore>(*m_database);
        BATHY_TRY(opening.recoveredAnswers, m_store->recover());
        return {};
    }
    void close() {
        m_store.reset();
        m_database.reset();
    }
    ChatStore& store() { return *m_store; }

private:
    std::unique_ptr<Database> m_database;
    std::unique_ptr<ChatStore> m_store;
};

Storage::Storage(std::unique_ptr<QLockFile> lock, QString folder)
    : m_lock(std::move(lock)), m_folder(std::move(folder)), m_worker(new Worker) {
    m_thread.setObjectName(QStringLiteral("storage"));
    m_worker->moveToThread(&m_thread);
    m_thread.start();
}

Storage::~Storage() {
    QMetaObject::invokeMethod(
        m_worker, [this] { m_worker->close(); }, Qt::BlockingQueuedConnection);
    m_thread.quit();
    m_thread.wait();
    delete m_worker;
}

Result<std::unique_ptr<Storage>> Storage::open(const QString& folder) {
    if (!QDir().mkpath(folder))
        return Error(ErrorCode::Io, "cannot make the folder " + folder.toStdString());
    auto lock = std::make_unique<QLockFile>(folder + QStringLiteral("/conversations.lock"));
    lock->setStaleLockTime(0); // only a lock whose process is gone is stale
    if (!lock->tryLock(0))
        return lock->error() == QLockFile::LockFailedError
                   ? Error(ErrorCode::Busy,
                           "the conversations in " + folder.toStdString() +
                               " are open in another window of this program",
                           "Use that window, or close it first.")
                   : Error(ErrorCode::Io, "cannot write to " + folder.toStdString());
    std::unique_ptr<Storage> storage(new Storage(std::move(lock), folder));
    if (auto opened = storage->openOnThread(); !opened)
        return std::move(opened).error();
    return storage;
}

Result<void> Storage::openOnThread() {
    Result<void> opened;
    QMetaObject::invokeMethod(
        m_worker, [&] { opened = m_worker->open(m_folder + QLatin1Char('/') + kFileName, m_opening); },
        Qt::BlockingQueuedConnection);
    return opened;
}

void Storage::perform(std::function<void(ChatStore&)> work) {
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker, work = std::move(work)] { work(worker->store()); }, Qt::QueuedConnection);
}

void Storage::write(std::function<Result<void>(ChatStore&)> work) {
    perform([this, work = std::move(work)](ChatStore& store) {
        if (auto done = work(store); !done)
            QMetaObject::invokeMethod(
                this, [this, error = done.error()] { report(error); }, Qt::QueuedConnection);
    });
}

void Storage::flush() {
    QMetaObject::invokeMethod(
        m_worker, [] {}, Qt::BlockingQueuedConnection);
}

void Storage::report(const Error& error) {
    Q_EMIT failed(QString::fromStdString(error.what()));
}

} // namespace bathy::storage
