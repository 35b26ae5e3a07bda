#include "engine/model/deepseek_v4/names.h"

#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace bathy::model::deepseek_v4 {
namespace {

struct Rename {
    std::string_view from;
    std::string_view to;
};

// Beginnings of whole names, after "model." was taken off.
constexpr Rename kTop[] = {
    {"embed_tokens.", "embed."},
    {"lm_head.", "head."},
    {"hc_head.hc_", "hc_head_"},
};

// Beginnings of what follows "layers.<i>."; the longer of two that match stands first.
constexpr Rename kLayer[] = {
    {"input_layernorm.", "attn_norm."},
    {"post_attention_layernorm.", "ffn_norm."},
    {"attn_hc.", "hc_attn_"},
    {"ffn_hc.", "hc_ffn_"},
    {"self_attn.sinks", "attn.attn_sink"},
    {"self_attn.q_a_proj.", "attn.wq_a."},
    {"self_attn.q_a_norm.", "attn.q_norm."},
    {"self_attn.q_b_proj.", "attn.wq_b."},
    {"self_attn.kv_proj.", "attn.wkv."},
    {"self_attn.kv_norm.", "attn.kv_norm."},
    {"self_attn.o_a_proj.", "attn.wo_a."},
    {"self_attn.o_b_proj.", "attn.wo_b."},
    {"self_attn.compressor.indexer.kv_proj.", "attn.indexer.compressor.wkv."},
    {"self_attn.compressor.indexer.gate_proj.", "attn.indexer.compressor.wgate."},
    {"self_attn.compressor.indexer.position_bias", "attn.indexer.compressor.ape"},
    {"self_attn.compressor.indexer.kv_norm.", "attn.indexer.compressor.norm."},
    {"self_attn.compressor.indexer.q_b_proj.", "attn.indexer.wq_b."},
    {"self_attn.compressor.indexer.scorer.weights_proj.", "attn.indexer.weights_proj."},
    {"self_attn.compressor.indexer.weights_proj.", "attn.indexer.weights_proj."},
    {"self_attn.compressor.kv_proj.", "attn.compressor.wkv."},
    {"self_attn.compressor.gate_proj.", "attn.compressor.wgate."},
    {"self_attn.compressor.position_bias", "attn.compressor.ape"},
    {"self_attn.compressor.kv_norm.", "attn.compressor.norm."},
    {"mlp.gate.e_score_correction_bias", "ffn.gate.bias"},
    {"mlp.gate.", "ffn.gate."},
    {"mlp.shared_experts.gate_proj.", "ffn.shared_experts.w1."},
    {"mlp.shared_experts.down_proj.", "ffn.shared_experts.w2."},
    {"mlp.shared_experts.up_proj.", "ffn.shared_experts.w3."},
};

// "ffn.experts.<e>." followed by one of these.
constexpr Rename kExpert[] = {{"gate_proj.", "w1."}, {"down_proj.", "w2."}, {"up_proj.", "w3."}};

bool startsWith(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

std::optional<std::string> renameStart(std::string_view text, std::span<const Rename> renames) {
    for (const auto& rename : renames)
        if (startsWith(text, rename.from))
            return std::string(rename.to).append(text.substr(rename.from.size()));
    return std::nullopt;
}

// Length of "layers.<digits>." at the start of `name`, 0 when it is none.
std::size_t layerPrefix(std::string_view name) {
    constexpr std::string_view kStart = "layers.";
    if (!startsWith(name, kStart))
        return 0;
    const auto dot = name.find_first_not_of("0123456789", kStart.size());
    return dot != std::string_view::npos && dot > kStart.size() && name[dot] == '.' ? dot + 1 : 0;
}

std::optional<std::string> renameInLayer(std::string_view rest) {
    constexpr std::string_view kExperts = "mlp.experts.";
    if (!startsWith(rest, kExperts))
        return renameStart(rest, kLayer);
    const auto dot = rest.find('.', kExperts.size());
    if (dot == std::string_view::npos)
        return std::nullopt;
    const auto matrix = renameStart(rest.substr(dot + 1), kExpert);
    if (!matrix)
        return std::nullopt;
    return "ffn.experts." + std::string(rest.substr(kExperts.size(), dot + 1 - kExperts.size())) + *matrix;
}

// The raw name, or nothing when `name` is it already. Allocates only for names that change.
std::optional<std::string> renamed(std::string_view name) {
    const auto original = name;
    if (startsWith(name, "model."))
        name.remove_prefix(6);
    const auto prefix = layerPrefix(name);
    auto result = prefix ? renameInLayer(name.substr(prefix)) : renameStart(name, kTop);
    if (result && prefix)
        result->insert(0, name.substr(0, prefix));

    constexpr std::string_view kScale = ".weight_scale_inv";
    const std::string_view now = result ? std::string_view(*result) : name;
    if (now.size() > kScale.size() && now.substr(now.size() - kScale.size()) == kScale)
        result = std::string(now.substr(0, now.size() - kScale.size())) + ".scale";
    if (!result && name.size() != original.size())
        result = std::string(name);
    return result;
}

// One matrix kind inside a stacked tensor [E, rows, ...]: rows [part, part + 1) / parts of each expert.
struct StackedPart {
    std::string_view stored;
    std::string_view matrix;
    std::int64_t part;
    std::int64_t parts;
};

constexpr StackedPart kStacked[] = {
    {"mlp.experts.gate_up_proj", "w1.weight", 0, 2},
    {"mlp.experts.gate_up_proj", "w3.weight", 1, 2},
    {"mlp.experts.down_proj", "w2.weight", 0, 1},
    {"mlp.experts.gate_up_proj_scale_inv", "w1.scale", 0, 2},
    {"mlp.experts.gate_up_proj_scale_inv", "w3.scale", 1, 2},
    {"mlp.experts.down_proj_scale_inv", "w2.scale", 0, 1},
};

Result<void> addStackedPart(checkpoint::Checkpoint& checkpoint, std::size_t index, const std::string& layer,
                            const StackedPart& part) {
    const auto view = checkpoint.tensor(index);
    if (view.shape.size() != 3 || view.shape[0] < 1 || view.shape[1] < 1 || view.shape[1] % part.parts != 0)
        return Error(ErrorCode::BadFile, checkpoint.name() + ": tensor \"" + std::string(view.name) +
                                             "\": shape is not that of stacked experts");
    const auto expertBytes = view.bytes.size() / static_cast<std::uint64_t>(view.shape[0]);
    const auto partBytes = expertBytes / static_cast<std::uint64_t>(part.parts);
    for (std::int64_t expert = 0; expert < view.shape[0]; ++expert) {
        checkpoint::Alias alias;
        alias.name = layer + "ffn.experts." + std::to_string(expert) + "." + std::string(part.matrix);
        alias.tensor = index;
        alias.shape = {view.shape[1] / part.parts, view.shape[2]};
        alias.begin =
            static_cast<std::uint64_t>(expert) * expertBytes + static_cast<std::uint64_t>(part.part) * partBytes;
        alias.length = partBytes;
        BATHY_CHECK(checkpoint.addAlias(std::move(alias)));
    }
    return {};
}

// True when `name` was a stacked tensor and its parts were added.
Result<bool> addStacked(checkpoint::Checkpoint& checkpoint, std::size_t index) {
    auto name = checkpoint.tensor(index).name;
    if (startsWith(name, "model."))
        name.remove_prefix(6);
    const auto prefix = layerPrefix(name);
    if (prefix == 0)
        return false;
    const auto rest = name.substr(prefix);
    const std::string layer(name.substr(0, prefix));
    bool found = false;
    for (const auto& part : kStacked) {
        if (rest != part.stored)
            continue;
        found = true;
        BATHY_CHECK(addStackedPart(checkpoint, index, layer, part));
    }
    return found;
}

} // namespace

std::string rawName(std::string_view name) {
    auto changed = renamed(name);
    return changed ? std::move(*changed) : std::string(name);
}

Result<void> addRawNames(checkpoint::Checkpoint& checkpoint) {
    for (std::size_t i = 0; i < checkpoint.tensorCount(); ++i) {
        BATHY_TRY(const bool stacked, addStacked(checkpoint, i));
        if (stacked)
            continue;
        const auto view = checkpoint.tensor(i);
        auto name = renamed(view.name);
        if (!name)
            continue;
        checkpoint::Alias alias;
        alias.name = std::move(*name);
        alias.tensor = i;
        alias.shape.assign(view.shape.begin(), view.shape.end());
        alias.length = view.bytes.size();
        BATHY_CHECK(checkpoint.addAlias(std::move(alias)));
    }
    return {};
}

} // namespace bathy::model::deepseek_v4
