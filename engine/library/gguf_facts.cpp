#include "engine/library/format_facts.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <unordered_map>

namespace bathy::library {
namespace {

constexpr std::array<char, 4> kMagic{'G', 'G', 'U', 'F'};
constexpr std::uint64_t kMaxKeys = 65'536;
constexpr std::uint64_t kMaxTensors = 1'000'000;
constexpr std::uint64_t kMaxKeyBytes = 65'535;
constexpr std::uint64_t kMaxTextBytes = 65'535; // of values that are kept
constexpr std::uint32_t kMaxRank = 8;

// Numbers of value types and their bytes; 0 where the size is in the file.
enum ValueType : std::uint32_t { kBool = 7, kString = 8, kArray = 9, kTypes = 13 };
constexpr std::array<std::uint64_t, kTypes> kBytes{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

// general.file_type, a label only: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
const char* fileTypeName(std::int64_t type) {
    static const std::unordered_map<std::int64_t, const char*> kNames{
        {0, "F32"},     {1, "F16"},     {2, "Q4_0"},     {3, "Q4_1"},    {7, "Q8_0"},     {8, "Q5_0"},
        {9, "Q5_1"},    {10, "Q2_K"},   {11, "Q3_K_S"},  {12, "Q3_K_M"}, {13, "Q3_K_L"},  {14, "Q4_K_S"},
        {15, "Q4_K_M"}, {16, "Q5_K_S"}, {17, "Q5_K_M"},  {18, "Q6_K"},   {19, "IQ2_XXS"}, {20, "IQ2_XS"},
        {21, "Q2_K_S"}, {22, "IQ3_XS"}, {23, "IQ3_XXS"}, {24, "IQ1_S"},  {25, "IQ4_NL"},  {26, "IQ3_S"},
        {27, "IQ3_M"},  {28, "IQ2_S"},  {29, "IQ2_M"},   {30, "IQ4_XS"}, {31, "IQ1_M"},   {32, "BF16"},
        {36, "TQ1_0"},  {37, "TQ2_0"},  {38, "MXFP4"},   {39, "NVFP4"}};
    const auto found = kNames.find(type);
    return found == kNames.end() ? "" : found->second;
}

class Reader {
public:
    explicit Reader(HeaderWindow& window) : m_window(window) {}

    template <class T>
    Result<T> number() {
        static_assert(std::endian::native == std::endian::little);
        BATHY_TRY(const auto bytes, m_window.take(sizeof(T)));
        T value;
        std::memcpy(&value, bytes.data(), sizeof(T));
        return value;
    }

    Result<std::string> text(std::uint64_t limit, const char* what) {
        BATHY_TRY(const auto length, number<std::uint64_t>());
        if (length > limit || length > m_window.left())
            return Error(ErrorCode::BadFile, std::string(what) + " has " + std::to_string(length) + " bytes");
        BATHY_TRY(const auto bytes, m_window.take(static_cast<std::size_t>(length)));
        return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }

    // Any integer type, as writers mix them; nothing for other types, which are skipped.
    Result<std::optional<std::int64_t>> integer(std::uint32_t type, const std::string& key) {
        const auto widen = [](auto value) { return std::optional<std::int64_t>(static_cast<std::int64_t>(value)); };
        switch (type) {
        case 0:
            return number<std::uint8_t>().map(widen);
        case 1:
            return number<std::int8_t>().map(widen);
        case 2:
            return number<std::uint16_t>().map(widen);
        case 3:
            return number<std::int16_t>().map(widen);
        case 4:
            return number<std::uint32_t>().map(widen);
        case 5:
            return number<std::int32_t>().map(widen);
        case 10:
            return number<std::uint64_t>().map(widen);
        case 11:
            return number<std::int64_t>().map(widen);
        default:
            BATHY_CHECK(skip(type, key));
            return std::optional<std::int64_t>();
        }
    }

    Result<void> skip(std::uint32_t type, const std::string& key) {
        if (type == kArray)
            return skipArray(key);
        return skipMany(type, 1, key);
    }

private:
    Result<void> skipMany(std::uint32_t type, std::uint64_t count, const std::string& key) {
        if (type >= kTypes || type == kArray)
            return Error(ErrorCode::BadFile, "key " + key + " has the unknown type " + std::to_string(type));
        if (type != kString) {
            if (count > m_window.left() / kBytes[type])
                return Error(ErrorCode::BadFile, "key " + key + " reaches beyond the file");
            return m_window.skip(count * kBytes[type]);
        }
        for (std::uint64_t i = 0; i < count; ++i) {
            BATHY_TRY(const auto length, number<std::uint64_t>());
            if (length > m_window.left())
                return Error(ErrorCode::BadFile, "key " + key + " reaches beyond the file");
            BATHY_CHECK(m_window.skip(length));
        }
        return {};
    }

    Result<void> skipArray(const std::string& key) {
        BATHY_TRY(const auto type, number<std::uint32_t>());
        BATHY_TRY(const auto count, number<std::uint64_t>());
        return skipMany(type, count, key);
    }

    HeaderWindow& m_window;
};

struct Keys {
    std::string architecture;
    std::optional<std::int64_t> fileType;
    std::unordered_map<std::string, std::int64_t> contexts; // by key: the architecture may be named later
};

Result<void> readKey(Reader& reader, Keys& keys) {
    BATHY_TRY(const auto key, reader.text(kMaxKeyBytes, "a key"));
    const auto shown = plainName(key);
    BATHY_TRY(const auto type, reader.number<std::uint32_t>());
    if (key == "general.architecture" && type == kString) {
        BATHY_TRY(const auto value, reader.text(kMaxTextBytes, "general.architecture"));
        keys.architecture = plainName(value);
        return {};
    }
    if (key == "general.file_type") {
        BATHY_TRY(keys.fileType, reader.integer(type, shown));
        return {};
    }
    if (key.ends_with(".context_length")) {
        BATHY_TRY(const auto value, reader.integer(type, shown));
        keys.contexts[key] = value.value_or(0);
        return {};
    }
    return reader.skip(type, shown);
}

// Where the tensor begins in the data.
Result<std::uint64_t> tensorOffset(Reader& reader, HeaderWindow& window) {
    BATHY_CHECK(reader.text(kMaxKeyBytes, "a tensor's name"));
    BATHY_TRY(const auto rank, reader.number<std::uint32_t>());
    if (rank > kMaxRank)
        return Error(ErrorCode::BadFile, "a tensor has " + std::to_string(rank) + " dimensions");
    BATHY_CHECK(window.skip(rank * sizeof(std::uint64_t) + sizeof(std::uint32_t)));
    return reader.number<std::uint64_t>();
}

} // namespace

Result<void> readGguf(HeaderWindow& window, FileFacts& facts) {
    Reader reader(window);
    BATHY_TRY(const auto magic, window.take(kMagic.size()));
    if (std::memcmp(magic.data(), kMagic.data(), kMagic.size()) != 0)
        return Error(ErrorCode::BadFile, "the file does not begin with \"GGUF\"");
    BATHY_TRY(const auto version, reader.number<std::uint32_t>());
    if (version != 2 && version != 3)
        return Error(ErrorCode::BadFile, "version " + std::to_string(version) + " is none of 2 and 3");
    BATHY_TRY(const auto tensors, reader.number<std::uint64_t>());
    BATHY_TRY(const auto count, reader.number<std::uint64_t>());
    if (tensors > kMaxTensors || count > kMaxKeys)
        return Error(ErrorCode::BadFile, "the header counts " + std::to_string(tensors) + " tensors and " +
                                             std::to_string(count) + " keys");
    Keys keys;
    for (std::uint64_t i = 0; i < count; ++i)
        BATHY_CHECK(readKey(reader, keys));
    std::uint64_t last = 0;
    for (std::uint64_t i = 0; i < tensors; ++i) {
        BATHY_TRY(const auto offset, tensorOffset(reader, window));
        last = std::max(last, offset);
    }
    if (tensors > 0 && last >= window.left())
        return Error(ErrorCode::BadFile, "the file ends before its last tensor begins");
    facts.architecture = keys.architecture;
    if (const auto found = keys.contexts.find(keys.architecture + ".context_length"); found != keys.contexts.end())
        facts.contextLength = std::max<std::int64_t>(0, found->second);
    if (keys.fileType)
        facts.quantisation = fileTypeName(*keys.fileType);
    return {};
}

} // namespace bathy::library
