#include "engine/model/model.h"

namespace bathy::model {

Result<void> Model::draft(SequenceState& /*state*/, TokenId /*token*/, const DraftOptions& /*options*/) {
    return Error(ErrorCode::Unsupported, "the model has no block that guesses tokens ahead");
}

} // namespace bathy::model
