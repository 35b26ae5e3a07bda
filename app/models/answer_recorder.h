// Writes one answer into the store as it streams: what has come is handed over at most kFlushMs later, and at once when
// the answer ends. Keeps the engine's events of the answer beside its text, so that it can be replayed. UI thread.
#pragma once

#include "app/storage/records.h"
#include "engine/api/events.h"

#include <QObject>
#include <QTimer>

#include <span>
#include <vector>

namespace bathy::storage {
class Storage;
}

namespace bathy::models {

class AnswerRecorder : public QObject {
    Q_OBJECT
public:
    static constexpr int kFlushMs = 100;

    // `storage` outlives the recorder. The message is in the store already, in state Streaming.
    AnswerRecorder(storage::Storage& storage, storage::MessageId message, GenerationId generation, SessionId session);

    // Keeps what belongs to this answer; ignores the rest.
    void take(const api::Event& event);
    // What the answer has read, once it is known.
    void keepPrompt(std::span<const TokenId> tokens);
    // Writes what is left together with how it ended.
    void finish(storage::MessageState state, const storage::AnswerFacts& facts);

private:
    void keepRecords(const api::Records& records);
    void flush();
    storage::AnswerPiece takePiece();
    void schedule();

    storage::Storage& m_storage;
    storage::MessageId m_message;
    GenerationId m_generation;
    SessionId m_session;
    std::int64_t m_promptTokens = 0;
    storage::AnswerPiece m_piece;
    std::vector<api::Event> m_events;
    QTimer m_timer;
};

} // namespace bathy::models
