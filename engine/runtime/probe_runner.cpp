#include "engine/runtime/probe_runner.h"

#include <algorithm>
#include <new>
#include <span>
#include <string>
#include <utility>

namespace bathy::runtime {

namespace {

constexpr std::size_t kReplayChunk = 64;

// Copies what one layer says of one position, or all of them.
class AttentionCapture final : public model::ProbeSink {
public:
    explicit AttentionCapture(const api::Probe& probe) : m_probe(probe) {}

    bool wants(LayerId layer, Position position) override {
        return (ofAllLayers() || layer == m_probe.layer) && position == m_probe.position;
    }

    void onProbe(const model::AttentionProbe& probe) override {
        const bool picks = m_probe.kind == api::ProbeKind::IndexerPicks;
        api::LayerMass mass{probe.layer, largestEntries(probe, picks ? probe.entryScores : probe.entryMass), {}, 0};
        if (!picks) {
            mass.window.assign(probe.windowMass.begin(), probe.windowMass.end());
            mass.sink = probe.sinkMass;
        }
        if (ofAllLayers()) {
            m_answer.layers.push_back(std::move(mass));
            return;
        }
        m_answer.entries = std::move(mass.entries);
        m_answer.window = std::move(mass.window);
        m_answer.sink = mass.sink;
    }

    api::ProbeAnswer take() { return std::move(m_answer); }

private:
    bool ofAllLayers() const { return m_probe.kind == api::ProbeKind::Evidence; }

    std::vector<api::PickedEntry> largestEntries(const model::AttentionProbe& probe,
                                                 std::span<const float> values) const {
        std::vector<api::PickedEntry> entries;
        const auto ratio = static_cast<std::int64_t>(probe.ratio);
        for (std::size_t i = 0; i < std::min(values.size(), probe.entries.size()); ++i) {
            const auto entry = probe.entries[i];
            entries.push_back({entry, entry * ratio, (entry + 1) * ratio, values[i]});
        }
        std::stable_sort(entries.begin(), entries.end(),
                         [](const auto& a, const auto& b) { return a.value > b.value; });
        entries.resize(std::min(entries.size(), static_cast<std::size_t>(m_probe.limit)));
        return entries;
    }

    const api::Probe& m_probe;
    api::ProbeAnswer m_answer;
};

std::vector<telemetry::Alternative> largest(std::span<const float> logits, std::size_t limit) {
    std::vector<telemetry::Alternative> all(logits.size());
    for (std::size_t i = 0; i < logits.size(); ++i)
        all[i] = {static_cast<TokenId>(i), logits[i]};
    const auto count = static_cast<std::ptrdiff_t>(std::min(limit, all.size()));
    std::partial_sort(all.begin(), all.begin() + count, all.end(), [](const auto& a, const auto& b) {
        return std::pair(-a.probability, raw(a.token)) < std::pair(-b.probability, raw(b.token));
    });
    all.resize(static_cast<std::size_t>(count));
    return all;
}

} // namespace

Result<std::vector<api::RequestId>> ProbeRunner::add(const api::Probe& probe, std::stop_token stop,
                                                     const Session& session, const model::Model& model) {
    const auto position = raw(probe.position);
    if (position < 0 || position >= std::ssize(session.tokens))
        return Error(ErrorCode::BadArgument, "position " + std::to_string(position) + " is not in the session's " +
                                                 std::to_string(session.tokens.size()) + " tokens");
    const bool ofOneLayer = probe.kind == api::ProbeKind::IndexerPicks || probe.kind == api::ProbeKind::AttentionMass;
    if (ofOneLayer && (raw(probe.layer) < 0 || raw(probe.layer) >= model.layerCount()))
        return Error(ErrorCode::BadArgument, "layer " + std::to_string(raw(probe.layer)) +
                                                 " is not among the model's " + std::to_string(model.layerCount()));
    if (probe.limit < 1)
        return Error(ErrorCode::BadArgument, "a probe's limit must be at least 1");
    BATHY_TRY(auto state, session.state->fork(position));
    Task task{probe, std::move(stop), std::move(state), session.bannedExperts, {}, 0};
    const auto from = task.state->length();
    if (position - from >= kMaxReplayTokens)
        return Error(ErrorCode::Busy,
                     std::to_string(position - from + 1) + " tokens would have to be computed again to look at token " +
                         std::to_string(position) + "; at most " + std::to_string(kMaxReplayTokens) + " are",
                     "choose a token nearer to the end or to the beginning of a message");
    task.replay.assign(session.tokens.begin() + from, session.tokens.begin() + position + 1);

    std::vector<api::RequestId> dropped;
    std::erase_if(m_waiting, [&](const Task& older) {
        if (older.probe.tag != probe.tag)
            return false;
        dropped.push_back(older.probe.request);
        return true;
    });
    m_waiting.push_back(std::move(task));
    return dropped;
}

Result<api::ProbeAnswer> ProbeRunner::answerAtPosition(Task& task, model::Model& model, const std::stop_token& stop) {
    std::vector<float> logits;
    AttentionCapture capture(task.probe);
    model::ForwardOptions options;
    options.bannedExperts = task.bannedExperts;
    options.stop = stop;
    if (task.probe.kind == api::ProbeKind::Logits) {
        logits.resize(static_cast<std::size_t>(model.vocabularySize()));
        options.logits = logits;
    } else {
        options.logitsAt = model::LogitsAt::None;
        options.probes = &capture;
    }
    BATHY_CHECK(model.forward(*task.state, std::span(task.replay).last(1), options));
    auto answer = capture.take();
    answer.request = task.probe.request;
    answer.tag = task.probe.tag;
    answer.kind = task.probe.kind;
    answer.position = task.probe.position;
    answer.layer = task.probe.layer;
    answer.logits = largest(logits, static_cast<std::size_t>(task.probe.limit));
    return answer;
}

std::optional<ProbeRunner::Outcome> ProbeRunner::step(model::Model& model, const std::stop_token& interrupt) {
    auto& task = m_waiting.front();
    const auto finish = [&](Result<api::ProbeAnswer> answer) {
        Outcome outcome{task.probe.request, std::move(answer)};
        m_waiting.pop_front();
        return outcome;
    };
    if (task.stop.stop_requested())
        return finish(cancelled());
    const auto before = task.replay.size() - 1; // tokens to take in before the one asked for
    if (task.done < before) {
        const auto count = std::min(kReplayChunk, before - task.done);
        model::ForwardOptions options;
        options.logitsAt = model::LogitsAt::None;
        options.bannedExperts = task.bannedExperts;
        options.stop = interrupt;
        const auto fed = model.forward(*task.state, std::span(task.replay).subspan(task.done, count), options);
        if (fed)
            task.done += count;
        else if (!fed.error().isCancelled())
            return finish(fed.error());
        return std::nullopt;
    }
    auto answer = [&]() -> Result<api::ProbeAnswer> {
        try {
            return answerAtPosition(task, model, interrupt);
        } catch (const std::bad_alloc&) {
            return Error(ErrorCode::OutOfMemory, "there is not enough memory to answer the probe",
                         "close other programs or conversations");
        }
    }();
    if (!answer && answer.error().isCancelled())
        return std::nullopt; // interrupted: comes again, or is found stopped
    return finish(std::move(answer));
}

std::vector<api::RequestId> ProbeRunner::clear() {
    std::vector<api::RequestId> requests;
    for (const auto& task : m_waiting)
        requests.push_back(task.probe.request);
    m_waiting.clear();
    return requests;
}

} // namespace bathy::runtime
