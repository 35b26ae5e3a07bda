#include "engine/model/gguf/block_check.h"

#include <algorithm>
#include <cstring>
#include <span>

namespace bathy::model::gguf {
namespace {

constexpr std::size_t kBlocksAtOnce = 1 << 15; // between two looks at the stop token

// Where half-float scales stand in a block.
std::span<const std::size_t> halfScales(DType dtype) {
    static constexpr std::size_t kFirst[] = {0};
    static constexpr std::size_t kFirstTwo[] = {0, 2};
    static constexpr std::size_t kQ2[] = {80, 82};
    static constexpr std::size_t kQ3[] = {108};
    static constexpr std::size_t kQ6[] = {208};
    switch (dtype) {
    case DType::Q2_K:
        return kQ2;
    case DType::Q3_K:
        return kQ3;
    case DType::Q6_K:
        return kQ6;
    case DType::Q4_1:
    case DType::Q5_1:
    case DType::Q4_K:
    case DType::Q5_K:
        return kFirstTwo;
    case DType::MXFP4:
    case DType::NVFP4: // every code is a number
        return {};
    default:
        return kFirst;
    }
}

bool isBad(DType dtype, std::span<const std::size_t> scales, const std::byte* block) {
    if (dtype == DType::MXFP4)
        return block[0] == std::byte{0xff};
    return std::any_of(scales.begin(), scales.end(), [&](std::size_t at) {
        std::uint16_t bits = 0;
        std::memcpy(&bits, block + at, 2);
        return (bits & 0x7c00u) == 0x7c00u;
    });
}

// Index of the first bad block, or -1.
Result<std::int64_t> scan(const checkpoint::TensorView& tensor, const std::stop_token& stop) {
    const auto scales = halfScales(tensor.dtype);
    const auto bytes = static_cast<std::size_t>(dtypeBlock(tensor.dtype).bytes);
    for (std::size_t i = 0; i < tensor.bytes.size() / bytes; ++i) {
        if (i % kBlocksAtOnce == 0 && stop.stop_requested())
            return cancelled();
        if (isBad(tensor.dtype, scales, tensor.bytes.data() + i * bytes))
            return static_cast<std::int64_t>(i);
    }
    return std::int64_t{-1};
}

bool hasScales(DType dtype) {
    return isBlockType(dtype) && dtype != DType::NVFP4;
}

} // namespace

Result<std::vector<std::string>> checkBlocks(const checkpoint::Checkpoint& checkpoint,
                                             const std::function<void(std::uint64_t, std::uint64_t)>& progress,
                                             const std::stop_token& stop) {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < checkpoint.tensorCount(); ++i)
        total += hasScales(checkpoint.tensor(i).dtype) ? checkpoint.tensor(i).bytes.size() : 0;
    std::vector<std::string> problems;
    std::uint64_t done = 0;
    for (std::size_t i = 0; i < checkpoint.tensorCount(); ++i) {
        const auto tensor = checkpoint.tensor(i);
        if (!hasScales(tensor.dtype))
            continue;
        BATHY_TRY(const auto bad, scan(tensor, stop));
        if (bad >= 0)
            problems.push_back(std::string(tensor.name) + ": block " + std::to_string(bad) + " of type " +
                               std::string(dtypeName(tensor.dtype)) + " has a scale that is no finite number");
        done += tensor.bytes.size();
        if (progress)
            progress(done, total);
    }
    return problems;
}

} // namespace bathy::model::gguf
