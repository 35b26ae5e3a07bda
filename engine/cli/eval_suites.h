// The suites of bathy eval. Each prints its result and returns the exit code. Main thread.
#pragma once

#include "engine/base/result.h"
#include "engine/cli/io.h"
#include "engine/evaluate/item.h"
#include "engine/evaluate/score.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bathy::cli {

struct EvalOptions {
    std::string model;
    std::string suite;
    std::string data;       // a folder, or for basics one file of questions; empty: the folder that ships
    std::string out;        // empty: a new folder named after the suite and the time
    std::int64_t limit = 0; // questions of each skill at most; 0: all
    bool resume = false;
    std::vector<std::int64_t> lengths{4096, 16384}; // passkey
    int trials = 50;                                // passkey: for each length
    int decoys = 0;                                 // passkey
    std::string skill;                              // routing: a domain of questions; empty: the first
    std::string text;                               // routing: empty: the first
};

// basics: every question of the data folder; passkey: needles in long texts, made by rule.
Result<int> evalBasics(Io& io, const EvalOptions& options);
Result<int> evalPasskey(Io& io, const EvalOptions& options);
// The three proofs of engine/evaluate/routing_proofs.h.
Result<int> evalRouting(Io& io, const EvalOptions& options);
// How evenly the experts are used over all texts and questions.
Result<int> evalLoad(Io& io, const EvalOptions& options);

// How often the first token that the draft block guesses is the one the model takes.
Result<int> evalDrafts(Io& io, const EvalOptions& options);

// Where the questions and texts are: what was named, else the folder that ships beside the bundled checkpoint.
// Errors: NotFound.
Result<std::filesystem::path> evalData(const EvalOptions& options);
// At most `limit` questions of each skill, in their order; 0: all.
std::vector<evaluate::Item> limited(std::vector<evaluate::Item> items, std::int64_t limit);
Json scoreJson(const evaluate::Score& score);

} // namespace bathy::cli
