#include "engine/checkpoint/gguf_header.h"

#include "engine/checkpoint/byte_cursor.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <unordered_set>

namespace bathy::checkpoint {
namespace {

constexpr std::uint64_t kLeastValueBytes = 13;  // key length, type, one byte of value
constexpr std::uint64_t kLeastTensorBytes = 24; // name length, dimensions, type, offset
constexpr std::uint64_t kDefaultAlignment = 32;
constexpr std::size_t kMaxGgufRank = 4;

class HeaderParser {
public:
    HeaderParser(std::span<const std::byte> file, std::string_view fileName)
        : m_file(file), m_fileName(fileName), m_cursor(file) {
        m_header.metadata = GgufMetadata(std::string(fileName));
    }

    Result<GgufHeader> parse();

private:
    Error bad(const std::string& what) const {
        return Error(ErrorCode::BadFile, std::string(m_fileName) + ": " + what, "download the file again");
    }
    Error badTensor(const std::string& what) const { return bad("tensor " + quotedName(m_name) + ": " + what); }
    Error badKey(const std::string& what) const { return bad("metadata " + quotedName(m_key) + ": " + what); }

    Result<void> parseStart();
    Result<void> parsePair();
    Result<GgufValue> parseValue();
    Result<GgufValue> parseArray();
    std::string takeString(std::uint64_t limit, std::span<const std::byte>& bytes);
    Result<GgufValueType> parseType(const char* what);
    Result<void> checkBools(std::span<const std::byte> bytes) const;
    Result<void> readAlignment();
    Result<void> parseTensor();
    Result<void> parseDimensions(DirectoryTensor& tensor, std::array<std::uint64_t, kMaxGgufRank>& ne);
    Result<void> placeTensor(DirectoryTensor& tensor, const std::array<std::uint64_t, kMaxGgufRank>& ne,
                             std::uint64_t offset);
    Result<void> checkData();

    std::span<const std::byte> m_file;
    std::string_view m_fileName;
    ByteCursor m_cursor;
    GgufHeader m_header;
    std::string_view m_key;  // being read
    std::string_view m_name; // of the tensor being read
    std::uint64_t m_tensorCount = 0;
    std::uint64_t m_pairCount = 0;
    std::uint64_t m_alignment = kDefaultAlignment;
    bool m_quantised = false;
};

std::string_view textOf(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool isPrintableAscii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

Result<void> HeaderParser::parseStart() {
    constexpr std::uint32_t kMagic = 0x46554747; // "GGUF"
    std::uint32_t magic = 0;
    std::uint32_t version = 0;
    if (!m_cursor.read(magic) || magic != kMagic)
        return bad("does not begin with GGUF");
    if (!m_cursor.read(version))
        return bad("ends before the version");
    if ((version & 0xffff) == 0 && version != 0)
        return Error(ErrorCode::Unsupported, std::string(m_fileName) + ": version is byte-swapped, a big-endian file",
                     "use the little-endian file of the same model");
    if (version != 2 && version != 3)
        return Error(ErrorCode::Unsupported,
                     std::string(m_fileName) + ": version is " + std::to_string(version) + ", readable are 2 and 3",
                     "use a newer file of the same model");
    if (!m_cursor.read(m_tensorCount) || !m_cursor.read(m_pairCount))
        return bad("ends before the counts of tensors and metadata");
    if (m_pairCount > kMaxGgufKeys || m_pairCount > m_cursor.remaining() / kLeastValueBytes)
        return bad("metadata count " + std::to_string(m_pairCount) + " is more than the file can hold");
    if (m_tensorCount > kMaxTensors || m_tensorCount > m_cursor.remaining() / kLeastTensorBytes)
        return bad("tensor count " + std::to_string(m_tensorCount) + " is more than the file can hold");
    return {};
}

// Returns what is wrong; empty when `bytes` is the string.
std::string HeaderParser::takeString(std::uint64_t limit, std::span<const std::byte>& bytes) {
    std::uint64_t length = 0;
    if (!m_cursor.read(length))
        return "the file ends inside a string length";
    if (length > limit)
        return "string length " + std::to_string(length) + " is more than the limit of " + std::to_string(limit);
    if (!m_cursor.take(length, bytes))
        return "string length " + std::to_string(length) + " reaches beyond the file";
    return {};
}

Result<GgufValueType> HeaderParser::parseType(const char* what) {
    std::uint32_t type = 0;
    if (!m_cursor.read(type))
        return badKey(std::string("the file ends before the ") + what);
    if (type >= kGgufValueTypes)
        return badKey(std::string(what) + " " + std::to_string(type) + " is unknown");
    return static_cast<GgufValueType>(type);
}

Result<void> HeaderParser::checkBools(std::span<const std::byte> bytes) const {
    for (const auto value : bytes)
        if (std::to_integer<int>(value) > 1)
            return badKey("bool is " + std::to_string(std::to_integer<int>(value)) + ", neither 0 nor 1");
    return {};
}

Result<GgufValue> HeaderParser::parseArray() {
    GgufValue value;
    value.type = GgufValueType::Array;
    BATHY_TRY(value.elementType, parseType("element type"));
    if (value.elementType == GgufValueType::Array)
        return badKey("arrays of arrays are not allowed");
    if (!m_cursor.read(value.count))
        return badKey("the file ends before the array count");
    const auto width = ggufValueBytes(value.elementType);
    const auto least = width > 0 ? width : 8;
    if (value.count > kMaxGgufArray || value.count > m_cursor.remaining() / least)
        return badKey("array count " + std::to_string(value.count) + " is more than the file can hold");
    const auto begin = m_cursor.position();
    if (width > 0) {
        if (!m_cursor.take(value.count * width, value.bytes))
            return badKey("the array reaches beyond the file");
    } else {
        std::span<const std::byte> text;
        for (std::uint64_t i = 0; i < value.count; ++i)
            if (const auto problem = takeString(kMaxGgufStringBytes, text); !problem.empty())
                return badKey("array element " + std::to_string(i) + ": " + problem);
        value.bytes = m_file.subspan(begin, m_cursor.position() - begin);
    }
    if (value.elementType == GgufValueType::Bool)
        BATHY_CHECK(checkBools(value.bytes));
    return value;
}

Result<GgufValue> HeaderParser::parseValue() {
    BATHY_TRY(const auto type, parseType("value type"));
    if (type == GgufValueType::Array)
        return parseArray();
    GgufValue value;
    value.type = type;
    if (type == GgufValueType::String) {
        if (const auto problem = takeString(kMaxGgufStringBytes, value.bytes); !problem.empty())
            return badKey(problem);
        return value;
    }
    if (!m_cursor.take(ggufValueBytes(type), value.bytes))
        return badKey("the file ends inside the value");
    if (type == GgufValueType::Bool)
        BATHY_CHECK(checkBools(value.bytes));
    return value;
}

Result<void> HeaderParser::parsePair() {
    std::span<const std::byte> key;
    if (const auto problem = takeString(kMaxGgufKeyBytes, key); !problem.empty())
        return bad("metadata key " + std::to_string(m_header.metadata.entries().size()) + ": " + problem);
    m_key = textOf(key);
    if (m_key.empty())
        return bad("metadata has an empty key");
    if (!isPrintableAscii(m_key))
        return badKey("the key is not printable ASCII");
    BATHY_TRY(const auto value, parseValue());
    if (!m_header.metadata.add(m_key, value))
        return badKey("the key stands there twice");
    return {};
}

Result<void> HeaderParser::readAlignment() {
    const auto* value = m_header.metadata.find("general.alignment");
    if (!value)
        return {};
    m_key = "general.alignment";
    if (value->type != GgufValueType::U32)
        return badKey("is of type " + std::string(ggufValueName(value->type)) + ", not u32");
    BATHY_TRY(const auto alignment, m_header.metadata.integer(m_key, 0, 0xffff'ffff));
    if (alignment < 8 || alignment > 65'536 || (alignment & (alignment - 1)) != 0)
        return badKey(std::to_string(alignment) + " is no power of two from 8 to 65536");
    m_alignment = static_cast<std::uint64_t>(alignment);
    return {};
}

Result<void> HeaderParser::parseDimensions(DirectoryTensor& tensor, std::array<std::uint64_t, kMaxGgufRank>& ne) {
    std::uint32_t rank = 0;
    if (!m_cursor.read(rank))
        return badTensor("the file ends before the number of dimensions");
    if (rank == 0 || rank > kMaxGgufRank)
        return badTensor("number of dimensions is " + std::to_string(rank) + ", outside 1 to 4");
    std::uint64_t count = 1;
    for (std::uint32_t i = 0; i < rank; ++i) {
        if (!m_cursor.read(ne[i]))
            return badTensor("the file ends inside the dimensions");
        if (ne[i] == 0 || ne[i] > kMaxGgufDimension)
            return badTensor("dimension " + std::to_string(i) + " is " + std::to_string(ne[i]) +
                             ", outside 1 to 2147483648");
        if (__builtin_mul_overflow(count, ne[i], &count) || count > std::uint64_t{1} << 62)
            return badTensor("dimensions have more elements than 64 bits can count");
    }
    tensor.rank = static_cast<std::uint8_t>(rank);
    tensor.shapeAt = static_cast<std::uint32_t>(m_header.directory.dims.size());
    for (auto i = rank; i-- > 0;)
        m_header.directory.dims.push_back(static_cast<std::int64_t>(ne[i]));
    return {};
}

Result<void> HeaderParser::placeTensor(DirectoryTensor& tensor, const std::array<std::uint64_t, kMaxGgufRank>& ne,
                                       std::uint64_t offset) {
    const auto block = dtypeBlock(tensor.dtype);
    const auto elements = static_cast<std::uint64_t>(block.elements);
    if (ne[0] % elements != 0)
        return badTensor("dimension 0 is " + std::to_string(ne[0]) + ", no multiple of the " +
                         std::to_string(elements) + " elements of a " + std::string(dtypeName(tensor.dtype)) +
                         " block");
    auto bytes = ne[0] / elements * static_cast<std::uint64_t>(block.bytes);
    for (std::size_t i = 1; i < tensor.rank; ++i)
        if (__builtin_mul_overflow(bytes, ne[i], &bytes))
            return badTensor("dimensions have more bytes than 64 bits can count");
    if (offset % m_alignment != 0)
        return badTensor("offset " + std::to_string(offset) + " is no multiple of the alignment " +
                         std::to_string(m_alignment));
    tensor.begin = offset;
    if (__builtin_add_overflow(offset, bytes, &tensor.end))
        return badTensor("offset " + std::to_string(offset) + " and size wrap around");
    return {};
}

Result<void> HeaderParser::parseTensor() {
    const auto number = std::to_string(m_header.directory.tensors.size());
    std::span<const std::byte> name;
    if (const auto problem = takeString(kMaxGgufNameBytes, name); !problem.empty())
        return bad("name of tensor " + number + ": " + problem);
    m_name = textOf(name);
    if (m_name.empty())
        return bad("tensor " + number + " has an empty name");
    if (!isPrintableAscii(m_name))
        return badTensor("the name is not printable ASCII");
    DirectoryTensor tensor;
    tensor.name = m_name;
    std::array<std::uint64_t, kMaxGgufRank> ne{1, 1, 1, 1};
    BATHY_CHECK(parseDimensions(tensor, ne));
    std::uint32_t id = 0;
    std::uint64_t offset = 0;
    if (!m_cursor.read(id) || !m_cursor.read(offset))
        return badTensor("the file ends before type and offset");
    const auto type = ggufTensorType(id);
    if (!type)
        return badTensor("type " + std::to_string(id) + " is none that the format defines");
    if (!type->dtype)
        return Error(ErrorCode::Unsupported,
                     std::string(m_fileName) + ": tensor " + quotedName(m_name) + ": type " + std::string(type->name) +
                         " cannot be read here; readable are " + supportedGgufTypes(),
                     "use a file of the same model in another quantisation, such as Q4_K_M");
    tensor.dtype = *type->dtype;
    m_quantised = m_quantised || isBlockType(tensor.dtype);
    BATHY_CHECK(placeTensor(tensor, ne, offset));
    m_header.directory.tensors.push_back(tensor);
    return {};
}

// Names once each, every range inside the data, no two that overlap. Gaps are allowed: writers pad.
Result<void> HeaderParser::checkData() {
    auto& directory = m_header.directory;
    const auto infoEnd = m_cursor.position();
    directory.dataOffset = (infoEnd + m_alignment - 1) / m_alignment * m_alignment;
    if (directory.tensors.empty()) {
        directory.dataOffset = std::min<std::uint64_t>(directory.dataOffset, m_file.size());
        return {};
    }
    if (directory.dataOffset > m_file.size())
        return bad("the data would begin at " + std::to_string(directory.dataOffset) + ", beyond the file of " +
                   std::to_string(m_file.size()) + " bytes");
    const auto dataBytes = m_file.size() - directory.dataOffset;
    std::unordered_set<std::string_view> seen;
    for (const auto& tensor : directory.tensors) {
        m_name = tensor.name;
        if (!seen.insert(tensor.name).second)
            return badTensor("is listed twice");
        if (tensor.end > dataBytes)
            return badTensor("offset " + std::to_string(tensor.begin) + " and " +
                             std::to_string(tensor.end - tensor.begin) + " bytes reach beyond the " +
                             std::to_string(dataBytes) + " bytes of data");
    }
    std::vector<std::uint32_t> order(directory.tensors.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(),
              [&](auto a, auto b) { return directory.tensors[a].begin < directory.tensors[b].begin; });
    for (std::size_t i = 1; i < order.size(); ++i) {
        const auto& before = directory.tensors[order[i - 1]];
        const auto& tensor = directory.tensors[order[i]];
        m_name = tensor.name;
        if (tensor.begin < before.end)
            return badTensor("offset " + std::to_string(tensor.begin) + " overlaps tensor " + quotedName(before.name) +
                             ", which ends at " + std::to_string(before.end));
    }
    return {};
}

Result<GgufHeader> HeaderParser::parse() {
    BATHY_CHECK(parseStart());
    for (std::uint64_t i = 0; i < m_pairCount; ++i)
        BATHY_CHECK(parsePair());
    BATHY_CHECK(readAlignment());
    if (m_tensorCount > m_cursor.remaining() / kLeastTensorBytes)
        return bad("tensor count " + std::to_string(m_tensorCount) + " is more than the file can hold");
    for (std::uint64_t i = 0; i < m_tensorCount; ++i)
        BATHY_CHECK(parseTensor());
    if (m_quantised)
        BATHY_CHECK(m_header.metadata.integer("general.quantization_version", 2, 2, 2));
    BATHY_CHECK(checkData());
    return std::move(m_header);
}

} // namespace

Result<GgufHeader> parseGgufHeader(std::span<const std::byte> file, std::string_view fileName) {
    return HeaderParser(file, fileName).parse();
}

} // namespace bathy::checkpoint
