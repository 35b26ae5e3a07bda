// The fields of every message, once each, for both archives, and the stable names of the messages. A field that is
// added, renamed or retyped is a new kProtocolVersion.
#pragma once

#include "engine/api/commands.h"
#include "engine/api/events.h"
#include "engine/wire/archive.h"
#include "engine/wire/message.h"
#include "engine/wire/records.h"
#include "engine/wire/snapshot_messages.h"

#include <array>
#include <string_view>
#include <type_traits>
#include <variant>

namespace bathy::wire {

template <>
inline constexpr std::optional<std::uint8_t> kLastValue<Precision> = static_cast<std::uint8_t>(Precision::Fast);
template <>
inline constexpr std::optional<std::uint8_t> kLastValue<KvFormat> = static_cast<std::uint8_t>(KvFormat::PackedFp8Index);
template <>
inline constexpr std::optional<std::uint8_t>
    kLastValue<api::ThinkingMode> = static_cast<std::uint8_t>(api::ThinkingMode::Thinking);
template <>
inline constexpr std::optional<std::uint8_t>
    kLastValue<api::ProbeKind> = static_cast<std::uint8_t>(api::ProbeKind::Evidence);
template <>
inline constexpr std::optional<std::uint8_t> kLastValue<api::Stage> = static_cast<std::uint8_t>(api::Stage::Snapshot);
template <>
inline constexpr std::optional<std::uint8_t>
    kLastValue<api::FinishReason> = static_cast<std::uint8_t>(api::FinishReason::Cancelled);
template <>
inline constexpr std::optional<std::uint8_t>
    kLastValue<api::AttentionKind> = static_cast<std::uint8_t>(api::AttentionKind::Grouped);
template <>
inline constexpr std::optional<std::uint8_t>
    kLastValue<api::RouterKind> = static_cast<std::uint8_t>(api::RouterKind::Learned);

// ---- options -------------------------------------------------------------------------------------------------------

template <class A, Message<ExpertRef> M>
void fields(A& a, M& m) {
    a("layer", m.layer);
    a("expert", m.expert);
}
template <class A, Message<api::ModelOptions> M>
void fields(A& a, M& m) {
    a("path", m.path);
    a("device", m.device);
    a("threads", m.threads);
    a("reserve_bytes", m.reserveBytes);
    a("force", m.force);
}
template <class A, Message<api::SessionOptions> M>
void fields(A& a, M& m) {
    a("precision", m.precision);
    a("kv_format", m.kvFormat);
    a("context_limit", m.contextLimit);
    a("prefill_chunk", m.prefillChunk);
}
template <class A, Message<api::SamplingOptions> M>
void fields(A& a, M& m) {
    a("temperature", m.temperature);
    a("top_k", m.topK);
    a("top_p", m.topP);
    a("min_p", m.minP);
    a("repetition_penalty", m.repetitionPenalty);
    a("repetition_window", m.repetitionWindow);
    a("seed", m.seed);
    a("stop", m.stop);
    a("max_tokens", m.maxTokens);
}
template <class A, Message<api::ChatMessage> M>
void fields(A& a, M& m) {
    a("role", m.role);
    a("content", m.content);
    a("reasoning", m.reasoning);
    a("documents", m.documents);
}
template <class A, Message<api::ChatOptions> M>
void fields(A& a, M& m) {
    a("thinking", m.thinking);
    a("effort", m.effort);
    a("drop_thinking", m.dropThinking);
}
template <class A, Message<api::ChatPrompt> M>
void fields(A& a, M& m) {
    a("messages", m.messages);
    a("options", m.options);
}
template <class A, Message<api::TextPrompt> M>
void fields(A& a, M& m) {
    a("text", m.text);
    a("parse_special", m.parseSpecial);
}
template <class A, Message<api::TokenPrompt> M>
void fields(A& a, M& m) {
    a("tokens", m.tokens);
}
// A prompt says which kind it is and then carries that kind's fields.
template <class A, Message<api::Prompt> M>
void fields(A& a, M& m) {
    auto kind = static_cast<std::uint8_t>(m.index());
    a("kind", kind);
    if constexpr (!std::is_const_v<M>) {
        switch (kind) {
        case 0:
            m = api::ChatPrompt();
            break;
        case 1:
            m = api::TextPrompt();
            break;
        case 2:
            m = api::TokenPrompt();
            break;
        default:
            return a.failAt("kind", "is unknown");
        }
    }
    std::visit([&](auto& prompt) { fields(a, prompt); }, m);
}

// ---- commands ------------------------------------------------------------------------------------------------------

template <class A, Message<api::LoadModel> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("options", m.options);
}
template <class A, Message<api::UnloadModel> M>
void fields(A& a, M& m) {
    a("request", m.request);
}
template <class A, Message<api::OpenSession> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("session", m.session);
    a("options", m.options);
}
template <class A, Message<api::CloseSession> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("session", m.session);
}
template <class A, Message<api::EncodePrompt> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("prompt", m.prompt);
}
template <class A, Message<api::Generate> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("session", m.session);
    a("generation", m.generation);
    a("prompt", m.prompt);
    a("sampling", m.sampling);
    a("banned_experts", m.bannedExperts);
    a("speculate", m.speculate);
}
template <class A, Message<api::Cancel> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("target", m.target);
}
template <class A, Message<api::SetRecording> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("routing", m.routing);
    a("spans", m.spans);
}
template <class A, Message<api::Probe> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("tag", m.tag);
    a("session", m.session);
    a("kind", m.kind);
    a("position", m.position);
    a("layer", m.layer);
    a("limit", m.limit);
}
template <class A, Message<api::PlanMemory> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("options", m.options);
    a("contexts", m.contexts);
    a("model", m.model);
}
template <class A, Message<api::ListDevices> M>
void fields(A& a, M& m) {
    a("request", m.request);
}
template <class A, Message<api::Shutdown> M>
void fields(A& a, M& m) {
    a("request", m.request);
}

// ---- the model card ------------------------------------------------------------------------------------------------

template <class A, Message<api::LayerCard> M>
void fields(A& a, M& m) {
    a("attention", m.attention);
    a("ratio", m.ratio);
    a("router", m.router);
}
template <class A, Message<api::NamedBytes> M>
void fields(A& a, M& m) {
    a("name", m.name);
    a("bytes", m.bytes);
}
template <class A, Message<api::KvCost> M>
void fields(A& a, M& m) {
    a("name", m.name);
    a("bytes_per_token", m.bytesPerToken);
    a("constant_bytes", m.constantBytes);
}
template <class A, Message<api::ModelCard> M>
void fields(A& a, M& m) {
    a("name", m.name);
    a("path", m.path);
    a("family", m.family);
    a("fingerprint", m.fingerprint);
    a("description", m.description);
    a("parameters_total", m.parametersTotal);
    a("parameters_active", m.parametersActive);
    a("weight_bytes", m.weightBytes);
    a("bytes_by_dtype", m.bytesByDtype);
    a("context_length", m.contextLength);
    a("vocabulary_size", m.vocabularySize);
    a("hidden_size", m.hiddenSize);
    a("attention_heads", m.attentionHeads);
    a("head_dim", m.headDim);
    a("sliding_window", m.slidingWindow);
    a("index_top_k", m.indexTopK);
    a("routed_experts", m.routedExperts);
    a("experts_per_token", m.expertsPerToken);
    a("layers", m.layers);
    a("draft_layers", m.draftLayers);
    a("kv", m.kv);
    a("memory_total_bytes", m.memoryTotalBytes);
    a("memory_available_bytes", m.memoryAvailableBytes);
    a("fits", m.fits);
    a("has_tokenizer", m.hasTokenizer);
    a("chat_format", m.chatFormat);
    a("efforts", m.efforts);
    a("efforts_missing_reason", m.effortsMissingReason);
    a("sampling", m.sampling);
    a("warnings", m.warnings);
}

// ---- events --------------------------------------------------------------------------------------------------------

template <class A, Message<api::Progress> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("stage", m.stage);
    a("done", m.done);
    a("total", m.total);
    a("per_second", m.perSecond);
    a("seconds_left", m.secondsLeft);
}
template <class A, Message<api::ModelLoaded> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("card", m.card);
    a("seconds", m.seconds);
}
template <class A, Message<api::ModelUnloaded> M>
void fields(A& a, M& m) {
    a("request", m.request);
}
template <class A, Message<api::SessionOpened> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("session", m.session);
    a("kv_format", m.kvFormat);
    a("context_limit", m.contextLimit);
}
template <class A, Message<api::SessionClosed> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("session", m.session);
}
template <class A, Message<api::MessageSpan> M>
void fields(A& a, M& m) {
    a("begin", m.begin);
    a("end", m.end);
}
template <class A, Message<api::PromptEncoded> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("tokens", m.tokens);
    a("messages", m.messages);
    a("texts", Packed{m.texts});
}
template <class A, Message<api::GenerationStarted> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("generation", m.generation);
    a("session", m.session);
    a("prompt_tokens", m.promptTokens);
    a("reused_tokens", m.reusedTokens);
    a("seed", m.seed);
    a("messages", m.messages);
    a("banned_experts", m.bannedExperts);
}
template <class A, Message<api::TextDelta> M>
void fields(A& a, M& m) {
    a("generation", m.generation);
    a("position", m.position);
    a("reasoning", m.reasoning);
    a("text", m.text);
}
template <class A, Message<api::Speculation> M>
void fields(A& a, M& m) {
    a("guessed", m.guessed);
    a("right", m.right);
    a("gained_seconds", m.gainedSeconds);
}
template <class A, Message<api::GenerationFinished> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("generation", m.generation);
    a("reason", m.reason);
    a("prompt_tokens", m.promptTokens);
    a("reused_tokens", m.reusedTokens);
    a("generated_tokens", m.generatedTokens);
    a("prefill_seconds", m.prefillSeconds);
    a("decode_seconds", m.decodeSeconds);
    a("first_token_seconds", m.firstTokenSeconds);
    a("speculation", m.speculation);
    a("tokens", m.tokens);
    a("text", m.text);
    a("reasoning", m.reasoning);
}
template <class A, Message<api::TokenTexts> M>
void fields(A& a, M& m) {
    a("tokens", m.tokens);
    a("texts", Packed{m.texts});
}
template <class A, Message<api::PickedEntry> M>
void fields(A& a, M& m) {
    a("entry", m.entry);
    a("first_token", m.firstToken);
    a("end_token", m.endToken);
    a("value", m.value);
}
template <class A, Message<telemetry::Alternative> M>
void fields(A& a, M& m) {
    a("token", m.token);
    a("probability", m.probability);
}
template <class A, Message<api::LayerMass> M>
void fields(A& a, M& m) {
    a("layer", m.layer);
    a("entries", m.entries);
    a("window", m.window);
    a("sink", m.sink);
}
template <class A, Message<api::ProbeAnswer> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("tag", m.tag);
    a("kind", m.kind);
    a("position", m.position);
    a("layer", m.layer);
    a("entries", m.entries);
    a("window", m.window);
    a("sink", m.sink);
    a("logits", m.logits);
    a("layers", m.layers);
}
template <class A, Message<api::PlannedMemory> M>
void fields(A& a, M& m) {
    a("context", m.context);
    a("window_bytes", m.kv[telemetry::KvPart::Window]);
    a("sparse_entry_bytes", m.kv[telemetry::KvPart::SparseEntries]);
    a("index_key_bytes", m.kv[telemetry::KvPart::IndexKeys]);
    a("heavy_entry_bytes", m.kv[telemetry::KvPart::HeavyEntries]);
    a("compressor_state_bytes", m.kv[telemetry::KvPart::CompressorState]);
    a("latent_bytes", m.kv[telemetry::KvPart::Latents]);
    a("keys_values_bytes", m.kv[telemetry::KvPart::KeysValues]);
    a("draft_bytes", m.kv[telemetry::KvPart::Draft]);
    a("v32_bytes", m.v32Bytes);
    a("gqa_bytes", m.gqaBytes);
    a("scratch_bytes", m.scratchBytes);
}
template <class A, Message<api::PlannedWeights> M>
void fields(A& a, M& m) {
    a("kind", m.kind);
    a("bytes", m.bytes);
    a("least_bytes", m.leastBytes);
}
template <class A, Message<api::MemoryPlan> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("weight_bytes", m.weightBytes);
    a("scratch_bytes", m.scratchBytes);
    a("memory_available_bytes", m.memoryAvailableBytes);
    a("plans", m.plans);
    a("path", m.path);
    a("name", m.name);
    a("kv_format", m.kvFormat);
    a("context_length", m.contextLength);
    a("weights", m.weights);
    a("logits_bytes", m.logitsBytes);
    a("program_bytes", m.programBytes);
    a("memory_total_bytes", m.memoryTotalBytes);
    a("reserve_bytes", m.reserveBytes);
}
template <class A, Message<api::DeviceCard> M>
void fields(A& a, M& m) {
    a("id", m.id);
    a("backend", m.backend);
    a("name", m.name);
    a("usable", m.usable);
    a("reason", m.reason);
    a("memory_bytes", m.memoryBytes);
    a("features", m.features);
    a("driver", m.driver);
}
template <class A, Message<api::DeviceList> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("devices", m.devices);
}
template <class A, Message<Error> M>
void fields(A& a, M& m) {
    auto code = static_cast<std::uint16_t>(m.code());
    auto what = m.what();
    auto hint = m.hint();
    a("code", code);
    a("what", what);
    a("hint", hint);
    if constexpr (!std::is_const_v<M>) {
        if (errorCodeName(static_cast<ErrorCode>(code)) == "unknown")
            return a.failAt("code", "is unknown");
        m = Error(static_cast<ErrorCode>(code), std::move(what), std::move(hint));
    }
}
template <class A, Message<api::Failed> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("error", m.error);
}
template <class A, Message<api::Records> M>
void fields(A& a, M& m) {
    if constexpr (std::is_const_v<M>) {
        a("packed", Blob{packRecords(m.records)});
    } else {
        Blob blob;
        a("packed", blob);
        auto records = unpackRecords(blob.bytes);
        if (!records)
            return a.failAt("packed", records.error().what().c_str());
        m.records = *std::move(records);
    }
}

// ---- names, in the order of the variants ---------------------------------------------------------------------------

template <class Variant>
inline constexpr std::array<std::string_view, 0> kNames{};

template <>
inline constexpr std::array<std::string_view, 17> kNames<api::Command>{
    "load_model",    "unload_model",    "open_session",    "close_session",  "encode_prompt",   "generate",
    "cancel",        "set_recording",   "probe",           "plan_memory",    "list_devices",    "shutdown",
    "save_snapshot", "restore_session", "verify_snapshot", "list_snapshots", "delete_snapshots"};
template <>
inline constexpr std::array<std::string_view, 20> kNames<api::Event>{
    "progress",           "model_loaded",     "model_unloaded",
    "session_opened",     "session_closed",   "prompt_encoded",
    "generation_started", "text_delta",       "generation_finished",
    "token_texts",        "probe_answer",     "memory_plan",
    "device_list",        "failed",           "records",
    "snapshot_saved",     "session_restored", "snapshot_verified",
    "snapshot_list",      "snapshots_deleted"};
static_assert(kNames<api::Command>.size() == std::variant_size_v<api::Command>);
static_assert(kNames<api::Event>.size() == std::variant_size_v<api::Event>);

} // namespace bathy::wire
