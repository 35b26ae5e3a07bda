#include "app/models/run_selection.h"

namespace bathy::models {

void keepSelectionWithin(RunRecorder& runs, bridge::Selection& selection) {
    const auto follow = [&runs, &selection] {
        selection.setSession(runs.current());
        selection.setTokenCount(runs.tokenCount(runs.current()));
    };
    QObject::connect(&runs, &RunRecorder::currentChanged, &selection, follow);
    QObject::connect(&runs, &RunRecorder::runsChanged, &selection, follow);
    follow();
}

} // namespace bathy::models
