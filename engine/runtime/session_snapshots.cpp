#include "engine/runtime/session_snapshots.h"

#include "engine/model/expert_bans.h"
#include "engine/runtime/byte_meter.h"
#include "engine/runtime/conversions.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <string>

namespace bathy::runtime {
namespace {

// What ids stand for: two tokenizers with the same bytes for every id are one here.
std::string vocabularyHash(const LoadedModel& loaded) {
    if (!loaded.tokenizer)
        return {};
    std::string all;
    for (std::int32_t id = 0; id < loaded.tokenizer->vocabularySize(); ++id) {
        const auto token = static_cast<TokenId>(id);
        const auto bytes = loaded.tokenizer->tokenBytes(token);
        all += std::to_string(bytes.size());
        all += loaded.tokenizer->isAdded(token) ? '+' : ':';
        all += bytes;
    }
    return snapshot::hexOf(snapshot::hashOf(std::as_bytes(std::span(all)))).substr(0, 16);
}

// What the model says to the session's last token, which is fed again.
Result<std::vector<float>> lastLogits(model::Model& model, Session& session, const std::stop_token& stop) {
    const auto length = session.state->length();
    if (std::ssize(session.tokens) != length)
        return Error(ErrorCode::Internal, "a session of " + std::to_string(session.tokens.size()) +
                                              " tokens has a state of " + std::to_string(length));
    const bool guesses = session.state->canGuess();
    const auto tokens = session.tokens;
    const auto kept = session.state->truncate(length - 1);
    session.tokens.resize(static_cast<std::size_t>(kept));
    std::vector<float> logits(static_cast<std::size_t>(model.vocabularySize()));
    model::ForwardOptions options;
    options.logits = logits;
    options.bannedExperts = session.bannedExperts;
    options.keepDrafts = guesses;
    options.stop = stop;
    const auto again = std::span(tokens).subspan(static_cast<std::size_t>(kept));
    BATHY_CHECK(model.forward(*session.state, again, options));
    session.took(again);
    return logits;
}

std::int64_t secondsSince1970() {
    using namespace std::chrono;
    return duration_cast<std::chrono::seconds>(system_clock::now().time_since_epoch()).count();
}

Result<void> checkOrigin(const LoadedModel& loaded, const snapshot::SnapshotFile& file, const std::string& path) {
    const auto& header = file.header();
    if (header.origin.checkpoint != loaded.card.fingerprint)
        return Error(ErrorCode::BadArgument,
                     path + " is of another checkpoint: " + header.model + " (" + header.origin.checkpoint + "), not " +
                         loaded.card.name + " (" + loaded.card.fingerprint + ")",
                     "load that checkpoint, or read the conversation again from its text");
    if (header.origin.vocabulary != vocabularyHash(loaded))
        return Error(ErrorCode::BadArgument, path + " was made with another tokenizer",
                     "read the conversation again from its text");
    return {};
}

Result<snapshot::Restored> load(LoadedModel& loaded, const std::string& path, const model::StateOptions& options,
                                const std::stop_token& stop, const snapshot::BlockProgress& progress) {
    BATHY_TRY(const auto file, snapshot::SnapshotFile::open(path));
    BATHY_CHECK(checkOrigin(loaded, file, path));
    auto bans = file.header().origin.bannedExperts;
    std::sort(bans.begin(), bans.end());
    if (!model::checkBans(*loaded.model, bans) || std::adjacent_find(bans.begin(), bans.end()) != bans.end())
        return Error(ErrorCode::BadFile, path + ": banned_experts names an expert that the model has not, or twice");
    const snapshot::Store store(std::filesystem::path(path).parent_path());
    BATHY_TRY(auto restored, store.load(file, *loaded.model, options, stop, progress));
    restored.content.header.origin.bannedExperts = std::move(bans);
    if (std::ssize(restored.content.logits) != loaded.model->vocabularySize())
        return Error(ErrorCode::BadFile, path + " holds " + std::to_string(restored.content.logits.size()) +
                                             " logits, the model has " +
                                             std::to_string(loaded.model->vocabularySize()));
    const auto vocabulary = loaded.model->vocabularySize();
    for (const auto token : restored.content.tokens)
        if (raw(token) < 0 || raw(token) >= vocabulary)
            return Error(ErrorCode::BadFile, path + " names token " + std::to_string(raw(token)) +
                                                 " of a vocabulary of " + std::to_string(vocabulary));
    return restored;
}

void fill(Session& session, snapshot::Restored restored) {
    session.state = std::move(restored.state);
    session.tokens = std::move(restored.content.tokens);
    session.bannedExperts = std::move(restored.content.header.origin.bannedExperts);
}

} // namespace

Result<api::SnapshotSaved> saveSession(LoadedModel& loaded, Session& session, const api::SaveSnapshot& command,
                                       const std::stop_token& stop, const snapshot::BlockProgress& progress) {
    if (session.busy)
        return Error(ErrorCode::Busy, "the session is answering", "save it when it has finished");
    if (session.tokens.empty())
        return Error(ErrorCode::BadArgument, "the session has read nothing yet, so there is nothing to save");
    const ByteMeter meter(telemetry::nowNs());
    snapshot::Content content;
    BATHY_TRY(content.logits, lastLogits(*loaded.model, session, stop));
    content.tokens = session.tokens;
    content.header.name = command.name;
    content.header.model = loaded.card.name;
    content.header.origin = {loaded.card.fingerprint, vocabularyHash(loaded), session.state->precision(),
                             session.state->kvFormat(), session.bannedExperts};
    content.header.createdAt = secondsSince1970();
    const snapshot::Store store(command.folder);
    BATHY_TRY(const auto saved, store.save(*session.state, std::move(content), stop, progress));
    return api::SnapshotSaved{command.request,         command.session, saved.id,       saved.file.string(),
                              session.state->length(), saved.bytes,     saved.newBytes, meter.seconds()};
}

Result<api::SessionRestored> restoreSession(LoadedModel& loaded, Session& session, const api::RestoreSession& command,
                                            const std::stop_token& stop, const snapshot::BlockProgress& progress) {
    const ByteMeter meter(telemetry::nowNs());
    BATHY_TRY(auto restored, load(loaded, command.file, stateOptions(command.options), stop, progress));
    const auto bytes = restored.bytes;
    fill(session, std::move(restored));
    const auto& state = *session.state;
    return api::SessionRestored{command.request,      command.session, state.precision(), state.kvFormat(),
                                state.contextLimit(), state.length(),  session.tokens,    bytes,
                                meter.seconds()};
}

Result<api::SnapshotVerified> verifySnapshot(LoadedModel& loaded, const api::VerifySnapshot& command,
                                             const std::stop_token& stop, const snapshot::BlockProgress& progress) {
    const ByteMeter meter(telemetry::nowNs());
    BATHY_TRY(auto restored, load(loaded, command.file, {}, stop, progress));
    const auto stored = std::move(restored.content.logits);
    Session session;
    fill(session, std::move(restored));
    BATHY_TRY(const auto again, lastLogits(*loaded.model, session, stop));
    api::SnapshotVerified verified{command.request, session.state->length()};
    verified.same = std::memcmp(stored.data(), again.data(), stored.size() * sizeof(float)) == 0;
    for (std::size_t i = 0; i < stored.size() && !verified.same; ++i)
        verified.largestDifference =
            std::max(verified.largestDifference, static_cast<double>(std::fabs(stored[i] - again[i])));
    verified.seconds = meter.seconds();
    return verified;
}

Result<api::SnapshotList> listSnapshots(const api::ListSnapshots& command) {
    const snapshot::Store store(command.folder);
    BATHY_TRY(const auto all, store.list());
    api::SnapshotList list{command.request, {}, 0};
    BATHY_TRY(list.bytes, store.bytes());
    for (const auto& listed : all)
        list.snapshots.push_back({listed.id, listed.file.string(), listed.header.name, listed.header.model,
                                  listed.header.origin.checkpoint, listed.tokens, listed.bytes, listed.header.createdAt,
                                  listed.problem ? listed.problem->what() : std::string()});
    return list;
}

Result<api::SnapshotsDeleted> deleteSnapshots(const api::DeleteSnapshots& command) {
    const snapshot::Store store(command.folder);
    api::SnapshotsDeleted deleted{command.request, {}, 0};
    BATHY_TRY(deleted.ids, store.trim(command.ids, command.keepBytes));
    BATHY_TRY(deleted.bytes, store.bytes());
    return deleted;
}

} // namespace bathy::runtime
