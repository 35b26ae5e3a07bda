#include "engine/evaluate/eval_texts.h"

#include "engine/base/text_file.h"
#include "engine/tokenizer/chat_encoding.h"
#include "engine/tokenizer/utf8.h"

#include <algorithm>
#include <system_error>

namespace fs = std::filesystem;

namespace bathy::evaluate {
namespace {

constexpr std::uint64_t kLargestText = std::uint64_t{64} << 20U;

Result<std::string> readUtf8(const fs::path& file) {
    BATHY_TRY(auto text, readTextFile(file, kLargestText));
    if (const auto valid = tokenizer::utf8ValidPrefix(text); valid < text.size())
        return Error(ErrorCode::BadFile, file.string() + ": byte " + std::to_string(valid) + " is not UTF-8");
    return text;
}

} // namespace

Result<std::vector<NamedText>> readTexts(const fs::path& folder) {
    std::error_code ec;
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(folder, ec), end; !ec && entry != end; entry.increment(ec))
        if (entry->path().extension() == ".txt" && entry->path().filename() != kHaystackFile)
            files.push_back(entry->path());
    if (ec)
        return Error(ErrorCode::NotFound, folder.string() + " cannot be listed: " + ec.message());
    std::sort(files.begin(), files.end());
    std::vector<NamedText> texts;
    for (const auto& file : files) {
        BATHY_TRY(auto text, readUtf8(file));
        texts.push_back({file.stem().string(), std::move(text)});
    }
    return texts;
}

Result<std::string> readHaystack(const fs::path& folder) {
    return readUtf8(folder / kHaystackFile);
}

Result<Domain> textDomain(const NamedText& text, const tokenizer::Tokenizer& tokenizer, std::int64_t length) {
    BATHY_TRY(const auto tokens, tokenizer.encode(text.text, tokenizer::Special::Never));
    const auto begin = tokenizer.findAdded(tokenizer::kBeginOfSentence);
    Domain domain{text.name, {}};
    const auto step = static_cast<std::ptrdiff_t>(length);
    for (std::ptrdiff_t at = 0; at < std::ssize(tokens); at += step) {
        auto& document = domain.documents.emplace_back();
        if (begin)
            document.push_back(*begin);
        document.insert(document.end(), tokens.begin() + at, tokens.begin() + std::min(at + step, std::ssize(tokens)));
    }
    return domain;
}

Result<Domain> questionDomain(const std::string& name, const std::vector<Item>& items,
                              const tokenizer::Tokenizer& tokenizer, const tokenizer::ChatFormat& format) {
    Domain domain{name, {}};
    for (const auto& item : items) {
        if (item.domain != name || item.passkey)
            continue;
        std::vector<tokenizer::Message> messages;
        for (const auto& message : item.messages) {
            tokenizer::Message said;
            BATHY_TRY(said.role, tokenizer::roleFromName(message.role));
            said.content = message.content;
            messages.push_back(std::move(said));
        }
        tokenizer::Message answer;
        answer.role = tokenizer::Role::Assistant;
        answer.content = item.answer;
        messages.push_back(std::move(answer));
        BATHY_TRY(auto encoded, tokenizer::encodeChat(tokenizer, messages, {}, format));
        domain.documents.push_back(std::move(encoded.encoding.ids));
    }
    return domain;
}

std::vector<std::string> domainsOf(const std::vector<Item>& items) {
    std::vector<std::string> domains;
    for (const auto& item : items)
        if (std::ranges::find(domains, item.domain) == domains.end())
            domains.push_back(item.domain);
    return domains;
}

} // namespace bathy::evaluate
