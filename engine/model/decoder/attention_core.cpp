#include "engine/model/decoder/attention_core.h"

#include "engine/ops/attention.h"

#include <numeric>
#include <vector>

namespace bathy::model::decoder {
namespace {

// Mean over the groups of each row's share: mass [groups, rows] -> the first group's.
void meanOverGroups(std::int64_t groups, std::int64_t rows, float* mass) {
    for (std::int64_t j = 0; j < rows; ++j) {
        double sum = 0;
        for (std::int64_t g = 0; g < groups; ++g)
            sum += mass[g * rows + j];
        mass[j] = static_cast<float>(sum / static_cast<double>(groups));
    }
}

void report(const Step& step, std::int64_t position, const TokenRows& rows, const float* mass) {
    AttentionProbe probe;
    probe.layer = step.ops.layer;
    probe.position = Position{position};
    std::vector<std::int64_t> entries;
    std::vector<float> scores;
    if (rows.index) { // chosen by an indexer: entries of one token each
        probe.ratio = 1;
        entries.assign(rows.index, rows.index + rows.count);
        for (const auto entry : entries)
            if (rows.scores)
                scores.push_back(rows.scores[entry]);
        probe.entries = entries;
        probe.entryScores = scores;
        probe.entryMass = {mass, static_cast<std::size_t>(rows.count)};
    } else {
        probe.windowMass = {mass, static_cast<std::size_t>(rows.count)};
    }
    step.options.probes->onProbe(probe);
}

} // namespace

std::span<const bool> wantedByProbes(const Step& step, TokenRange range) {
    const auto wanted = step.ops.scratch.take<bool>(range.count);
    for (std::int64_t t = 0; t < range.count; ++t)
        wanted[static_cast<std::size_t>(t)] =
            step.options.probes && step.options.probes->wants(step.ops.layer, Position{step.first + range.first + t});
    return wanted;
}

void storeRows(const Step& step, const CoreShape& shape, const float* rows, kv::PositionLayer& layer) {
    const ops::KvRowLayout layout{step.formats.rows, shape.rowDim, 0};
    const auto bytes = ops::kvRowBytes(layout);
    for (std::int64_t t = 0; t < step.tokens; ++t)
        for (std::int64_t g = 0; g < shape.groups; ++g)
            ops::packKvRow(layout, rows + (t * shape.groups + g) * shape.rowDim,
                           layer.rows.row(step.first + t) + g * bytes);
}

void attendRows(const Step& step, const CoreShape& shape, TokenRange range, std::span<const TokenRows> rows,
                const kv::PositionLayer& layer, const float* q, float* out) {
    const ops::Span span(step.ops, telemetry::SpanKind::AttentionCore, range.count);
    auto& scratch = step.ops.scratch;
    const ops::ScratchScope scope(scratch);
    const ops::KvRowLayout layout{step.formats.rows, shape.rowDim, 0};
    const auto stores = scratch.take<ops::KvRows>(shape.groups);
    for (std::int64_t g = 0; g < shape.groups; ++g)
        stores[static_cast<std::size_t>(g)] = {layout, layer.rows.data() + g * ops::kvRowBytes(layout),
                                               layer.rows.rowBytes()};
    const auto wanted = wantedByProbes(step, range);
    const auto picks = scratch.take<ops::KvPick>(range.count * shape.groups);
    const auto tokens = scratch.take<ops::AttentionToken>(range.count * shape.groups);
    for (std::int64_t t = 0; t < range.count; ++t) {
        const auto& own = rows[static_cast<std::size_t>(t)];
        float* mass = nullptr;
        if (wanted[static_cast<std::size_t>(t)])
            mass = scratch.take<float>(shape.groups * own.count).data();
        for (std::int64_t g = 0; g < shape.groups; ++g) {
            const auto i = static_cast<std::size_t>(t * shape.groups + g);
            const auto head = t * shape.heads() + g * shape.headsPerGroup;
            picks[i] = {&stores[static_cast<std::size_t>(g)], own.index, 0, own.count};
            tokens[i] = {q + head * shape.keyDim, out + head * shape.valueDim, picks.subspan(i, 1),
                         mass ? mass + g * own.count : nullptr};
        }
    }
    ops::AttentionShape core;
    core.heads = shape.headsPerGroup;
    core.dim = shape.keyDim;
    core.scale = shape.scale;
    core.valueDim = shape.valueDim;
    core.valueOffset = shape.valueOffset;
    core.rowDim = shape.rowDim;
    ops::attention(step.ops, core, tokens);
    for (std::int64_t t = 0; t < range.count && !step.stopped(); ++t)
        if (wanted[static_cast<std::size_t>(t)]) {
            const auto& own = rows[static_cast<std::size_t>(t)];
            auto* mass = tokens[static_cast<std::size_t>(t * shape.groups)].mass;
            meanOverGroups(shape.groups, own.count, mass);
            report(step, step.first + range.first + t, own, mass);
        }
}

} // namespace bathy::model::decoder
