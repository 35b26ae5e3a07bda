// Totals over a range of tokens, remembered: a range that only grew, or that did not change, is not counted again. UI
// thread.
#pragma once

#include "app/bridge/selection.h"
#include "app/models/run_data.h"

namespace bathy::models {

class RangeTotals {
public:
    // The whole conversation is answered from the snapshot itself.
    std::shared_ptr<const ExpertTotals> of(const RunDataPtr& run, bridge::TokenRange range);

private:
    SessionId m_session{};
    std::uint64_t m_epoch = 0;
    std::int64_t m_begin = 0;
    std::int64_t m_settledEnd = 0;
    ExpertTotals m_settled; // over [m_begin, m_settledEnd): tokens so old that nothing more arrives for them
};

} // namespace bathy::models
