#include "app/models/range_totals.h"

#include <algorithm>

namespace bathy::models {
namespace {

// Routing comes after its token: with the next step while the model writes, with the prefill step (512 tokens unless
// told otherwise) while it reads.
constexpr std::int64_t kUnsettledWritten = 64;
constexpr std::int64_t kUnsettledRead = 1024;

std::int64_t unsettledTokens(const RunData& run) {
    const auto* newest = run.token(run.tokenCount - 1);
    return newest && newest->isGenerated() ? kUnsettledWritten : kUnsettledRead;
}

} // namespace

std::shared_ptr<const ExpertTotals> RangeTotals::of(const RunDataPtr& run, bridge::TokenRange range) {
    if (range.begin <= 0 && range.end >= run->tokenCount)
        return run->totals;
    const auto settleAt = std::clamp(run->tokenCount - unsettledTokens(*run), range.begin, range.end);
    const bool goesOn =
        run->session == m_session && run->epoch == m_epoch && range.begin == m_begin && settleAt >= m_settledEnd;
    if (!goesOn) {
        m_session = run->session;
        m_epoch = run->epoch;
        m_begin = range.begin;
        m_settledEnd = range.begin;
        m_settled = {};
    }
    m_settled.makeRoom(run->layers, run->experts);
    run->addTotals(m_settled, m_settledEnd, settleAt);
    m_settledEnd = settleAt;
    auto all = std::make_shared<ExpertTotals>(m_settled);
    run->addTotals(*all, settleAt, range.end);
    return all;
}

} // namespace bathy::models
