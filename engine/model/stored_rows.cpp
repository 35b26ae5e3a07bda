#include "engine/model/stored_rows.h"

#include <string>

namespace bathy::model {

Result<void> checkRestore(const SequenceState& state, std::int64_t begin, std::int64_t length) {
    if (state.length() > 0)
        return Error(ErrorCode::BadArgument,
                     "only an empty state can be restored, this one has " + std::to_string(state.length()) + " tokens");
    if (begin < 0 || length < begin)
        return Error(ErrorCode::BadFile,
                     "stored rows are of positions " + std::to_string(begin) + " to " + std::to_string(length));
    if (length > state.contextLimit())
        return Error(ErrorCode::ContextFull, "the stored state has " + std::to_string(length) + " tokens, and only " +
                                                 std::to_string(state.contextLimit()) + " fit");
    return {};
}

} // namespace bathy::model
