#include "app/storage/database.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSqlError>
#include <QSqlQuery>
#include <QUuid>
#include <QVariant>

// The linker leaves resources of a static library out unless they are asked for; must stand outside every namespace.
static void keepMigrations() {
    Q_INIT_RESOURCE(storage);
}

namespace bathy::storage {
namespace {

constexpr int kApplicationId = 0x42544859;      // "BTHY"
constexpr qint64 kQuickCheckBytes = 64LL << 20; // checking takes about a second a gigabyte; larger files skip it
constexpr int kSqliteBusy = 5, kSqliteLocked = 6, kSqliteError = 1, kSqliteCorrupt = 11, kSqliteNotADatabase = 26;

ErrorCode codeOf(const QSqlError& error) {
    switch (error.nativeErrorCode().toInt() & 0xff) {
    case kSqliteBusy:
    case kSqliteLocked:
        return ErrorCode::Busy;
    case kSqliteCorrupt:
    case kSqliteNotADatabase:
        return ErrorCode::BadFile;
    case kSqliteError:
        return ErrorCode::Internal;
    default:
        return ErrorCode::Io;
    }
}

Error toError(const QSqlError& error, const QString& file) {
    return {codeOf(error), QStringLiteral("%1: %2").arg(file, error.databaseText()).toStdString()};
}

} // namespace

QVector<Migration> builtInMigrations() {
    keepMigrations();
    QVector<Migration> migrations;
    const QDir folder(QStringLiteral(":/bathyscope/migrations"));
    for (const auto& name : folder.entryList({QStringLiteral("*.sql")}, QDir::Files, QDir::Name)) {
        QFile file(folder.filePath(name));
        if (file.open(QIODevice::ReadOnly))
            migrations.append({name.section(QLatin1Char('_'), 0, 0).toInt(), QString::fromUtf8(file.readAll())});
    }
    return migrations;
}

QStringList splitStatements(const QString& script) {
    QStringList statements;
    QString current;
    for (const auto& line : script.split(QLatin1Char('\n'))) {
        const auto trimmed = line.section(QStringLiteral("--"), 0, 0).trimmed();
        if (trimmed.isEmpty())
            continue;
        current += trimmed + QLatin1Char('\n');
        const bool inTrigger = current.startsWith(QStringLiteral("CREATE TRIGGER"));
        if (inTrigger ? trimmed == QStringLiteral("END;") : trimmed.endsWith(QLatin1Char(';')))
            statements.append(std::exchange(current, {}).trimmed());
    }
    return statements;
}

Database::Database(QString file, QString connection)
    : m_file(std::move(file)), m_connection(std::move(connection)),
      m_database(QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_connection)) {}

Database::~Database() {
    m_database.close();
    m_database = {};
    QSqlDatabase::removeDatabase(m_connection);
}

Result<std::unique_ptr<Database>> Database::open(const QString& file, const QVector<Migration>& migrations) {
    std::unique_ptr<Database> database(new Database(file, QUuid::createUuid().toString()));
    if (auto ready = database->prepare(migrations); !ready)
        return std::move(ready).error();
    return database;
}

Result<void> Database::prepare(const QVector<Migration>& migrations) {
    m_database.setDatabaseName(m_file);
    m_database.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=2000"));
    if (!m_database.open())
        return toError(m_database.lastError(), m_file);
    BATHY_CHECK(checkOwner());
    BATHY_CHECK(run(QStringLiteral("PRAGMA journal_mode = WAL")));
    // A commit survives the end of the process; after a power cut the last moments may be missing, never damaged.
    BATHY_CHECK(run(QStringLiteral("PRAGMA synchronous = NORMAL")));
    BATHY_CHECK(run(QStringLiteral("PRAGMA foreign_keys = ON")));
    BATHY_CHECK(migrate(migrations));
#ifndef Q_OS_WIN
    QFile::setPermissions(m_file, QFileDevice::ReadOwner | QFileDevice::WriteOwner); // conversations are private
#endif
    return {};
}

Result<void> Database::checkOwner() const {
    BATHY_TRY(const int tables, pragma(QStringLiteral("schema_version")));
    BATHY_TRY(const int owner, pragma(QStringLiteral("application_id")));
    if (tables != 0 && owner != kApplicationId)
        return Error(ErrorCode::BadFile, m_file.toStdString() + " is a database of another program");
    if (tables == 0 || QFileInfo(m_file).size() > kQuickCheckBytes)
        return {};
    BATHY_TRY(auto check, run(QStringLiteral("PRAGMA quick_check(1)")));
    if (check.next() && check.value(0).toString() != QStringLiteral("ok"))
        return Error(ErrorCode::BadFile,
                     (m_file + QStringLiteral(" is damaged: ") + check.value(0).toString()).toStdString());
    return {};
}

Result<void> Database::migrate(const QVector<Migration>& migrations) const {
    BATHY_TRY(const int version, pragma(QStringLiteral("user_version")));
    const int newest = migrations.isEmpty() ? 0 : migrations.last().version;
    if (version > newest)
        return Error(ErrorCode::Unsupported,
                     m_file.toStdString() + " was written by a newer version of this program (format " +
                         std::to_string(version) + ", this one knows " + std::to_string(newest) + ")",
                     "Update the program, or move the file away to start without the conversations in it.");
    if (version == newest)
        return {};
    if (version > 0)
        BATHY_CHECK(backUp(version));
    return transaction([&]() -> Result<void> {
        for (const auto& migration : migrations) {
            if (migration.version <= version)
                continue;
            for (const auto& statement : splitStatements(migration.sql))
                BATHY_CHECK(run(statement));
        }
        BATHY_CHECK(run(QStringLiteral("PRAGMA application_id = %1").arg(kApplicationId)));
        BATHY_CHECK(run(QStringLiteral("PRAGMA user_version = %1").arg(newest)));
        return {};
    });
}

Result<void> Database::backUp(int version) const {
    const auto copy = m_file + QStringLiteral(".v%1").arg(version);
    if (QFile::exists(copy) && !QFile::remove(copy))
        return Error(ErrorCode::Io, "cannot replace " + copy.toStdString());
    BATHY_CHECK(run(QStringLiteral("VACUUM INTO ?"), {copy})); // what the write-ahead log holds is in it
    return {};
}

Result<int> Database::pragma(const QString& name) const {
    BATHY_TRY(auto query, run(QStringLiteral("PRAGMA ") + name));
    return query.next() ? query.value(0).toInt() : 0;
}

Result<QSqlQuery> Database::run(const QString& sql, const QVariantList& values) const {
    QSqlQuery query(m_database);
    query.setForwardOnly(true);
    if (!query.prepare(sql))
        return toError(query.lastError(), m_file);
    for (const auto& value : values)
        query.addBindValue(value);
    if (!query.exec())
        return toError(query.lastError(), m_file);
    return query;
}

} // namespace bathy::storage
