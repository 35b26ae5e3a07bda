#include "engine/snapshot/snapshot_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>

namespace bathy::snapshot {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kMagic = "BATHYSNP";
constexpr std::uint32_t kVersion = 1;
constexpr std::uint64_t kLargestJson = std::uint64_t{1} << 20;
constexpr std::uint64_t kLargestTokens = std::uint64_t{1} << 31;

// Little-endian, like every number of the file.
struct Head {
    char magic[8];
    std::uint32_t version;
    std::uint32_t none;
    std::uint64_t jsonBytes;
    std::uint64_t blocks;
    std::uint64_t tokens;
    std::uint64_t recentBytes;
    std::uint64_t logits;
    ContentHash headHash; // of the fields above, the JSON and the blocks
    ContentHash bodyHash; // of tokens, recent rows and logits
};
static_assert(sizeof(Head) == 88);
constexpr std::size_t kHashedHead = 56;

struct Sections {
    std::span<const std::byte> json, blocks, tokens, recent, logits;
};

template <class T>
std::span<const std::byte> bytesOf(const std::vector<T>& values) {
    return std::as_bytes(std::span(values));
}

template <class T>
std::vector<T> valuesOf(std::span<const std::byte> bytes) {
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!bytes.empty())
        std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

std::string jsonOf(const Header& header) {
    auto bans = Json::array();
    for (const auto& ban : header.origin.bannedExperts)
        bans.push_back({raw(ban.layer), raw(ban.expert)});
    return Json{{"name", header.name},
                {"model", header.model},
                {"checkpoint", header.origin.checkpoint},
                {"vocabulary", header.origin.vocabulary},
                {"precision", kPrecisionNames.at(static_cast<std::size_t>(header.origin.precision))},
                {"kv", kKvFormatNames.at(static_cast<std::size_t>(header.origin.kvFormat))},
                {"banned_experts", std::move(bans)},
                {"state_layout", kStateLayout},
                {"created_at", header.createdAt},
                {"block_tokens", header.blockTokens}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Reads fields of the head's JSON; the first one that is not what it must be is the error.
class FieldReader {
public:
    FieldReader(const Json& json, std::string_view name) : m_json(json), m_name(name) {}

    Result<std::string> text(const char* field) const {
        const auto found = m_json.find(field);
        if (found == m_json.end() || !found->is_string())
            return bad(field, "is not a text");
        return found->get<std::string>();
    }
    Result<std::int64_t> number(const char* field, std::int64_t least, std::int64_t most) const {
        const auto found = m_json.find(field);
        if (found == m_json.end() || !found->is_number_integer() ||
            (found->is_number_unsigned() && found->get<std::uint64_t>() > static_cast<std::uint64_t>(most)) ||
            found->get<std::int64_t>() < least || found->get<std::int64_t>() > most)
            return bad(field, "is no number from " + std::to_string(least) + " to " + std::to_string(most));
        return found->get<std::int64_t>();
    }
    template <std::size_t N>
    Result<std::size_t> word(const char* field, const std::array<const char*, N>& words) const {
        BATHY_TRY(const auto found, text(field));
        const auto at = std::find(words.begin(), words.end(), found);
        if (at == words.end() || found == "auto")
            return Error(ErrorCode::Unsupported,
                         std::string(m_name) + ": " + field + " is a word that this build does not know",
                         "its conversation is read again from its text");
        return static_cast<std::size_t>(at - words.begin());
    }
    Result<std::vector<ExpertRef>> experts(const char* field) const {
        const auto found = m_json.find(field);
        if (found == m_json.end() || !found->is_array())
            return bad(field, "is no list");
        std::vector<ExpertRef> experts;
        for (const auto& item : *found) {
            if (!item.is_array() || item.size() != 2 || !item[0].is_number_unsigned() ||
                !item[1].is_number_unsigned() || item[0] > 100'000 || item[1] > 100'000)
                return bad(field, "holds something else than pairs of layer and expert");
            experts.push_back({LayerId{item[0].get<std::int32_t>()}, ExpertId{item[1].get<std::int32_t>()}});
        }
        return experts;
    }

private:
    Error bad(const char* field, const std::string& what) const {
        return {ErrorCode::BadFile, std::string(m_name) + ": " + field + " " + what,
                "delete this snapshot; its conversation is read again from its text"};
    }

    const Json& m_json;
    std::string_view m_name;
};

Error damaged(std::string_view name, const std::string& what) {
    return {ErrorCode::BadFile, std::string(name) + ": " + what,
            "delete this snapshot; its conversation is read again from its text"};
}

Result<Header> parseHeader(std::span<const std::byte> text, std::string_view name) {
    const auto* begin = reinterpret_cast<const char*>(text.data());
    const auto json = Json::parse(begin, begin + text.size(), nullptr, false);
    if (!json.is_object())
        return damaged(name, "its description is not a JSON object");
    const FieldReader fields(json, name);
    BATHY_TRY(const auto layout, fields.number("state_layout", 0, 1'000'000));
    if (layout != kStateLayout)
        return Error(ErrorCode::Unsupported,
                     std::string(name) + " was written by another version of the engine (state layout " +
                         std::to_string(layout) + ", this is " + std::to_string(kStateLayout) + ")",
                     "its conversation is read again from its text");
    Header header;
    BATHY_TRY(header.name, fields.text("name"));
    BATHY_TRY(header.model, fields.text("model"));
    BATHY_TRY(header.origin.checkpoint, fields.text("checkpoint"));
    BATHY_TRY(header.origin.vocabulary, fields.text("vocabulary"));
    BATHY_TRY(const auto precision, fields.word("precision", kPrecisionNames));
    header.origin.precision = static_cast<Precision>(precision);
    BATHY_TRY(const auto format, fields.word("kv", kKvFormatNames));
    header.origin.kvFormat = static_cast<KvFormat>(format);
    BATHY_TRY(header.origin.bannedExperts, fields.experts("banned_experts"));
    BATHY_TRY(header.createdAt, fields.number("created_at", 0, std::int64_t{1} << 40));
    BATHY_TRY(header.blockTokens, fields.number("block_tokens", 1, std::int64_t{1} << 31));
    return header;
}

// Cuts the file where its head says, after every size was held against what is there.
Result<Sections> cut(const Head& head, std::span<const std::byte> bytes, std::string_view name) {
    const std::uint64_t rest = bytes.size() - sizeof(Head);
    if (head.jsonBytes > kLargestJson || head.tokens > kLargestTokens || head.tokens == 0 ||
        head.blocks > rest / sizeof(ContentHash) || head.tokens > rest / sizeof(TokenId) || head.recentBytes > rest ||
        head.logits > rest / sizeof(float))
        return damaged(name, "a size in its head cannot be");
    const std::array sizes{head.jsonBytes, head.blocks * sizeof(ContentHash), head.tokens * sizeof(TokenId),
                           head.recentBytes, head.logits * sizeof(float)};
    const auto sum = std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0});
    if (sum != rest)
        return damaged(name, "it has " + std::to_string(bytes.size()) + " bytes instead of " +
                                 std::to_string(sum + sizeof(Head)));
    Sections sections;
    std::size_t at = sizeof(Head);
    std::size_t next = 0;
    for (auto* section : {&sections.json, &sections.blocks, &sections.tokens, &sections.recent, &sections.logits}) {
        *section = bytes.subspan(at, sizes[next]);
        at += sizes[next++];
    }
    return sections;
}

struct Opened {
    Head head;
    Sections sections;
    Header header;
};

Result<Opened> openHead(std::span<const std::byte> bytes, std::string_view name) {
    Opened opened;
    if (bytes.size() < sizeof(Head))
        return damaged(name, "it is too short for a snapshot");
    std::memcpy(&opened.head, bytes.data(), sizeof(Head));
    if (std::string_view(opened.head.magic, kMagic.size()) != kMagic)
        return damaged(name, "it is no snapshot");
    if (opened.head.version != kVersion)
        return Error(ErrorCode::Unsupported, std::string(name) + " is a snapshot of version " +
                                                 std::to_string(opened.head.version) + "; this build reads version " +
                                                 std::to_string(kVersion));
    BATHY_TRY(opened.sections, cut(opened.head, bytes, name));
    const std::array<std::span<const std::byte>, 3> hashed{bytes.first(kHashedHead), opened.sections.json,
                                                           opened.sections.blocks};
    if (hashOf(hashed) != opened.head.headHash)
        return damaged(name, "its description does not match its checksum");
    BATHY_TRY(opened.header, parseHeader(opened.sections.json, name));
    const auto blockTokens = static_cast<std::uint64_t>(opened.header.blockTokens);
    if (opened.head.blocks != (opened.head.tokens + blockTokens - 1) / blockTokens)
        return damaged(name, std::to_string(opened.head.blocks) + " blocks are not those of " +
                                 std::to_string(opened.head.tokens) + " tokens");
    return opened;
}

} // namespace

std::vector<std::byte> encode(const Content& content) {
    const auto json = jsonOf(content.header);
    const std::array<std::span<const std::byte>, 5> sections{std::as_bytes(std::span(json)), bytesOf(content.blocks),
                                                             bytesOf(content.tokens), bytesOf(content.recent),
                                                             bytesOf(content.logits)};
    Head head{};
    std::copy(kMagic.begin(), kMagic.end(), head.magic);
    head.version = kVersion;
    head.jsonBytes = json.size();
    head.blocks = content.blocks.size();
    head.tokens = content.tokens.size();
    head.recentBytes = content.recent.size();
    head.logits = content.logits.size();
    const auto fields = std::as_bytes(std::span(&head, 1)).first(kHashedHead);
    head.headHash = hashOf(std::array<std::span<const std::byte>, 3>{fields, sections[0], sections[1]});
    head.bodyHash = hashOf(std::span(sections).subspan(2));
    std::vector<std::byte> out(sizeof(Head));
    std::memcpy(out.data(), &head, sizeof(Head));
    for (const auto section : sections)
        out.insert(out.end(), section.begin(), section.end());
    return out;
}

Result<Content> decode(std::span<const std::byte> bytes, std::string_view name) {
    BATHY_TRY(auto opened, openHead(bytes, name));
    const auto& s = opened.sections;
    const std::array<std::span<const std::byte>, 3> body{s.tokens, s.recent, s.logits};
    if (hashOf(body) != opened.head.bodyHash)
        return damaged(name, "its content does not match its checksum");
    return Content{std::move(opened.header),
                   valuesOf<TokenId>(s.tokens),
                   valuesOf<ContentHash>(s.blocks),
                   {s.recent.begin(), s.recent.end()},
                   valuesOf<float>(s.logits)};
}

Result<SnapshotFile> SnapshotFile::open(const std::filesystem::path& path) {
    BATHY_TRY(auto mapped, MappedFile::open(path));
    SnapshotFile file(std::move(mapped));
    BATHY_TRY(auto opened, openHead(file.m_file.bytes(), path.string()));
    file.m_header = std::move(opened.header);
    file.m_tokenCount = static_cast<std::int64_t>(opened.head.tokens);
    file.m_blocks = valuesOf<ContentHash>(opened.sections.blocks);
    return file;
}

Result<Content> SnapshotFile::read() const {
    auto content = decode(m_file.bytes(), m_file.path().string());
    if (!m_file.intact())
        return Error(ErrorCode::Io, m_file.path().string() + " could not be read to its end");
    return content;
}

} // namespace bathy::snapshot
