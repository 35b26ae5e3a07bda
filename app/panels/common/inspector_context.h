// What every inspection panel is given. The references outlive the panels.
#pragma once

#include "app/bridge/selection.h"
#include "app/models/run_recorder.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace bathy::models {
class EvidencePresenter;
class ExpertBans;
} // namespace bathy::models

namespace bathy::panels {

struct InspectorContext {
    models::RunRecorder& runs;
    bridge::Selection& selection;
    // Asks the engine to plan memory for these token counts; the answer reaches `runs` as an event. May be empty.
    std::function<void(std::vector<std::int64_t> contexts)> planMemory;
    // What the conversation on screen goes without; null: experts cannot be knocked out here. Outlives the panels.
    models::ExpertBans* bans = nullptr;
    // Who knows what a token was read from; null: nobody. Outlives the panels.
    models::EvidencePresenter* evidence = nullptr;
};

} // namespace bathy::panels
