// Bytes from outside as a GGUF file. What is accepted must keep every promise of the header's contract, and every value
// must be readable by each of the typed questions without leaving the file.
#include "engine/checkpoint/gguf_header.h"

#include <cstdlib>
#include <limits>

namespace {

using bathy::checkpoint::GgufMetadata;

void askEverything(const GgufMetadata& metadata) {
    constexpr auto kLow = std::numeric_limits<std::int64_t>::min();
    constexpr auto kHigh = std::numeric_limits<std::int64_t>::max();
    for (const auto& [key, value] : metadata.entries()) {
        static_cast<void>(metadata.integer(key, kLow, kHigh));
        static_cast<void>(metadata.number(key, 0, 1));
        static_cast<void>(metadata.boolean(key));
        static_cast<void>(metadata.string(key, 100));
        static_cast<void>(metadata.integers(key, kLow, kHigh));
        static_cast<void>(metadata.numbers(key, 0, 1));
        static_cast<void>(metadata.integerPerLayer(key, 4, 0, 9));
        const auto texts = metadata.strings(key);
        if (texts && texts->size() != value.count)
            std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto header = bathy::checkpoint::parseGgufHeader(std::as_bytes(std::span(data, size)), "fuzz.gguf");
    if (!header)
        return header.error().what().empty() ? std::abort(), 0 : 0;
    const auto& directory = header->directory;
    for (const auto& tensor : directory.tensors) {
        std::uint64_t count = 1;
        for (std::size_t i = 0; i < tensor.rank; ++i)
            count *= static_cast<std::uint64_t>(directory.dims[tensor.shapeAt + i]);
        if (tensor.end <= tensor.begin || directory.dataOffset + tensor.end > size ||
            bathy::dtypeBytes(tensor.dtype, count) != tensor.end - tensor.begin)
            std::abort();
    }
    askEverything(header->metadata);
    return 0;
}
