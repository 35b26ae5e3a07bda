#include "engine/runtime/model_tokenizer.h"

#include "engine/base/text_file.h"
#include "engine/runtime/model_chat.h"
#include "engine/tokenizer/gguf_tokenizer.h"

#include <algorithm>

namespace fs = std::filesystem;

namespace bathy::runtime {
namespace {

constexpr std::uint64_t kMaxTokenizerBytes = 256'000'000;

// The converter takes these from the config.
bool isEnd(std::string_view key) {
    constexpr std::string_view kKeys[] = {"tokenizer.ggml.bos_token_id", "tokenizer.ggml.eos_token_id",
                                          "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"};
    return std::find(std::begin(kKeys), std::end(kKeys), key) != std::end(kKeys);
}

} // namespace

Result<std::string> tokenizerJsonOf(const checkpoint::GgufMetadata& metadata) {
    constexpr std::size_t kMaxName = 256;
    BATHY_TRY(const auto model, metadata.string("tokenizer.ggml.model", kMaxName, "none"));
    if (model == "none" || model == "no_vocab")
        return Error(ErrorCode::NoTokenizer, metadata.fileName() + " holds no tokenizer");
    tokenizer::GgufTokenizer gguf;
    gguf.model = model;
    BATHY_TRY(gguf.pre, metadata.string("tokenizer.ggml.pre", kMaxName, "default"));
    BATHY_TRY(gguf.tokens, metadata.strings("tokenizer.ggml.tokens"));
    BATHY_TRY(gguf.merges, metadata.strings("tokenizer.ggml.merges"));
    if (metadata.has("tokenizer.ggml.token_type")) {
        BATHY_TRY(const auto kinds, metadata.integers("tokenizer.ggml.token_type", 0, 255));
        gguf.kinds.assign(kinds.begin(), kinds.end());
    }
    if (metadata.has("tokenizer.ggml.scores")) { // not used by this kind of tokenizer, but part of the file
        BATHY_TRY(const auto scores, metadata.numbers("tokenizer.ggml.scores", -1e30, 1e30));
        if (scores.size() != gguf.tokens.size())
            return metadata.bad("tokenizer.ggml.scores", "has " + std::to_string(scores.size()) + " entries for " +
                                                             std::to_string(gguf.tokens.size()) + " tokens");
    }
    auto json = tokenizer::tokenizerJson(gguf);
    if (!json)
        return std::move(json).error().withContext(metadata.fileName());
    return json;
}

Result<tokenizer::Tokenizer> loadTokenizer(const checkpoint::Checkpoint& checkpoint) {
    if (!checkpoint.metadata())
        return tokenizer::Tokenizer::load(checkpoint.folder());
    BATHY_TRY(const auto json, tokenizerJsonOf(*checkpoint.metadata()));
    return tokenizer::Tokenizer::parse(json, checkpoint.metadata()->fileName());
}

Result<tokenizer::Tokenizer> loadTokenizer(const fs::path& path) {
    if (path.extension() == ".gguf") {
        BATHY_TRY(const auto file, checkpoint::Checkpoint::open(path));
        return loadTokenizer(file);
    }
    auto own = tokenizer::Tokenizer::load(path);
    if (own || own.error().code() != ErrorCode::NoTokenizer)
        return own;
    const auto files = checkpoint::Checkpoint::open(path); // a folder that holds a .gguf file
    return files && files->metadata() ? loadTokenizer(*files) : std::move(own);
}

Result<checkpoint::GgufPairs> tokenizerPairs(const checkpoint::Checkpoint& checkpoint) {
    checkpoint::GgufPairs pairs;
    if (const auto* metadata = checkpoint.metadata()) {
        for (const auto& [key, value] : metadata->entries())
            if (key.starts_with("tokenizer.") && !isEnd(key))
                pairs.raw(key, value);
        return pairs;
    }
    const auto& folder = checkpoint.folder();
    std::error_code ec;
    if (!fs::exists(folder / "tokenizer.json", ec)) {
        pairs.string("tokenizer.ggml.model", "none");
        return pairs;
    }
    BATHY_TRY(const auto text, readTextFile(folder / "tokenizer.json", kMaxTokenizerBytes));
    BATHY_TRY(const auto gguf, tokenizer::ggufTokenizer(text));
    pairs.string("tokenizer.ggml.model", "gpt2");
    pairs.string("tokenizer.ggml.pre", gguf.pre);
    pairs.strings("tokenizer.ggml.tokens", gguf.tokens);
    pairs.i32s("tokenizer.ggml.token_type", gguf.kinds);
    pairs.strings("tokenizer.ggml.merges", gguf.merges);
    if (const auto found = chatTemplateOf(checkpoint); !found.empty())
        pairs.string("tokenizer.chat_template", found);
    return pairs;
}

} // namespace bathy::runtime
