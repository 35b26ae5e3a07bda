#include "engine/model/gguf/config.h"

#include <algorithm>

namespace bathy::model::gguf {
namespace {

using nlohmann::json;

constexpr std::int64_t kMaxBlocks = 1024;
constexpr std::int64_t kMaxWidth = 1 << 20;
constexpr std::int64_t kMaxVocabulary = 1 << 22;
constexpr std::int64_t kMaxContext = 1 << 24;

// Rows of the embedding, which some files do not say in their metadata.
Result<std::int64_t> vocabularySize(const KeyReader& reader) {
    const auto embedding = reader.checkpoint().find("token_embd.weight");
    if (!embedding || embedding->shape.size() != 2)
        return Error(ErrorCode::BadFile, reader.metadata().fileName() + ": tensor token_embd.weight is missing",
                     "download the file again");
    const auto rows = embedding->shape[0];
    if (rows > kMaxVocabulary)
        return reader.bad("vocab_size", "would be " + std::to_string(rows) + ", the rows of token_embd.weight");
    BATHY_TRY(const auto said, reader.integer("vocab_size", 1, kMaxVocabulary, rows));
    if (said != rows)
        return reader.bad("vocab_size", "is " + std::to_string(said) + ", but token_embd.weight has " +
                                            std::to_string(rows) + " rows");
    const auto* tokens = reader.metadata().find("tokenizer.ggml.tokens");
    if (tokens && tokens->type == checkpoint::GgufValueType::Array && tokens->count > static_cast<std::uint64_t>(rows))
        return reader.metadata().bad("tokenizer.ggml.tokens", "has " + std::to_string(tokens->count) +
                                                                  " entries, but token_embd.weight has " +
                                                                  std::to_string(rows) + " rows");
    return rows;
}

Result<json> tokenIds(const KeyReader& reader, std::int64_t vocabulary, json config) {
    const auto& metadata = reader.metadata();
    const auto id = [&](std::string_view name) {
        return metadata.integer("tokenizer.ggml." + std::string(name), 0, vocabulary - 1);
    };
    if (metadata.has("tokenizer.ggml.bos_token_id")) {
        BATHY_TRY(config["bos_token_id"], id("bos_token_id"));
    }
    auto ends = json::array();
    for (const auto* name : {"eos_token_id", "eot_token_id", "eom_token_id"})
        if (metadata.has("tokenizer.ggml." + std::string(name))) {
            BATHY_TRY(const auto end, id(name));
            if (std::find(ends.begin(), ends.end(), json(end)) == ends.end())
                ends.push_back(end);
        }
    for (const auto* name : {"padding_token_id", "unknown_token_id"})
        if (metadata.has("tokenizer.ggml." + std::string(name)))
            BATHY_CHECK(id(name));
    config["eos_token_id"] = ends;
    return config;
}

} // namespace

KeyReader::KeyReader(const checkpoint::Checkpoint& checkpoint, std::string architecture)
    : m_checkpoint(checkpoint), m_metadata(*checkpoint.metadata()), m_architecture(std::move(architecture)) {}

Result<json> sharedConfig(const KeyReader& reader) {
    json config;
    BATHY_TRY(const auto vocabulary, vocabularySize(reader));
    config["vocab_size"] = vocabulary;
    BATHY_TRY(auto blocks, reader.integer("block_count", 1, kMaxBlocks));
    BATHY_TRY(const auto drafts, reader.integer("nextn_predict_layers", 0, 64, 0));
    // Some files count the draft blocks, others have dropped them and kept the key.
    const auto last = "blk." + std::to_string(blocks - 1) + ".nextn.eh_proj.weight";
    if (drafts > 0 && reader.checkpoint().find(last)) {
        if (drafts >= blocks)
            return reader.bad("nextn_predict_layers",
                              "is " + std::to_string(drafts) + " of " + std::to_string(blocks) + " blocks");
        blocks -= drafts;
        config["num_nextn_predict_layers"] = drafts;
    }
    config["num_hidden_layers"] = blocks;
    BATHY_TRY(config["hidden_size"], reader.integer("embedding_length", 1, kMaxWidth));
    BATHY_TRY(config["max_position_embeddings"], reader.integer("context_length", 1, kMaxContext));
    BATHY_TRY(const auto heads, reader.integer("attention.head_count", 1, 65'536));
    BATHY_TRY(const auto kvHeads, reader.integer("attention.head_count_kv", 1, 65'536, heads));
    if (heads % kvHeads != 0)
        return reader.bad("attention.head_count_kv", "is " + std::to_string(kvHeads) + ", which does not divide the " +
                                                         std::to_string(heads) + " heads");
    config["num_attention_heads"] = heads;
    config["num_key_value_heads"] = kvHeads;
    BATHY_TRY(const auto rope, reader.integer("rope.dimension_count", 1, 65'536, 2));
    if (rope % 2 != 0)
        return reader.bad("rope.dimension_count", "is odd, rotary positions need pairs of channels");
    if (reader.has("attention.key_length")) {
        BATHY_TRY(const auto key, reader.integer("attention.key_length", 1, 65'536));
        if (rope > key)
            return reader.bad("rope.dimension_count", "is larger than attention.key_length");
    }
    BATHY_TRY(config["rms_norm_eps"], reader.number("attention.layer_norm_rms_epsilon", 1e-30, 1.0));
    BATHY_TRY(config["rope_theta"], reader.number("rope.freq_base", 1.0, 1e12, 10'000.0));
    config["hidden_act"] = "silu";
    config["tie_word_embeddings"] = false; // a file without an output matrix has the embedding under its name
    return tokenIds(reader, vocabulary, std::move(config));
}

Result<json> yarnScaling(const KeyReader& reader) {
    BATHY_TRY(const auto type, reader.metadata().string(reader.key("rope.scaling.type"), 64, "none"));
    if (type == "none")
        return json();
    if (type != "yarn")
        return Error(ErrorCode::Unsupported, reader.metadata().fileName() + ": " + reader.key("rope.scaling.type") +
                                                 " is \"" + std::string(type) + "\", only yarn can be computed here");
    json yarn;
    yarn["rope_type"] = "yarn";
    yarn["type"] = "yarn";
    BATHY_TRY(yarn["factor"], reader.number("rope.scaling.factor", 1.0, 1e6));
    BATHY_TRY(yarn["original_max_position_embeddings"],
              reader.integer("rope.scaling.original_context_length", 1, kMaxContext));
    BATHY_TRY(yarn["beta_fast"], reader.number("rope.scaling.yarn_beta_fast", 1e-6, 1e6, 32.0));
    BATHY_TRY(yarn["beta_slow"], reader.number("rope.scaling.yarn_beta_slow", 1e-6, 1e6, 1.0));
    return yarn;
}

} // namespace bathy::model::gguf
