#include "engine/checkpoint/safetensors_header.h"

#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/json_cursor.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <optional>
#include <unordered_set>

namespace bathy::checkpoint {
namespace {

class HeaderParser {
public:
    HeaderParser(std::string_view json, std::uint64_t dataBytes, std::string_view fileName)
        : m_cursor(json), m_dataBytes(dataBytes), m_fileName(fileName) {
        m_header.names = std::make_unique<std::pmr::monotonic_buffer_resource>();
    }

    Result<TensorDirectory> parse();

private:
    Error bad(const std::string& what) const {
        return Error(ErrorCode::BadFile, std::string(m_fileName) + ": " + what, "download the file again");
    }
    Error badTensor(const std::string& what) const { return bad("tensor " + quotedName(m_name) + ": " + what); }
    Error syntax() const { return bad("header is not valid JSON: " + m_cursor.problem()); }
    // The cursor's problem inside an entry: names the tensor and field when the JSON itself is well-formed so far.
    Error field(const char* name) const { return badTensor(std::string(name) + " " + m_cursor.problem()); }

    std::string_view keepName(std::string_view name);
    Result<void> parseMetadata();
    Result<void> parseTensor();
    Result<void> parseShape(DirectoryTensor& tensor);
    Result<void> parseOffsets(DirectoryTensor& tensor);
    Result<void> checkSize(const DirectoryTensor& tensor);
    Result<void> checkNames();
    Result<void> checkRanges();

    JsonCursor m_cursor;
    std::uint64_t m_dataBytes;
    std::string_view m_fileName;
    TensorDirectory m_header;
    std::string_view m_name; // of the entry that is being read
};

// Element types of the format that nothing here computes with.
bool isLegalButUnused(std::string_view dtype) {
    constexpr std::array<std::string_view, 6> kUnused{"F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ",
                                                      "F6_E2M3", "F6_E3M2",     "C64"};
    return std::find(kUnused.begin(), kUnused.end(), dtype) != kUnused.end();
}

std::string_view HeaderParser::keepName(std::string_view name) {
    if (name.empty())
        return {};
    auto* kept = static_cast<char*>(m_header.names->allocate(name.size(), 1));
    std::memcpy(kept, name.data(), name.size());
    return {kept, name.size()};
}

Result<void> HeaderParser::parseMetadata() {
    std::string_view key;
    std::string_view value;
    if (m_cursor.peek() != '{')
        return bad("__metadata__ is not an object");
    m_cursor.beginObject();
    while (m_cursor.nextMember(key)) {
        if (m_cursor.peek() != '"')
            return bad("__metadata__ has a value that is not a text: " + quotedName(key));
        if (!m_cursor.string(value))
            return syntax();
    }
    if (m_cursor.failed())
        return syntax();
    return {};
}

Result<void> HeaderParser::parseShape(DirectoryTensor& tensor) {
    tensor.shapeAt = static_cast<std::uint32_t>(m_header.dims.size());
    if (!m_cursor.beginArray())
        return field("shape");
    while (m_cursor.nextElement()) {
        std::uint64_t dim = 0;
        if (!m_cursor.unsignedInteger(dim))
            return field("shape");
        if (tensor.rank == kMaxRank)
            return badTensor("shape has more than 8 dimensions");
        ++tensor.rank;
        m_header.dims.push_back(static_cast<std::int64_t>(dim));
    }
    if (m_cursor.failed())
        return field("shape");
    return {};
}

Result<void> HeaderParser::parseOffsets(DirectoryTensor& tensor) {
    std::array<std::uint64_t, 2> offsets{};
    std::size_t count = 0;
    if (!m_cursor.beginArray())
        return field("data_offsets");
    while (m_cursor.nextElement()) {
        std::uint64_t offset = 0;
        if (!m_cursor.unsignedInteger(offset))
            return field("data_offsets");
        if (count < 2)
            offsets[count] = offset;
        ++count;
    }
    if (m_cursor.failed())
        return field("data_offsets");
    if (count != 2)
        return badTensor("data_offsets has " + std::to_string(count) + " numbers, not 2");
    tensor.begin = offsets[0];
    tensor.end = offsets[1];
    return {};
}

Result<void> HeaderParser::checkSize(const DirectoryTensor& tensor) {
    if (tensor.begin > tensor.end)
        return badTensor("data_offsets begin " + std::to_string(tensor.begin) + " lies after the end " +
                         std::to_string(tensor.end));
    if (tensor.end > m_dataBytes)
        return badTensor("data_offsets end " + std::to_string(tensor.end) + " lies beyond the " +
                         std::to_string(m_dataBytes) + " bytes of data");
    // Dimensions are multiplied in file order, zero included, so that [2^40, 2^40, 0] is refused as the reference does.
    std::uint64_t count = 1;
    for (std::size_t i = 0; i < tensor.rank; ++i)
        if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(m_header.dims[tensor.shapeAt + i]), &count))
            return badTensor("shape has more elements than 64 bits can count");
    const auto block = dtypeBlock(tensor.dtype);
    std::uint64_t bits = 0;
    if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(8 * block.bytes / block.elements), &bits))
        return badTensor("shape has more bits than 64 bits can count");
    if (bits % 8 != 0)
        return badTensor("shape does not fill whole bytes");
    if (bits / 8 != tensor.end - tensor.begin)
        return badTensor("data_offsets span " + std::to_string(tensor.end - tensor.begin) + " bytes, shape and dtype " +
                         std::string(dtypeName(tensor.dtype)) + " need " + std::to_string(bits / 8));
    return {};
}

Result<void> HeaderParser::parseTensor() {
    DirectoryTensor tensor;
    tensor.name = m_name;
    if (m_cursor.peek() != '{')
        return badTensor("entry is not an object");
    m_cursor.beginObject();
    bool haveDType = false;
    bool haveShape = false;
    bool haveOffsets = false;
    std::string_view key;
    while (m_cursor.nextMember(key)) {
        bool* have = key == "dtype"          ? &haveDType
                     : key == "shape"        ? &haveShape
                     : key == "data_offsets" ? &haveOffsets
                                             : nullptr;
        if (have && *have)
            return badTensor(std::string(key) + " is given twice");
        if (have)
            *have = true;
        if (have == &haveDType) {
            std::string_view text;
            if (!m_cursor.string(text))
                return field("dtype");
            const auto dtype = dtypeFromName(text);
            if (!dtype && isLegalButUnused(text))
                return Error(ErrorCode::Unsupported, std::string(m_fileName) + ": tensor " + quotedName(m_name) +
                                                         ": dtype " + std::string(text) +
                                                         " is not used by this family");
            if (!dtype)
                return badTensor("dtype " + quotedName(text) + " is unknown");
            tensor.dtype = *dtype;
        } else if (have == &haveShape) {
            BATHY_CHECK(parseShape(tensor));
        } else if (have == &haveOffsets) {
            BATHY_CHECK(parseOffsets(tensor));
        } else if (!m_cursor.skipValue()) {
            return syntax();
        }
    }
    if (m_cursor.failed())
        return syntax();
    if (!haveDType || !haveShape || !haveOffsets)
        return badTensor(std::string(!haveDType ? "dtype" : !haveShape ? "shape" : "data_offsets") + " is missing");
    BATHY_CHECK(checkSize(tensor));
    m_header.tensors.push_back(tensor);
    return {};
}

Result<void> HeaderParser::checkNames() {
    std::pmr::monotonic_buffer_resource memory;
    std::pmr::unordered_set<std::string_view> seen(m_header.tensors.size(), &memory);
    for (const auto& tensor : m_header.tensors)
        if (!seen.insert(tensor.name).second)
            return bad("tensor " + quotedName(tensor.name) + " is listed twice");
    return {};
}

// Ranges, sorted, must follow one another from the first data byte to the last.
Result<void> HeaderParser::checkRanges() {
    const auto& tensors = m_header.tensors;
    std::vector<std::uint32_t> order(tensors.size());
    std::iota(order.begin(), order.end(), 0U);
    const auto before = [&](std::uint32_t a, std::uint32_t b) {
        return std::pair(tensors[a].begin, tensors[a].end) < std::pair(tensors[b].begin, tensors[b].end);
    };
    if (!std::is_sorted(order.begin(), order.end(), before))
        std::sort(order.begin(), order.end(), before);
    std::uint64_t at = 0;
    for (const auto index : order) {
        const auto& tensor = tensors[index];
        m_name = tensor.name;
        if (tensor.begin != at)
            return badTensor("data_offsets begin " + std::to_string(tensor.begin) +
                             (tensor.begin < at ? " overlaps the tensor before, which ends at "
                                                : " leaves a gap after the tensor before, which ends at ") +
                             std::to_string(at));
        at = tensor.end;
    }
    if (at != m_dataBytes)
        return bad("file has " + std::to_string(m_dataBytes) + " bytes of data, the header describes " +
                   std::to_string(at));
    return {};
}

Result<TensorDirectory> HeaderParser::parse() {
    if (!m_cursor.beginObject())
        return syntax();
    bool haveMetadata = false;
    std::string_view key;
    while (m_cursor.nextMember(key)) {
        if (key == "__metadata__") {
            if (std::exchange(haveMetadata, true))
                return bad("__metadata__ is given twice");
            BATHY_CHECK(parseMetadata());
            continue;
        }
        if (m_header.tensors.size() == kMaxTensors)
            return bad("header lists more than 1000000 tensors");
        m_name = keepName(key);
        BATHY_CHECK(parseTensor());
    }
    if (m_cursor.failed() || !m_cursor.finish())
        return syntax();
    BATHY_CHECK(checkNames());
    BATHY_CHECK(checkRanges());
    return std::move(m_header);
}

} // namespace

Result<TensorDirectory> parseSafetensorsHeader(std::span<const std::byte> file, std::string_view fileName) {
    const auto bad = [&](const std::string& what) {
        return Error(ErrorCode::BadFile, std::string(fileName) + ": " + what, "download the file again");
    };
    if (file.size() < 8)
        return bad("file has " + std::to_string(file.size()) + " bytes, too few for a header length");
    std::uint64_t length = 0;
    for (std::size_t i = 8; i-- > 0;)
        length = length << 8 | std::to_integer<std::uint64_t>(file[i]);
    if (length == 0)
        return bad("header length is 0");
    if (length > kMaxHeaderBytes)
        return bad("header length " + std::to_string(length) + " is more than the limit of 100000000");
    if (length > file.size() - 8)
        return bad("header length " + std::to_string(length) + " reaches beyond the file of " +
                   std::to_string(file.size()) + " bytes");
    const std::string_view json(reinterpret_cast<const char*>(file.data()) + 8, static_cast<std::size_t>(length));
    if (json.front() != '{')
        return bad("header is not a JSON object");
    HeaderParser parser(json, file.size() - 8 - length, fileName);
    BATHY_TRY(auto header, parser.parse());
    header.dataOffset = 8 + length;
    return header;
}

} // namespace bathy::checkpoint
