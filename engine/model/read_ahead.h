// Brings mapped weights into memory before a kernel asks for them, piece by piece in the order in which they will be
// asked for.
#pragma once

#include "engine/base/result.h"
#include "engine/checkpoint/checkpoint.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

namespace bathy::model {

using WeightRange = std::span<const std::byte>;

// What a forward pass reads: all of the first for every token, of the second what a token happens to need.
struct WeightRanges {
    std::vector<WeightRange> everyToken;
    std::vector<WeightRange> someTokens;
};

// Reads the first `budget` bytes of `ranges` and waits for them. `progress` hears the bytes read and how many it will
// be, a few times a second and once at the end; may be empty. Returns the bytes read. A page that cannot be read ends
// it early without an error: whoever needs the page will say so. Errors: Cancelled.
Result<std::uint64_t> readWeights(std::span<const WeightRange> ranges, std::uint64_t budget,
                                  const std::function<void(std::uint64_t done, std::uint64_t total)>& progress,
                                  const std::stop_token& stop);

// The same on a thread of its own, while the model already works. Its end stops the reading, within the time of one
// piece.
class ReadAhead {
public:
    // `files` are kept open meanwhile.
    ReadAhead(std::shared_ptr<const checkpoint::Checkpoint> files, std::vector<WeightRange> ranges,
              std::uint64_t budget);

private:
    std::jthread m_thread;
};

} // namespace bathy::model
