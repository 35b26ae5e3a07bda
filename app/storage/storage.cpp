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

// The open database; every call runs on the storage thread.
class Storage::Connection {
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
    ChatStore& store() { return *m_store; }

private:
    std::unique_ptr<Database> m_database;
    std::unique_ptr<ChatStore> m_store;
};

Storage::Storage(std::unique_ptr<QLockFile> lock) : m_lock(std::move(lock)) {}

Storage::~Storage() {
    m_thread.run([this] { m_connection.reset(); });
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
    std::unique_ptr<Storage> storage(new Storage(std::move(lock)));
    Result<void> opened;
    storage->m_thread.run([&] {
        storage->m_connection = std::make_unique<Connection>();
        opened = storage->m_connection->open(folder + QLatin1Char('/') + kFileName, storage->m_opening);
    });
    if (!opened)
        return std::move(opened).error();
    return storage;
}

void Storage::perform(std::function<void(ChatStore&)> work) {
    m_thread.post([this, work = std::move(work)] { work(m_connection->store()); });
}

void Storage::write(std::function<Result<void>(ChatStore&)> work) {
    perform([this, work = std::move(work)](ChatStore& store) {
        if (auto done = work(store); !done)
            m_answers.post([this, error = done.error()] { report(error); });
    });
}

void Storage::flush() {
    m_thread.run([] {});
}

void Storage::report(const Error& error) {
    Q_EMIT failed(QString::fromStdString(error.what()));
}

} // namespace bathy::storage
