#include "engine/checkpoint/shard_index.h"

#include "engine/checkpoint/json_cursor.h"
#include "engine/checkpoint/tensor_directory.h"

#include <memory_resource>
#include <unordered_map>
#include <unordered_set>

namespace bathy::checkpoint {
namespace {

// The name becomes a path: it must not be able to leave the folder, on any system this may run on.
std::optional<std::string> refusedFileName(std::string_view name) {
    constexpr std::string_view kSuffix = ".safetensors";
    if (name.size() <= kSuffix.size() || name.substr(name.size() - kSuffix.size()) != kSuffix)
        return "does not end in .safetensors";
    if (name.size() > 255)
        return "is longer than 255 bytes";
    if (name.find("..") != std::string_view::npos)
        return "contains \"..\"";
    for (const char c : name)
        if (c == '/' || c == '\\' || c == ':' || static_cast<unsigned char>(c) < 0x20)
            return "is not a plain file name";
    return std::nullopt;
}

class IndexParser {
public:
    IndexParser(std::string_view json, std::string_view fileName) : m_cursor(json), m_fileName(fileName) {}

    Result<ShardIndex> parse();

private:
    Error bad(const std::string& what) const {
        return Error(ErrorCode::BadFile, std::string(m_fileName) + ": " + what, "download the file again");
    }
    Error syntax() const { return bad("is not a valid index: " + m_cursor.problem()); }
    Result<void> parseMetadata();
    Result<void> parseWeightMap();
    Result<std::uint32_t> shardOf(std::string_view tensor, std::string_view file);

    JsonCursor m_cursor;
    std::string_view m_fileName;
    ShardIndex m_index;
    std::unordered_map<std::string, std::uint32_t> m_files;
};

Result<void> IndexParser::parseMetadata() {
    if (m_cursor.peek() != '{') {
        m_cursor.skipValue();
        return {};
    }
    m_cursor.beginObject();
    std::string_view key;
    while (m_cursor.nextMember(key)) {
        const char first = m_cursor.peek();
        if (key == "total_size" && first >= '0' && first <= '9') {
            std::uint64_t size = 0;
            if (!m_cursor.unsignedInteger(size))
                return bad("metadata.total_size " + m_cursor.problem());
            m_index.totalSize = size;
        } else if (!m_cursor.skipValue()) {
            return syntax();
        }
    }
    return {};
}

Result<std::uint32_t> IndexParser::shardOf(std::string_view tensor, std::string_view file) {
    const auto [entry, added] = m_files.try_emplace(std::string(file), static_cast<std::uint32_t>(m_files.size()));
    if (!added)
        return entry->second;
    if (const auto why = refusedFileName(file))
        return bad("weight_map names the file " + quotedName(file) + " for tensor " + quotedName(tensor) + ", which " +
                   *why);
    if (m_files.size() > kMaxShards)
        return bad("weight_map names more than 10000 files");
    m_index.files.emplace_back(file);
    return entry->second;
}

Result<void> IndexParser::parseWeightMap() {
    if (m_cursor.peek() != '{')
        return bad("weight_map is not an object");
    m_cursor.beginObject();
    std::string_view key;
    while (m_cursor.nextMember(key)) {
        std::string name(key);
        std::string_view file;
        if (m_cursor.peek() != '"')
            return bad("weight_map names no file for tensor " + quotedName(name));
        if (!m_cursor.string(file))
            return syntax();
        if (m_index.weightMap.size() == kMaxTensors)
            return bad("weight_map lists more than 1000000 tensors");
        BATHY_TRY(const auto shard, shardOf(name, file));
        m_index.weightMap.emplace_back(std::move(name), shard);
    }
    return {};
}

Result<ShardIndex> IndexParser::parse() {
    bool haveMap = false;
    std::string_view key;
    if (!m_cursor.beginObject())
        return syntax();
    while (m_cursor.nextMember(key)) {
        if (key == "metadata") {
            BATHY_CHECK(parseMetadata());
        } else if (key == "weight_map") {
            if (std::exchange(haveMap, true))
                return bad("weight_map is given twice");
            BATHY_CHECK(parseWeightMap());
        } else if (!m_cursor.skipValue()) {
            return syntax();
        }
    }
    if (m_cursor.failed() || !m_cursor.finish())
        return syntax();
    if (!haveMap)
        return bad("weight_map is missing");
    if (m_index.weightMap.empty())
        return bad("weight_map is empty");
    std::pmr::monotonic_buffer_resource memory;
    std::pmr::unordered_set<std::string_view> seen(m_index.weightMap.size(), &memory);
    for (const auto& [name, shard] : m_index.weightMap)
        if (!seen.insert(name).second)
            return bad("weight_map lists tensor " + quotedName(name) + " twice");
    return std::move(m_index);
}

} // namespace

Result<ShardIndex> parseShardIndex(std::string_view json, std::string_view fileName) {
    return IndexParser(json, fileName).parse();
}

} // namespace bathy::checkpoint
