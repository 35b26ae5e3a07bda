// Bytes from outside as a safetensors file. What is accepted must keep every promise of the header's contract.
#include "engine/checkpoint/safetensors_header.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto file = std::as_bytes(std::span(data, size));
    const auto header = bathy::checkpoint::parseSafetensorsHeader(file, "fuzz.safetensors");
    if (!header)
        return header.error().what().empty() ? std::abort(), 0 : 0;
    std::uint64_t bytes = 0;
    for (const auto& tensor : header->tensors) {
        std::uint64_t count = 1;
        for (std::size_t i = 0; i < tensor.rank; ++i)
            count *= static_cast<std::uint64_t>(header->dims[tensor.shapeAt + i]);
        if (tensor.end < tensor.begin || header->dataOffset + tensor.end > size ||
            bathy::dtypeBytes(tensor.dtype, count) != tensor.end - tensor.begin)
            std::abort();
        bytes += tensor.end - tensor.begin;
    }
    if (header->dataOffset + bytes != size)
        std::abort();
    return 0;
}
