// Byte-level BPE as Hugging Face `tokenizer.json` files describe it: added tokens, the model's own split patterns,
// merges. Immutable after loading; every function may be called from any thread.
//
// Text is bytes. Valid UTF-8 gives exactly the ids of the reference implementation; bytes that are no UTF-8 become
// pieces of their own and go through the byte alphabet, so that decoding always gives back the bytes that were encoded.
#pragma once

#include "engine/base/ids.h"
#include "engine/base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::tokenizer {

// Whether the strings of added tokens ("<｜User｜>", "<think>") become those tokens. What a person wrote is Never.
enum class Special : std::uint8_t { Never, Parse };

// Half-open range of bytes.
struct ByteSpan {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    bool operator==(const ByteSpan&) const = default;
};

// A part of a text. Parts are joined before they are split into words, so how a plain text is cut into pieces does not
// change its ids; added tokens are only found inside one piece that allows them.
struct Piece {
    std::string text;
    Special special = Special::Never;
    bool operator==(const Piece&) const = default;
};

// ids[i] stands for the bytes spans[i] of the joined text. Spans ascend and do not overlap.
struct Encoding {
    std::vector<TokenId> ids;
    std::vector<ByteSpan> spans;
};

class Tokenizer {
public:
    // `path` is a tokenizer.json or a folder that holds one. Errors: NoTokenizer (the folder has none), NotFound, Io,
    // BadFile (breaks the format), Unsupported (names the component that this build does not know).
    static Result<Tokenizer> load(const std::filesystem::path& path);
    // The same from text; `name` stands for the file in errors.
    static Result<Tokenizer> parse(std::string_view json, std::string_view name);

    Tokenizer(Tokenizer&&) noexcept;
    Tokenizer& operator=(Tokenizer&&) noexcept;
    ~Tokenizer();

    // Errors: BadFile when a pattern of the file gives up on this text (match limit or time), BadArgument above 2 GiB.
    Result<std::vector<TokenId>> encode(std::string_view text, Special special) const;
    Result<Encoding> encodePieces(const std::vector<Piece>& pieces) const;

    // The bytes a token stands for; may be a part of a character. Empty for ids that are not in the vocabulary.
    std::string_view tokenBytes(TokenId id) const;
    // The same as valid UTF-8, U+FFFD for what is no whole character.
    std::string tokenText(TokenId id) const;
    // All bytes, joined.
    std::string decodeBytes(const std::vector<TokenId>& ids) const;

    // One more than the largest id.
    std::int32_t vocabularySize() const;
    bool contains(TokenId id) const;
    // Added tokens are never produced from text encoded with Special::Never.
    bool isAdded(TokenId id) const;
    bool isSpecial(TokenId id) const; // added, and marked special in the file
    // The id of an added token by its exact text.
    std::optional<TokenId> findAdded(std::string_view text) const;

private:
    struct Impl;
    explicit Tokenizer(std::unique_ptr<const Impl> impl);
    std::unique_ptr<const Impl> m_impl;
};

} // namespace bathy::tokenizer
