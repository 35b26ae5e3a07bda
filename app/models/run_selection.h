// Ties the selection to the recorder: it looks at the recorder's current conversation and knows how long that is. UI
// thread.
#pragma once

#include "app/bridge/selection.h"
#include "app/models/run_recorder.h"

namespace bathy::models {

// Holds as long as both live.
void keepSelectionWithin(RunRecorder& runs, bridge::Selection& selection);

} // namespace bathy::models
