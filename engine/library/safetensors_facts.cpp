#include "engine/checkpoint/json_cursor.h"
#include "engine/library/format_facts.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>

namespace bathy::library {
namespace {

using checkpoint::JsonCursor;

// Far above any published shard (a few megabytes), far below what would hurt while scanning hundreds of files.
constexpr std::uint64_t kMaxHeader = 32'000'000;

struct Tensor {
    std::string dtype;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint64_t rank = 0;
};

bool readTensor(JsonCursor& json, Tensor& tensor) {
    if (!json.beginObject())
        return false;
    for (std::string_view key; json.nextMember(key);) {
        if (key == "dtype") {
            std::string_view text;
            if (!json.string(text))
                return false;
            tensor.dtype = text;
        } else if (key == "shape" || key == "data_offsets") {
            const bool offsets = key == "data_offsets";
            std::uint64_t count = 0;
            if (!json.beginArray())
                return false;
            for (std::uint64_t value = 0; json.nextElement(); ++count) {
                if (!json.unsignedInteger(value))
                    return false;
                if (offsets)
                    (count == 0 ? tensor.begin : tensor.end) = value;
            }
            if (!offsets)
                tensor.rank = count;
        } else if (!json.skipValue()) {
            return false;
        }
    }
    return !json.failed();
}

// Matrices of bytes are FP4 values, two a byte, in the checkpoints that have them.
std::string label(const Tensor& tensor) {
    if (tensor.dtype == "F8_E4M3")
        return "FP8";
    if ((tensor.dtype == "I8" || tensor.dtype == "U8") && tensor.rank >= 2)
        return "FP4";
    return plainName(tensor.dtype);
}

} // namespace

Result<void> readSafetensors(HeaderWindow& window, FileFacts& facts) {
    const auto bad = [](const std::string& what) { return Error(ErrorCode::BadFile, what); };
    std::uint64_t length = 0;
    BATHY_TRY(const auto prefix, window.take(sizeof(length)));
    std::memcpy(&length, prefix.data(), sizeof(length));
    static_assert(std::endian::native == std::endian::little);
    if (length > window.left())
        return bad("header length " + std::to_string(length) + " reaches beyond the file");
    if (length > kMaxHeader)
        return bad("header length " + std::to_string(length) + " is more than the library reads");
    BATHY_TRY(const auto bytes, window.take(static_cast<std::size_t>(length)));
    const auto dataBytes = window.left();
    JsonCursor json({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    std::map<std::string, std::uint64_t> bytesBy;
    std::uint64_t end = 0;
    json.beginObject();
    for (std::string_view key; json.nextMember(key);) {
        if (key == "__metadata__") {
            json.skipValue();
            continue;
        }
        Tensor tensor;
        if (!readTensor(json, tensor))
            break;
        if (tensor.begin > tensor.end || tensor.end > dataBytes)
            return bad("the header describes more bytes than the file has");
        bytesBy[label(tensor)] += tensor.end - tensor.begin;
        end = std::max(end, tensor.end);
    }
    if (json.failed())
        return bad("header: " + json.problem());
    if (end < dataBytes)
        return bad("the file has more bytes than the header describes");
    const auto most = std::max_element(bytesBy.begin(), bytesBy.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    facts.quantisation = most == bytesBy.end() ? std::string() : most->first;
    return {};
}

} // namespace bathy::library
