// Safetensors to GGUF: which tensors the new file has, and in which order.
#include "engine/model/gguf/convert.h"
#include "engine/model/gguf/convert_item.h"
#include "engine/model/gguf/export_metadata.h"

#include <algorithm>

namespace bathy::model::gguf {
namespace {

using nlohmann::json;

constexpr std::string_view kKeyValue = "self_attn.kv_b_proj.weight";

// Small matrices whose rounding would change what is chosen: other programs keep them as floats, too.
bool staysFloat(std::string_view ggufName) {
    constexpr std::string_view kNames[] = {"ffn_gate_inp",       "hc_",         "output_hc_", "attn_compressor",
                                           "indexer_compressor", "indexer.proj"};
    return std::any_of(std::begin(kNames), std::end(kNames), [&](auto start) { return ggufName.starts_with(start); });
}

class Exporter {
public:
    Exporter(const checkpoint::Checkpoint& source, const json& config, const Target& target,
             const ConvertOptions& options)
        : m_config(config), m_target(target), m_options(options), m_gatherer(source, config) {}

    Result<std::vector<Item>> items() {
        for (const auto& rename : m_target.names->top)
            BATHY_CHECK(add(rename, "", ""));
        BATHY_CHECK(addDivisors());
        const auto layers = m_config["num_hidden_layers"].get<int>();
        for (int i = 0; i < layers; ++i) {
            const auto number = std::to_string(i) + ".";
            for (const auto& rename : m_target.names->layer)
                BATHY_CHECK(add(rename, "blk." + number, std::string(m_target.names->layerPrefix) + number));
        }
        return std::move(m_items);
    }
    std::vector<std::string> leftOut() const { return m_gatherer.leftOut(); }

private:
    Result<void> add(const Rename& rename, const std::string& blockPrefix, const std::string& familyPrefix) {
        const auto name = familyPrefix + std::string(rename.to);
        const auto ggufName = blockPrefix + std::string(rename.from);
        if (rename.form == Form::Experts)
            return addExperts(ggufName, name);
        if (rename.form == Form::GateUp)
            return {}; // gate and up are written on their own
        if (rename.form == Form::Heads)
            return addHeads(ggufName, name, familyPrefix);
        // Programs of today want the two halves.
        if (!m_gatherer.has(name) || rename.to == kKeyValue)
            return {};
        if (m_gatherer.isTable(name)) {
            BATHY_TRY(auto item, m_gatherer.table(name));
            return push(std::move(item), ggufName, std::nullopt);
        }
        if (m_gatherer.isVector(name) || staysFloat(rename.from)) {
            BATHY_TRY(auto item, m_gatherer.vector(name));
            return push(std::move(item), ggufName, std::nullopt);
        }
        Item item;
        BATHY_TRY(const auto view, m_gatherer.matrix(name));
        item.shape = {view.rows, view.cols};
        item.sources = {view};
        if (m_target.permutesHeads && (rename.from == "attn_q.weight" || rename.from == "attn_k.weight")) {
            const auto* key = rename.from == "attn_q.weight" ? "num_attention_heads" : "num_key_value_heads";
            item.order = m_config.value("rope_interleaved", false) ? RowOrder::Same : RowOrder::Paired;
            item.heads = m_config.value(key, m_config["num_attention_heads"].get<std::int64_t>());
        }
        return push(std::move(item), ggufName, m_options.dense);
    }

    Result<void> addExperts(const std::string& ggufName, const std::string& pattern) {
        const auto mark = pattern.find('#');
        Item item;
        item.expert = true;
        for (std::int64_t e = 0;; ++e) {
            const auto name = pattern.substr(0, mark) + std::to_string(e) + pattern.substr(mark + 1);
            if (!m_gatherer.has(name))
                break;
            BATHY_TRY(const auto view, m_gatherer.matrix(name));
            item.sources.push_back(view);
        }
        if (item.sources.empty())
            return {};
        const auto& first = item.sources.front();
        item.shape = {static_cast<std::int64_t>(item.sources.size()), first.rows, first.cols};
        return push(std::move(item), ggufName, m_options.experts);
    }

    // attn_k_b [H, R, N] and attn_v_b [H, V, R], from themselves or from kv_b_proj [H (N + V), R].
    Result<void> addHeads(const std::string& ggufName, const std::string& name, const std::string& familyPrefix) {
        const auto heads = m_config["num_attention_heads"].get<std::int64_t>();
        if (m_gatherer.has(name)) {
            BATHY_TRY(const auto view, m_gatherer.matrix(name));
            Item item;
            item.shape = {heads, view.rows / heads, view.cols};
            item.sources = {view};
            return push(std::move(item), ggufName, m_options.dense);
        }
        const auto whole = familyPrefix + std::string(kKeyValue);
        if (!m_gatherer.has(whole))
            return {};
        BATHY_TRY(const auto view, m_gatherer.matrix(whole));
        const auto nope = m_config["qk_nope_head_dim"].get<std::int64_t>();
        const auto value = m_config["v_head_dim"].get<std::int64_t>();
        const bool keys = ggufName.ends_with("attn_k_b.weight");
        const auto rank = view.cols;
        Item item;
        item.shape = keys ? std::vector{heads, rank, nope} : std::vector{heads, value, rank};
        item.owned = std::make_shared<std::vector<float>>(static_cast<std::size_t>(item.rows() * item.cols()));
        std::vector<float> row(static_cast<std::size_t>(rank));
        for (std::int64_t h = 0; h < heads; ++h)
            for (std::int64_t i = 0; i < (keys ? nope : value); ++i) {
                ops::decodeRow(view, h * (nope + value) + (keys ? 0 : nope) + i, row.data());
                for (std::int64_t r = 0; r < rank; ++r)
                    (*item.owned)[static_cast<std::size_t>(keys ? (h * rank + r) * nope + i
                                                                : (h * value + i) * rank + r)] =
                        row[static_cast<std::size_t>(r)];
            }
        item.sources = {ops::floatWeight(item.owned->data(), item.rows(), item.cols())};
        // A matrix that is not stored like this can take the type of the one it comes from.
        const auto type = m_options.dense.value_or(view.dtype == DType::F8E4M3 ? DType::Q8_0 : view.dtype);
        return push(std::move(item), ggufName, type);
    }

    Result<void> addDivisors() {
        const auto divisors = ropeDivisors(m_config);
        if (divisors.empty())
            return {};
        Item item;
        item.shape = {static_cast<std::int64_t>(divisors.size())};
        item.plain = true;
        item.owned = std::make_shared<std::vector<float>>(divisors);
        item.sources = {ops::floatWeight(item.owned->data(), 1, item.cols())};
        return push(std::move(item), "rope_freqs.weight", std::nullopt);
    }

    Result<void> push(Item item, const std::string& name, std::optional<DType> wanted) {
        item.name = name;
        if (item.table.empty()) {
            BATHY_TRY(item.dtype, typeFor(item, item.sources.front().dtype, wanted));
        }
        m_items.push_back(std::move(item));
        return {};
    }

    const json& m_config;
    const Target& m_target;
    const ConvertOptions& m_options;
    Gatherer m_gatherer;
    std::vector<Item> m_items;
};

} // namespace

Result<ConvertReport> toGguf(const checkpoint::Checkpoint& source, checkpoint::GgufPairs pairs,
                             const std::filesystem::path& file, const ConvertOptions& options) {
    const auto config = json::parse(source.configText(), nullptr, false);
    BATHY_TRY(const auto target, targetOf(config));
    BATHY_CHECK(exportMetadata(config, target, source.name(), pairs));
    Exporter exporter(source, config, target, options);
    BATHY_TRY(const auto items, exporter.items());
    std::vector<checkpoint::TensorPlan> plans;
    std::uint64_t total = 0;
    for (const auto& item : items) {
        plans.push_back({item.name, item.dtype, item.shape});
        total += plans.back().byteCount();
    }
    ConvertReport report;
    report.leftOut = exporter.leftOut();
    BATHY_TRY(auto writer, checkpoint::GgufWriter::create(file, pairs, plans));
    for (const auto& item : items) {
        BATHY_TRY(const bool same, writeItem(item, options, [&](auto bytes) -> Result<void> {
                      BATHY_CHECK(writer.append(bytes));
                      report.bytes += bytes.size();
                      if (options.progress)
                          options.progress(report.bytes, total);
                      return {};
                  }));
        if (!same)
            report.changed.push_back(item.name);
        ++report.tensors;
    }
    BATHY_CHECK(writer.finish());
    return report;
}

} // namespace bathy::model::gguf
