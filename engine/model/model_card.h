// What one can know of a checkpoint without running it, as plain data: for `bathy info` and for the desktop's card.
#pragma once

#include "engine/model/deepseek_v4/open.h"

#include <cstdint>
#include <string>
#include <vector>

namespace bathy::model {

struct ComponentCount {
    std::string name; // "routed experts"
    std::uint64_t total = 0;
    std::uint64_t active = 0;
};

struct DTypeBytes {
    std::string name; // as in the file: "F8_E4M3"; "FP4" for matrices packed under an integer type
    std::uint64_t bytes = 0;
};

// Conversation memory under one way of storing it.
struct KvCost {
    std::string name;
    double bytesPerToken = 0;        // marginal, long-run average
    std::uint64_t constantBytes = 0; // window rings, whatever the length
    std::vector<std::uint64_t> at;   // bytes held at kKvLengths tokens, window rings included
};
inline constexpr std::int64_t kKvLengths[] = {4096, 131'072, 1'048'576};

struct ModelCard {
    std::string name;
    std::string path; // the folder
    std::string family;
    std::string fingerprint;
    std::uint64_t parametersTotal = 0; // draft stages not counted
    std::uint64_t parametersActive = 0;
    std::uint64_t parametersDraft = 0;
    std::vector<ComponentCount> components;
    std::uint64_t tensorCount = 0;
    std::uint64_t weightBytes = 0;
    std::vector<DTypeBytes> bytesByDtype; // largest first
    std::vector<deepseek_v4::LayerConfig> layers;
    std::string draftKind; // "MTP", "DSpark" or empty
    int draftStages = 0;
    std::vector<KvCost> kv; // first: the packed form; then others, then other architectures for comparison
    std::vector<std::string> warnings;
};

ModelCard describeModel(const deepseek_v4::OpenedModel& model);

} // namespace bathy::model
