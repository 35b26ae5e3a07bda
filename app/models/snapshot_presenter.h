// What models have read, kept on disk: saves the state behind each answer, says where it lies when the conversation
// goes on, deletes the oldest when all of it takes too much. The engine writes and reads the files, the store knows
// which answers they belong to. UI thread.
#pragma once

#include "app/bridge/event_pump.h"
#include "app/models/error_text.h"
#include "app/models/snapshot_model.h"

#include <QHash>
#include <QObject>
#include <QSet>
#include <QSettings>

#include <optional>

namespace bathy::bridge {
class EngineLink;
}
namespace bathy::storage {
class Storage;
}

namespace bathy::models {

class SnapshotPresenter : public QObject {
    Q_OBJECT
public:
    struct Context { // all outlive the presenter
        bridge::EngineLink& link;
        bridge::EventPump& pump;
        storage::Storage& storage;
        QSettings& settings;
    };
    // Less is read in a moment.
    static constexpr qint64 kFewestTokens = 256;
    static constexpr qint64 kDefaultQuotaBytes = qint64{20} << 30;

    struct Verified {
        QString name;
        qint64 tokens = 0;
        bool same = false; // bit for bit
        double largestDifference = 0;
        double seconds = 0;
    };

    // `folder` is where they lie unless the settings name another one.
    SnapshotPresenter(const Context& context, const QString& folder, QObject* parent = nullptr);

    QString folder() const;
    bool isOn() const; // whether answers are kept
    void setOn(bool on);
    qint64 quotaBytes() const;
    void setQuotaBytes(qint64 bytes);

    // Keeps what `session` holds now for an answer that it has just given, when that is worth it.
    void keep(storage::MessageId answer, SessionId session, const QString& name, qint64 tokens);
    QString fileOf(const QString& snapshot) const;
    void used(const QString& snapshot); // a conversation goes on from it
    void lost(const QString& snapshot); // it is not there or cannot be read

    void refresh(); // asks the engine what there is
    SnapshotModel& model() { return m_model; }
    bool hasListed() const { return m_listed; }
    qint64 bytes() const { return m_bytes; } // on disk, as far as known

    void setPinned(const QString& snapshot, bool pinned);
    void remove(const QStringList& snapshots);
    void verify(const QString& snapshot); // by the model that is open
    bool isVerifying() const { return m_verifying.has_value(); }

Q_SIGNALS:
    void changed(); // the model and bytes()
    void kept(bathy::storage::MessageId answer, const QString& snapshot);
    void verifyingChanged();
    void verified(const bathy::models::SnapshotPresenter::Verified& outcome);
    void problem(const bathy::models::ErrorText& text);

private:
    struct Verifying {
        api::RequestId request{};
        QString name;
    };

    void take(const std::vector<api::Event>& events);
    void takeSaved(const api::SnapshotSaved& saved);
    void takeList(const api::SnapshotList& list);
    void takeDeleted(const api::SnapshotsDeleted& deleted);
    void takeVerified(const api::SnapshotVerified& verified);
    void takeFailed(const api::Failed& failed);
    void show(const api::SnapshotList& list, const QVector<storage::SnapshotRow>& rows);
    void trim();
    void removeUntil(const QStringList& snapshots, qint64 keepBytes);
    void forget(const QStringList& snapshots);

    Context m_context;
    QString m_folder;
    SnapshotModel m_model;
    qint64 m_bytes = 0;
    bool m_listed = false;
    QHash<quint64, storage::MessageId> m_saving; // by request id
    api::RequestId m_listing{};
    QSet<quint64> m_deleting; // request ids
    std::optional<Verifying> m_verifying;
};

} // namespace bathy::models
