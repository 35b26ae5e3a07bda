#include "app/models/answer_recorder.h"

#include "app/bridge/event_codec.h"
#include "app/models/session_tokens.h"
#include "app/storage/storage.h"

namespace bathy::models {

AnswerRecorder::AnswerRecorder(storage::Storage& storage, storage::MessageId message, GenerationId generation,
                               SessionId session)
    : m_storage(storage), m_message(message), m_generation(generation), m_session(session) {
    m_timer.setSingleShot(true);
    m_timer.setInterval(kFlushMs);
    connect(&m_timer, &QTimer::timeout, this, &AnswerRecorder::flush);
}

void AnswerRecorder::take(const api::Event& event) {
    if (const auto* started = std::get_if<api::GenerationStarted>(&event)) {
        if (started->generation != m_generation)
            return;
        m_promptTokens = started->promptTokens;
        m_events.push_back(event);
    } else if (const auto* delta = std::get_if<api::TextDelta>(&event)) {
        if (delta->generation != m_generation)
            return;
        (delta->reasoning ? m_piece.reasoning : m_piece.text) += QString::fromStdString(delta->text);
    } else if (std::holds_alternative<api::TokenTexts>(event)) {
        m_events.push_back(event);
    } else if (const auto* records = std::get_if<api::Records>(&event)) {
        keepRecords(*records);
    } else {
        return;
    }
    schedule();
}

// Routing of prompt tokens is left out: it grows with documents, not with the answer.
void AnswerRecorder::keepRecords(const api::Records& records) {
    api::Records kept;
    for (const auto& record : records.records) {
        if (const auto* token = std::get_if<telemetry::TokenEvent>(&record)) {
            if (token->generation != m_generation)
                continue;
            if (token->phase == telemetry::TokenPhase::Generated)
                m_piece.tokenIds += packTokens({&token->token, 1});
        } else if (const auto* routing = std::get_if<telemetry::RoutingEvent>(&record)) {
            if (routing->generation != m_generation || raw(routing->position) < m_promptTokens)
                continue;
        } else if (const auto* kv = std::get_if<telemetry::KvEvent>(&record)) {
            if (kv->session != m_session)
                continue;
        } else {
            continue;
        }
        kept.records.push_back(record);
    }
    if (!kept.records.empty())
        m_events.emplace_back(std::move(kept));
}

void AnswerRecorder::keepPrompt(std::span<const TokenId> tokens) {
    m_storage.write([message = m_message, ids = packTokens(tokens)](storage::ChatStore& store) {
        return store.setAnswerPrompt(message, ids);
    });
}

void AnswerRecorder::schedule() {
    if (!m_timer.isActive())
        m_timer.start();
}

storage::AnswerPiece AnswerRecorder::takePiece() {
    m_timer.stop();
    auto piece = std::exchange(m_piece, {});
    piece.message = m_message;
    return piece;
}

void AnswerRecorder::flush() {
    m_storage.write([piece = takePiece(), events = std::exchange(m_events, {})](storage::ChatStore& store) mutable {
        piece.events = bridge::encodeEvents(events);
        return store.appendPiece(piece);
    });
}

void AnswerRecorder::finish(storage::MessageState state, const storage::AnswerFacts& facts) {
    m_storage.write(
        [piece = takePiece(), events = std::exchange(m_events, {}), state, facts](storage::ChatStore& store) mutable {
            piece.events = bridge::encodeEvents(events);
            return store.finishAnswer(piece, state, facts);
        });
}

} // namespace bathy::models
