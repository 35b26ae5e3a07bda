#include "engine/tokenizer/tokenizer.h"

#include "engine/base/text_file.h"
#include "engine/tokenizer/added_tokens.h"
#include "engine/tokenizer/bpe.h"
#include "engine/tokenizer/nfc.h"
#include "engine/tokenizer/pre_tokenizer.h"
#include "engine/tokenizer/tokenizer_file.h"
#include "engine/tokenizer/utf8.h"

#include <deque>
#include <limits>
#include <unordered_map>

namespace bathy::tokenizer {
namespace {

constexpr std::uint64_t kMaxFileBytes = 128ULL << 20U; // the published V4 file has 8 MB
constexpr std::size_t kCachedWordBytes = 40;
constexpr std::size_t kCachedWords = 1U << 17U;

enum class AddedKind : std::uint8_t { No, Plain, Special };

// A stretch of the joined text: an added token, or plain text to cut into words.
struct Stretch {
    Word range;
    std::int32_t added = -1;
};

} // namespace

struct Tokenizer::Impl {
    std::vector<std::string> bytes;
    std::vector<AddedKind> kinds;
    std::unordered_map<std::string, std::int32_t> addedByText;
    AddedTokenFinder first; // on the text as it is
    AddedTokenFinder then;  // in what the first left
    PreTokenizer preTokenizer;
    Bpe bpe;
    bool nfc = false; // plain text is put into normal form C

    void findIn(const AddedTokenFinder& finder, std::string_view text, const std::vector<Stretch>& in,
                std::vector<Stretch>& out) const;
    std::vector<Stretch> stretches(std::string_view text, const std::vector<std::pair<Word, Special>>& pieces) const;
    Result<void> encodePlain(std::string_view text, Word range, struct EncodeState& state, Encoding& out) const;
    Result<void> encodeNormalized(std::string_view text, Word range, struct EncodeState& state, Encoding& out) const;
};

// Scratch and word cache of one call, so that the tokenizer itself stays immutable.
struct EncodeState {
    PreTokenizer::Scratch split;
    Bpe::Scratch bpe;
    std::vector<Word> words;
    std::unordered_map<std::string_view, std::pair<std::uint32_t, std::uint32_t>> cache; // word → range of cachedIds
    std::vector<TokenId> cachedIds;
    std::deque<NfcText> normalized; // what words of the cache may lie in
};

namespace {

std::vector<AddedToken> withNormalized(const std::vector<AddedToken>& tokens, bool normalized) {
    std::vector<AddedToken> result;
    for (const auto& token : tokens)
        if (token.normalized == normalized)
            result.push_back(token);
    return result;
}

} // namespace

Tokenizer::Tokenizer(std::unique_ptr<const Impl> impl) : m_impl(std::move(impl)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Result<Tokenizer> Tokenizer::load(const std::filesystem::path& path) {
    std::error_code ec;
    auto file = path;
    if (std::filesystem::is_directory(path, ec)) {
        file /= "tokenizer.json";
        if (!std::filesystem::exists(file, ec))
            return Error(ErrorCode::NoTokenizer, path.string() + " has no tokenizer.json",
                         "put the tokenizer.json of the model beside its weights");
    }
    BATHY_TRY(const auto json, readTextFile(file, kMaxFileBytes));
    return parse(json, file.string());
}

Result<Tokenizer> Tokenizer::parse(std::string_view json, std::string_view name) {
    BATHY_TRY(auto file, readTokenizerFile(json, name));
    auto preTokenizer = PreTokenizer::create(file.splits);
    if (!preTokenizer)
        return std::move(preTokenizer).error().withContext("pre_tokenizer").withContext(name);
    std::vector<AddedKind> kinds(file.bytes.size(), AddedKind::No);
    std::unordered_map<std::string, std::int32_t> addedByText;
    for (const auto& token : file.added) {
        kinds[static_cast<std::size_t>(token.id)] = token.special ? AddedKind::Special : AddedKind::Plain;
        addedByText.emplace(token.content, token.id);
    }
    auto impl = std::make_unique<const Impl>(
        Impl{std::move(file.bytes), std::move(kinds), std::move(addedByText),
             AddedTokenFinder(withNormalized(file.added, false)), AddedTokenFinder(withNormalized(file.added, true)),
             std::move(*preTokenizer), Bpe(file.byteTokens, file.merges, std::move(file.wholeWords)), file.nfc});
    return Tokenizer(std::move(impl));
}

void Tokenizer::Impl::findIn(const AddedTokenFinder& finder, std::string_view text, const std::vector<Stretch>& in,
                             std::vector<Stretch>& out) const {
    std::vector<AddedTokenFinder::Found> found;
    for (const auto& stretch : in) {
        if (stretch.added >= 0) {
            out.push_back(stretch);
            continue;
        }
        found.clear();
        finder.find(text, stretch.range.begin, stretch.range.end, found);
        auto at = stretch.range.begin;
        for (const auto& token : found) {
            if (token.begin > at)
                out.push_back({{at, token.begin}, -1});
            out.push_back({{token.begin, token.end}, token.id});
            at = token.end;
        }
        if (at < stretch.range.end)
            out.push_back({{at, stretch.range.end}, -1});
    }
}

std::vector<Stretch> Tokenizer::Impl::stretches(std::string_view text,
                                                const std::vector<std::pair<Word, Special>>& pieces) const {
    std::vector<Stretch> result;
    for (const auto& [range, special] : pieces) {
        std::vector<Stretch> parts{{range, -1}};
        if (special == Special::Parse)
            for (const auto* finder : {&first, &then}) {
                std::vector<Stretch> finer;
                findIn(*finder, text, parts, finer);
                parts.swap(finer);
            }
        for (const auto& part : parts) {
            if (part.range.begin == part.range.end)
                continue;
            // Plain text goes on across pieces: how it was cut must not show in the ids.
            if (part.added < 0 && !result.empty() && result.back().added < 0)
                result.back().range.end = part.range.end;
            else
                result.push_back(part);
        }
    }
    return result;
}

Result<void> Tokenizer::Impl::encodePlain(std::string_view text, Word range, EncodeState& state, Encoding& out) const {
    state.words.clear();
    BATHY_CHECK(preTokenizer.split(text, range, state.split, state.words));
    for (const Word word : state.words) {
        const auto bytesOfWord = text.substr(word.begin, word.end - word.begin);
        const auto firstNew = out.ids.size();
        const bool cacheable = bytesOfWord.size() <= kCachedWordBytes;
        const auto known = cacheable ? state.cache.find(bytesOfWord) : state.cache.end();
        if (known != state.cache.end()) {
            for (auto i = known->second.first; i < known->second.second; ++i)
                out.ids.push_back(state.cachedIds[i]);
        } else {
            bpe.encode(bytesOfWord, state.bpe, out.ids);
            if (cacheable && state.cache.size() < kCachedWords) {
                const auto begin = static_cast<std::uint32_t>(state.cachedIds.size());
                state.cachedIds.insert(state.cachedIds.end(), out.ids.begin() + static_cast<std::ptrdiff_t>(firstNew),
                                       out.ids.end());
                state.cache.emplace(bytesOfWord, std::pair(begin, static_cast<std::uint32_t>(state.cachedIds.size())));
            }
        }
        std::uint64_t at = word.begin;
        for (auto i = firstNew; i < out.ids.size(); ++i) {
            const auto end = at + bytes[static_cast<std::size_t>(raw(out.ids[i]))].size();
            out.spans.push_back({at, end});
            at = end;
        }
    }
    return {};
}

// Ids of the normal form, spans of the text that was given.
Result<void> Tokenizer::Impl::encodeNormalized(std::string_view text, Word range, EncodeState& state,
                                               Encoding& out) const {
    const auto& normal = state.normalized.emplace_back(text.substr(range.begin, range.end - range.begin));
    if (normal.text().size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        return Error(ErrorCode::BadArgument, "the normal form of the text is longer than 2 GiB");
    const auto firstNew = out.spans.size();
    BATHY_CHECK(encodePlain(normal.text(), {0, static_cast<std::uint32_t>(normal.text().size())}, state, out));
    for (auto i = firstNew; i < out.spans.size(); ++i)
        out.spans[i] = {range.begin + normal.given(out.spans[i].begin), range.begin + normal.given(out.spans[i].end)};
    return {};
}

Result<std::vector<TokenId>> Tokenizer::encode(std::string_view text, Special special) const {
    BATHY_TRY(auto encoding, encodePieces({Piece{std::string(text), special}}));
    return std::move(encoding.ids);
}

Result<Encoding> Tokenizer::encodePieces(const std::vector<Piece>& pieces) const {
    std::size_t size = 0;
    for (const auto& piece : pieces)
        size += piece.text.size();
    if (size > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        return Error(ErrorCode::BadArgument, "text of " + std::to_string(size) + " bytes is longer than 2 GiB");
    std::string joined;
    joined.reserve(size);
    std::vector<std::pair<Word, Special>> ranges;
    for (const auto& piece : pieces) {
        const auto begin = static_cast<std::uint32_t>(joined.size());
        joined += piece.text;
        ranges.push_back({{begin, static_cast<std::uint32_t>(joined.size())}, piece.special});
    }
    Encoding out;
    EncodeState state;
    for (const auto& stretch : m_impl->stretches(joined, ranges)) {
        if (stretch.added < 0) {
            BATHY_CHECK(m_impl->nfc ? m_impl->encodeNormalized(joined, stretch.range, state, out)
                                    : m_impl->encodePlain(joined, stretch.range, state, out));
            continue;
        }
        out.ids.push_back(TokenId{stretch.added});
        out.spans.push_back({stretch.range.begin, stretch.range.end});
    }
    return out;
}

std::string_view Tokenizer::tokenBytes(TokenId id) const {
    return contains(id) ? std::string_view(m_impl->bytes[static_cast<std::size_t>(raw(id))]) : std::string_view();
}

std::string Tokenizer::tokenText(TokenId id) const {
    return utf8Lossy(tokenBytes(id));
}

std::string Tokenizer::decodeBytes(const std::vector<TokenId>& ids) const {
    std::string bytes;
    for (const auto id : ids)
        bytes += tokenBytes(id);
    return bytes;
}

std::int32_t Tokenizer::vocabularySize() const {
    return static_cast<std::int32_t>(m_impl->bytes.size());
}

bool Tokenizer::contains(TokenId id) const {
    return raw(id) >= 0 && raw(id) < vocabularySize() && !m_impl->bytes[static_cast<std::size_t>(raw(id))].empty();
}

bool Tokenizer::isAdded(TokenId id) const {
    return contains(id) && m_impl->kinds[static_cast<std::size_t>(raw(id))] != AddedKind::No;
}

bool Tokenizer::isSpecial(TokenId id) const {
    return contains(id) && m_impl->kinds[static_cast<std::size_t>(raw(id))] == AddedKind::Special;
}

std::optional<TokenId> Tokenizer::findAdded(std::string_view text) const {
    const auto found = m_impl->addedByText.find(std::string(text));
    return found == m_impl->addedByText.end() ? std::nullopt : std::optional(TokenId{found->second});
}

} // namespace bathy::tokenizer
