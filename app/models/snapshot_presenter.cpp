#include "app/models/snapshot_presenter.h"

#include "app/bridge/engine_link.h"
#include "app/storage/storage.h"

#include <QDateTime>

#include <algorithm>

namespace bathy::models {
namespace {

const auto kFolderKey = QStringLiteral("snapshots/folder");
const auto kOnKey = QStringLiteral("snapshots/keep");
const auto kQuotaKey = QStringLiteral("snapshots/quotaBytes");

quint64 keyOf(api::RequestId request) {
    return static_cast<quint64>(request);
}

// What a user need not hear of: the next answer is kept again, and nothing is lost but time.
bool isOfNoConcern(const Error& error) {
    return error.isCancelled() || error.code() == ErrorCode::HostDied || error.code() == ErrorCode::Busy ||
           error.code() == ErrorCode::BadArgument;
}

} // namespace

SnapshotPresenter::SnapshotPresenter(const Context& context, const QString& folder, QObject* parent)
    : QObject(parent), m_context(context), m_folder(folder) {
    connect(&context.pump, &bridge::EventPump::eventsReady, this,
            [this](const bridge::EventBatch& batch) { take(*batch); });
}

QString SnapshotPresenter::folder() const {
    return m_context.settings.value(kFolderKey, m_folder).toString();
}

bool SnapshotPresenter::isOn() const {
    return m_context.settings.value(kOnKey, true).toBool();
}

void SnapshotPresenter::setOn(bool on) {
    m_context.settings.setValue(kOnKey, on);
}

qint64 SnapshotPresenter::quotaBytes() const {
    const auto bytes = m_context.settings.value(kQuotaKey, kDefaultQuotaBytes).toLongLong();
    return bytes > 0 ? bytes : kDefaultQuotaBytes; // a setting from outside
}

void SnapshotPresenter::setQuotaBytes(qint64 bytes) {
    m_context.settings.setValue(kQuotaKey, bytes);
    trim();
}

QString SnapshotPresenter::fileOf(const QString& snapshot) const {
    return folder() + QLatin1Char('/') + snapshot + QStringLiteral(".snapshot");
}

void SnapshotPresenter::keep(storage::MessageId answer, SessionId session, const QString& name, qint64 tokens) {
    if (!isOn() || tokens < kFewestTokens)
        return;
    const auto request =
        m_context.link.post(api::SaveSnapshot{{}, session, folder().toStdString(), name.toStdString()});
    m_saving.insert(keyOf(request), answer);
}

void SnapshotPresenter::used(const QString& snapshot) {
    const auto now = QDateTime::currentMSecsSinceEpoch();
    m_context.storage.write([snapshot, now](storage::ChatStore& store) { return store.useSnapshot(snapshot, now); });
}

void SnapshotPresenter::lost(const QString& snapshot) {
    removeUntil({snapshot}, 0); // a damaged file is worth nothing
    forget({snapshot});
}

void SnapshotPresenter::forget(const QStringList& snapshots) {
    m_context.storage.write([snapshots](storage::ChatStore& store) { return store.forgetSnapshots(snapshots); });
}

void SnapshotPresenter::refresh() {
    if (m_context.link.state() == bridge::EngineLink::State::Running)
        m_listing = m_context.link.post(api::ListSnapshots{{}, folder().toStdString()});
}

void SnapshotPresenter::setPinned(const QString& snapshot, bool pinned) {
    m_context.storage.write(
        [snapshot, pinned](storage::ChatStore& store) { return store.setSnapshotPinned(snapshot, pinned); });
    refresh();
}

void SnapshotPresenter::remove(const QStringList& snapshots) {
    removeUntil(snapshots, 0);
}

void SnapshotPresenter::removeUntil(const QStringList& snapshots, qint64 keepBytes) {
    api::DeleteSnapshots command;
    command.folder = folder().toStdString();
    for (const auto& id : snapshots)
        command.ids.push_back(id.toStdString());
    command.keepBytes = static_cast<std::uint64_t>(keepBytes);
    m_deleting.insert(keyOf(m_context.link.post(std::move(command))));
}

void SnapshotPresenter::verify(const QString& snapshot) {
    if (m_verifying)
        return;
    const auto& items = m_model.items();
    const auto found = std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.id == snapshot; });
    const auto request = m_context.link.post(api::VerifySnapshot{{}, fileOf(snapshot).toStdString()});
    m_verifying = Verifying{request, found == items.end() ? snapshot : found->name};
    Q_EMIT verifyingChanged();
}

void SnapshotPresenter::take(const std::vector<api::Event>& events) {
    for (const auto& event : events) {
        if (const auto* saved = std::get_if<api::SnapshotSaved>(&event))
            takeSaved(*saved);
        else if (const auto* list = std::get_if<api::SnapshotList>(&event))
            takeList(*list);
        else if (const auto* deleted = std::get_if<api::SnapshotsDeleted>(&event))
            takeDeleted(*deleted);
        else if (const auto* verified = std::get_if<api::SnapshotVerified>(&event))
            takeVerified(*verified);
        else if (const auto* failed = std::get_if<api::Failed>(&event))
            takeFailed(*failed);
    }
}

void SnapshotPresenter::takeSaved(const api::SnapshotSaved& saved) {
    const auto found = m_saving.constFind(keyOf(saved.request));
    if (found == m_saving.constEnd())
        return;
    const auto answer = *found;
    m_saving.erase(found);
    const auto id = QString::fromStdString(saved.id);
    m_context.storage.write([answer, id, now = QDateTime::currentMSecsSinceEpoch()](storage::ChatStore& store) {
        return store.keepSnapshot(answer, id, now);
    });
    Q_EMIT kept(answer, id);
    refresh();
}

void SnapshotPresenter::takeList(const api::SnapshotList& list) {
    if (list.request != m_listing)
        return;
    m_context.storage.read<QVector<storage::SnapshotRow>>(
        this, [](storage::ChatStore& store) { return store.snapshots(); },
        [this, list](const QVector<storage::SnapshotRow>& rows) {
            if (list.request == m_listing)
                show(list, rows);
        });
}

void SnapshotPresenter::show(const api::SnapshotList& list, const QVector<storage::SnapshotRow>& rows) {
    m_model.setItems(snapshotItems(list, rows));
    m_bytes = static_cast<qint64>(list.bytes);
    m_listed = true;
    Q_EMIT changed();
    trim();
}

void SnapshotPresenter::trim() {
    if (!m_listed || !m_deleting.isEmpty())
        return;
    const auto what = whatToTrim(m_model.items(), m_bytes, quotaBytes());
    if (!what.orphans.isEmpty())
        removeUntil(what.orphans, 0);
    if (!what.oldest.isEmpty())
        removeUntil(what.oldest, quotaBytes());
}

void SnapshotPresenter::takeDeleted(const api::SnapshotsDeleted& deleted) {
    if (!m_deleting.remove(keyOf(deleted.request)) || deleted.ids.empty())
        return;
    QStringList gone;
    for (const auto& id : deleted.ids)
        gone << QString::fromStdString(id);
    forget(gone);
    refresh();
}

void SnapshotPresenter::takeVerified(const api::SnapshotVerified& verified) {
    if (!m_verifying || m_verifying->request != verified.request)
        return;
    const auto name = std::exchange(m_verifying, std::nullopt)->name;
    Q_EMIT verifyingChanged();
    Q_EMIT this->verified(Verified{name, verified.tokens, verified.same, verified.largestDifference, verified.seconds});
}

void SnapshotPresenter::takeFailed(const api::Failed& failed) {
    const auto key = keyOf(failed.request);
    const bool verifies = m_verifying && m_verifying->request == failed.request;
    const bool saves = m_saving.remove(key) > 0, deletes = m_deleting.remove(key);
    const bool lists = m_listing != api::RequestId{} && m_listing == failed.request;
    if (verifies) {
        m_verifying.reset();
        Q_EMIT verifyingChanged();
    }
    if (!verifies && !saves && !deletes && !lists)
        return;
    if (verifies ? failed.error.isCancelled() : isOfNoConcern(failed.error))
        return;
    auto text = describe(failed.error);
    if (saves)
        text.title = tr("What the model has read could not be kept on disk; the conversation itself is saved.");
    Q_EMIT problem(text);
}

} // namespace bathy::models
