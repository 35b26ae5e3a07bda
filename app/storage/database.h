// One SQLite connection: opened, checked and brought to the current version. Lives on the thread that opened it.
#pragma once

#include "engine/base/result.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QString>
#include <QStringList>
#include <QVariantList>
#include <QVector>

#include <memory>

namespace bathy::storage {

struct Migration {
    int version = 0; // 1, 2, …
    QString sql;
};

// The numbered scripts that are built in, in order.
QVector<Migration> builtInMigrations();

// Statements of a script: each ends with a ';' at the end of a line; triggers end with "END;".
QStringList splitStatements(const QString& script);

class Database {
public:
    // Makes the file when it is absent. Before a migration of a file with content a copy `<file>.v<old>` is kept.
    // Errors: BadFile for what is not ours or is damaged, Unsupported for a newer version, Io, Busy.
    static Result<std::unique_ptr<Database>> open(const QString& file,
                                                  const QVector<Migration>& migrations = builtInMigrations());
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // One statement. Errors: Io (disk full, locked), BadFile (damaged), Internal (our SQL).
    Result<QSqlQuery> run(const QString& sql, const QVariantList& values = {}) const;
    // All or nothing: rolled back when `work` fails.
    template <class F>
    Result<void> transaction(F work) const {
        BATHY_CHECK(run(QStringLiteral("BEGIN IMMEDIATE")));
        Result<void> done = work();
        if (done)
            done = finish(run(QStringLiteral("COMMIT")));
        if (!done)
            (void)run(QStringLiteral("ROLLBACK"));
        return done;
    }

private:
    explicit Database(QString file, QString connection);
    Result<void> prepare(const QVector<Migration>& migrations);
    Result<void> checkOwner() const;
    Result<void> migrate(const QVector<Migration>& migrations) const;
    Result<void> backUp(int version) const;
    Result<int> pragma(const QString& name) const;
    template <class T>
    static Result<void> finish(Result<T> result) {
        BATHY_CHECK(std::move(result));
        return {};
    }

    QString m_file;
    QString m_connection;
    QSqlDatabase m_database;
};

} // namespace bathy::storage
