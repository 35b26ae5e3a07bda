// GGUF to safetensors, under the names that the family's publishers use.
#include "engine/checkpoint/output_file.h"
#include "engine/model/gguf/convert.h"
#include "engine/model/gguf/convert_item.h"
#include "engine/model/gguf/export_metadata.h"

#include <cstring>

namespace bathy::model::gguf {
namespace {

using nlohmann::json;

constexpr std::string_view kKeyHalf = "self_attn.k_b_proj.weight";
constexpr std::string_view kValueHalf = "self_attn.v_b_proj.weight";
constexpr std::int64_t kMxfp4Bytes = 17;

class Importer {
public:
    Importer(const checkpoint::Checkpoint& source, const json& config, const Target& target,
             const ConvertOptions& options)
        : m_source(source), m_config(config), m_target(target), m_options(options), m_gatherer(source, config) {}

    Result<std::vector<Item>> items() {
        for (const auto& rename : m_target.names->top)
            BATHY_CHECK(add(rename, ""));
        const auto layers = m_config["num_hidden_layers"].get<int>();
        for (int i = 0; i < layers; ++i)
            for (const auto& rename : m_target.names->layer)
                BATHY_CHECK(add(rename, std::string(m_target.names->layerPrefix) + std::to_string(i) + "."));
        return std::move(m_items);
    }
    std::vector<std::string> leftOut() const {
        auto names = m_gatherer.leftOut();
        std::erase(names, "rope_freqs.weight"); // stands in config.json
        return names;
    }

private:
    Result<void> add(const Rename& rename, const std::string& prefix) {
        if (rename.form == Form::Heads)
            return rename.to == kKeyHalf ? addKeyValue(prefix) : Result<void>();
        if (rename.form == Form::Whole)
            return one(prefix + std::string(rename.to), false);
        for (const auto pattern : {rename.to, rename.second})
            for (std::int64_t e = 0; !pattern.empty(); ++e) {
                const auto mark = pattern.find('#');
                const auto name = prefix + std::string(pattern.substr(0, mark)) + std::to_string(e) +
                                  std::string(pattern.substr(mark + 1));
                if (!m_gatherer.has(name))
                    break;
                if (rename.form == Form::GateUp || !m_done.contains(name))
                    BATHY_CHECK(one(name, true));
            }
        return {};
    }

    Result<void> one(const std::string& name, bool expert) {
        if (!m_gatherer.has(name) || !m_done.insert(name).second)
            return {};
        // An output matrix that is the embedding under another name stays so.
        if (m_target.names == &denseNames() && name == m_target.names->head &&
            m_source.indexOf(name) == m_source.indexOf(m_target.names->embedding))
            return {};
        if (m_gatherer.isTable(name)) {
            BATHY_TRY(auto item, m_gatherer.table(name));
            return push(std::move(item), name, std::nullopt);
        }
        if (m_gatherer.isVector(name)) {
            BATHY_TRY(auto item, m_gatherer.vector(name));
            return push(std::move(item), name, std::nullopt);
        }
        Item item;
        BATHY_TRY(const auto view, m_gatherer.matrix(name));
        item.shape = {view.rows, view.cols};
        item.sources = {view};
        item.expert = expert;
        if (m_target.permutesHeads && (name.ends_with("q_proj.weight") || name.ends_with("k_proj.weight"))) {
            item.order = RowOrder::Halved;
            item.heads = m_config[name.ends_with("q_proj.weight") ? "num_attention_heads" : "num_key_value_heads"]
                             .get<std::int64_t>();
        }
        return push(std::move(item), name, expert ? m_options.experts : m_options.dense);
    }

    // kv_b_proj [H (N + V), R] from its halves [H R, N] and [H V, R].
    Result<void> addKeyValue(const std::string& prefix) {
        const auto keyName = prefix + std::string(kKeyHalf);
        const auto valueName = prefix + std::string(kValueHalf);
        if (!m_gatherer.has(keyName) || !m_gatherer.has(valueName))
            return {};
        BATHY_TRY(const auto keys, m_gatherer.matrix(keyName));
        BATHY_TRY(const auto values, m_gatherer.matrix(valueName));
        const auto heads = m_config["num_attention_heads"].get<std::int64_t>();
        const auto nope = keys.cols;
        const auto rank = values.cols;
        const auto value = values.rows / heads;
        if (keys.rows != heads * rank)
            return Error(ErrorCode::BadFile, keyName + " and " + valueName + " do not fit together");
        Item item;
        item.shape = {heads * (nope + value), rank};
        item.owned = std::make_shared<std::vector<float>>(static_cast<std::size_t>(item.rows() * rank));
        std::vector<float> row(static_cast<std::size_t>(nope));
        for (std::int64_t h = 0; h < heads; ++h) {
            auto* head = item.owned->data() + h * (nope + value) * rank;
            for (std::int64_t r = 0; r < rank; ++r) {
                ops::decodeRow(keys, h * rank + r, row.data());
                for (std::int64_t n = 0; n < nope; ++n)
                    head[n * rank + r] = row[static_cast<std::size_t>(n)];
            }
            for (std::int64_t v = 0; v < value; ++v)
                ops::decodeRow(values, h * value + v, head + (nope + v) * rank);
        }
        item.sources = {ops::floatWeight(item.owned->data(), item.rows(), rank)};
        return push(std::move(item), prefix + "self_attn.kv_b_proj.weight", m_options.dense.value_or(keys.dtype));
    }

    Result<void> push(Item item, const std::string& name, std::optional<DType> wanted) {
        item.name = name;
        if (item.table.empty()) {
            const auto source = item.sources.front().dtype;
            // Of the block types safetensors has MXFP4 only, in its own arrangement.
            const auto dtype = wanted.value_or(source);
            const bool holds = !isBlockType(dtype) || dtype == DType::MXFP4;
            BATHY_TRY(item.dtype, typeFor(item, source, holds ? dtype : DType::BF16));
        }
        m_items.push_back(std::move(item));
        return {};
    }

    const checkpoint::Checkpoint& m_source;
    const json& m_config;
    const Target& m_target;
    const ConvertOptions& m_options;
    Gatherer m_gatherer;
    std::set<std::string> m_done;
    std::vector<Item> m_items;
};

// One MXFP4 block, halves in the nibbles, as sixteen bytes of neighbouring pairs.
void repackBlock(const std::byte* block, std::byte* pairs) {
    const auto code = [&](int e) {
        const auto byte = std::to_integer<int>(block[1 + e % 16]);
        return e < 16 ? byte & 15 : byte >> 4;
    };
    for (int i = 0; i < 16; ++i)
        pairs[i] = static_cast<std::byte>(code(2 * i) | code(2 * i + 1) << 4);
}

std::string scaleOf(const std::string& name) {
    return name.substr(0, name.rfind('.')) + ".scale";
}

// What one item is in the new file: itself, or codes and scales of an MXFP4 matrix.
std::vector<checkpoint::TensorPlan> plansOf(const Item& item) {
    if (item.dtype != DType::MXFP4)
        return {{item.name, item.dtype, item.shape}};
    return {{item.name, DType::I8, {item.rows(), item.cols() / 2}},
            {scaleOf(item.name), DType::F8E8M0, {item.rows(), item.cols() / 32}}};
}

Result<bool> writeMxfp4(const Item& item, const ConvertOptions& options, checkpoint::SafetensorsWriter& writer) {
    std::vector<std::byte> codes;
    std::vector<std::byte> scales;
    BATHY_TRY(const bool same, writeItem(item, options, [&](std::span<const std::byte> bytes) -> Result<void> {
                  for (std::size_t at = 0; at < bytes.size(); at += kMxfp4Bytes) {
                      scales.push_back(bytes[at]);
                      codes.resize(codes.size() + 16);
                      repackBlock(bytes.data() + at, codes.data() + codes.size() - 16);
                  }
                  return {};
              }));
    BATHY_CHECK(writer.append(codes));
    BATHY_CHECK(writer.append(scales));
    return same;
}

Result<void> writeConfig(const std::filesystem::path& folder, json config) {
    if (config.value("rope_interleaved", false))
        config.erase("rope_interleaved"); // the rows are in the usual order again
    return checkpoint::writeTextFile(folder / "config.json", config.dump(2) + "\n");
}

} // namespace

Result<ConvertReport> toSafetensors(const checkpoint::Checkpoint& source, const std::filesystem::path& folder,
                                    const ConvertOptions& options) {
    auto config = json::parse(source.configText(), nullptr, false);
    BATHY_TRY(const auto target, targetOf(config));
    Importer importer(source, config, target, options);
    BATHY_TRY(const auto items, importer.items());
    std::error_code ec;
    std::filesystem::create_directories(folder, ec);
    if (ec)
        return Error(ErrorCode::Io, "cannot make " + folder.string() + ": " + ec.message());
    std::vector<checkpoint::TensorPlan> plans;
    std::uint64_t total = 0;
    bool hasHead = false;
    for (const auto& item : items) {
        for (auto& plan : plansOf(item)) {
            total += plan.byteCount();
            plans.push_back(std::move(plan));
        }
        hasHead = hasHead || item.name == target.names->head;
    }
    ConvertReport report;
    report.leftOut = importer.leftOut();
    BATHY_TRY(auto writer, checkpoint::SafetensorsWriter::create(folder / "model.safetensors", plans));
    for (const auto& item : items) {
        const auto append = [&](std::span<const std::byte> bytes) { return writer.append(bytes); };
        BATHY_TRY(const bool same,
                  item.dtype == DType::MXFP4 ? writeMxfp4(item, options, writer) : writeItem(item, options, append));
        for (const auto& plan : plansOf(item))
            report.bytes += plan.byteCount();
        if (options.progress)
            options.progress(report.bytes, total);
        if (!same)
            report.changed.push_back(item.name);
        ++report.tensors;
    }
    BATHY_CHECK(writer.finish());
    config["tie_word_embeddings"] = !hasHead;
    BATHY_CHECK(writeConfig(folder, std::move(config)));
    return report;
}

} // namespace bathy::model::gguf
