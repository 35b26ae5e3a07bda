// What a capture holds, in numbers and per generation, and how two of them differ. Pure functions over the reader.
#pragma once

#include "engine/cli/io.h"
#include "engine/wire/capture.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bathy::cli {

struct CapturedGeneration {
    GenerationId id{};
    std::vector<TokenId> tokens; // generated, in order
    bool finished = false;
    // Chosen experts, sorted, by (position, layer).
    std::map<std::pair<std::int64_t, std::int32_t>, std::vector<std::uint16_t>> routes;
};

struct CaptureSummary {
    std::string model;
    std::uint64_t events = 0;
    std::uint64_t promptTokens = 0;
    std::uint64_t generatedTokens = 0;
    std::uint64_t routing = 0;
    std::uint64_t spans = 0;
    std::uint64_t dropped = 0;
    std::vector<CapturedGeneration> generations; // in order of appearance
};

// Errors: BadFile.
Result<CaptureSummary> summarize(const wire::CaptureReader& reader);
Json summaryJson(const CaptureSummary& summary, const wire::CaptureReader& reader);

struct CaptureDifference {
    bool equal = true;
    std::optional<std::int64_t> firstToken; // index among all generated tokens
    std::uint64_t tokensCompared = 0;
    std::uint64_t routesCompared = 0;
    std::uint64_t routesDifferent = 0;
    std::vector<std::string> lines; // for people
};
CaptureDifference compare(const CaptureSummary& a, const CaptureSummary& b);

} // namespace bathy::cli
