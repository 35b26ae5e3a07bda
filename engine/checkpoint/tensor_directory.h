// What the header of one file says about its tensors, checked: every range lies inside the file. The same for every
// file format. Plain data; names live as long as the directory and the mapped file.
#pragma once

#include "engine/base/dtype.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::checkpoint {

inline constexpr std::size_t kMaxTensors = 1'000'000;

struct DirectoryTensor {
    std::string_view name;
    DType dtype{};
    std::uint8_t rank = 0;
    std::uint32_t shapeAt = 0; // first dimension in TensorDirectory::dims
    std::uint64_t begin = 0;   // bytes from the start of the data
    std::uint64_t end = 0;
};

struct TensorDirectory {
    std::uint64_t dataOffset = 0;         // of the first data byte in the file
    std::vector<DirectoryTensor> tensors; // as listed in the file
    std::vector<std::int64_t> dims;       // of elements, row-major: the last one varies fastest
    std::unique_ptr<std::pmr::monotonic_buffer_resource>
        names; // storage of names that do not stand in the file as such
};

// A name from outside, for a message: in quotes, printable, shortened.
std::string quotedName(std::string_view name);

} // namespace bathy::checkpoint
