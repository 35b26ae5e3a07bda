#include "engine/model/deepseek_v4/synth.h"

#include "engine/base/text_file.h"
#include "engine/checkpoint/safetensors_writer.h"
#include "engine/model/deepseek_v4/synth_fill.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <system_error>

namespace fs = std::filesystem;

namespace bathy::model::deepseek_v4 {
namespace {

constexpr std::uint64_t kChunkBytes = std::uint64_t{16} << 20; // written at once, filled by all threads
constexpr std::uint64_t kSliceBytes = std::uint64_t{256} << 10;

struct ShardPlan {
    std::string file;
    std::vector<FillPlan> tensors;

    std::vector<checkpoint::TensorPlan> header() const;
    std::uint64_t bytes() const;
};

std::vector<checkpoint::TensorPlan> ShardPlan::header() const {
    std::vector<checkpoint::TensorPlan> plans;
    plans.reserve(tensors.size());
    for (const auto& tensor : tensors)
        plans.push_back(tensor.stored);
    return plans;
}

std::uint64_t ShardPlan::bytes() const {
    std::uint64_t sum = 0;
    for (const auto& tensor : tensors)
        sum += tensor.stored.byteCount();
    return sum;
}

// The stored form of one tensor: itself, and its scale where it is quantised.
void appendStored(const TensorSpec& spec, SynthWeights weights, const QuantConfig& quant, std::vector<FillPlan>& out) {
    const auto add = [&](std::string name, DType dtype, std::vector<std::int64_t> shape, bool isScale) {
        out.push_back({{std::move(name), dtype, std::move(shape)}, spec, isScale});
    };
    const auto ceilDiv = [](std::int64_t a, std::int64_t b) { return (a + b - 1) / b; };
    if (weights == SynthWeights::Rule) {
        add(spec.name, spec.role == TensorRole::Table ? DType::I64 : DType::F32, spec.shape, false);
        return;
    }
    switch (spec.published) {
    case StoredAs::BF16:
        return add(spec.name, DType::BF16, spec.shape, false);
    case StoredAs::F32:
        return add(spec.name, DType::F32, spec.shape, false);
    case StoredAs::I64:
        return add(spec.name, DType::I64, spec.shape, false);
    case StoredAs::Fp8Blocks:
        add(spec.name, DType::F8E4M3, spec.shape, false);
        return add(scaleName(spec.name), DType::F8E8M0,
                   {ceilDiv(spec.shape[0], quant.blockRows), ceilDiv(spec.shape[1], quant.blockCols)}, true);
    case StoredAs::Fp4:
        add(spec.name, DType::I8, {spec.shape[0], spec.shape[1] / 2}, false);
        return add(scaleName(spec.name), DType::F8E8M0, {spec.shape[0], spec.shape[1] / 32}, true);
    }
}

// "layers.3." or "mtp.0." or "": tensors of one block share a file.
std::string_view blockOf(std::string_view name) {
    for (const std::string_view start : {"layers.", "mtp."})
        if (name.substr(0, start.size()) == start)
            return name.substr(0, name.find('.', start.size()));
    return name == "embed.weight" ? "embed" : "";
}

std::vector<ShardPlan> planShards(const SynthPreset& preset) {
    const auto& config = preset.config;
    std::vector<ShardPlan> shards;
    std::string block = "none yet";
    const auto visit = [&](const TensorSpec& spec) {
        const auto now = blockOf(spec.name);
        if (shards.empty() || (preset.weights == SynthWeights::Published && now != block))
            shards.emplace_back();
        block = now;
        appendStored(spec, preset.weights, config.quant, shards.back().tensors);
    };
    visitMainTensors(config, visit);
    visitDraftTensors(
        config, {config.draftLayersDeclared ? DraftKind::Mtp : DraftKind::None, config.draftLayersDeclared}, visit);
    for (std::size_t i = 0; i < shards.size(); ++i) {
        std::array<char, 48> name{};
        std::snprintf(name.data(), name.size(), "model-%05zu-of-%05zu.safetensors", i + 1, shards.size());
        shards[i].file = shards.size() == 1 ? "model.safetensors" : name.data();
    }
    return shards;
}

class Synthesizer {
public:
    Synthesizer(const SynthPreset& preset, const fs::path& folder, const SynthOptions& options)
        : m_preset(preset), m_folder(folder), m_options(options),
          m_fill(preset.config, preset.weights, options.seed, options.rule), m_shards(planShards(preset)) {
        for (const auto& shard : m_shards) {
            m_result.bytes += shard.bytes();
            m_result.tensors += shard.tensors.size();
        }
        m_result.files = m_shards.size();
    }

    Result<SynthResult> run();

private:
    Result<void> checkFolder();
    Result<void> writeAll();
    Result<void> writeShard(const ShardPlan& shard);
    Result<void> writeTensor(const FillPlan& plan, checkpoint::SafetensorsWriter& writer);
    Result<void> writeIndex();
    void removeWritten();

    const SynthPreset& m_preset;
    fs::path m_folder;
    const SynthOptions& m_options;
    SynthFill m_fill;
    std::vector<ShardPlan> m_shards;
    std::vector<std::byte> m_buffer;
    std::uint64_t m_done = 0;
    SynthResult m_result;
};

Result<void> Synthesizer::checkFolder() {
    std::error_code ec;
    fs::create_directories(m_folder, ec);
    if (ec)
        return Error(ErrorCode::Io, "cannot create " + m_folder.string() + ": " + ec.message());
    if (!fs::is_empty(m_folder, ec) || ec)
        return Error(ErrorCode::BadArgument, m_folder.string() + " is not empty", "name a new folder");
    const auto space = fs::space(m_folder, ec);
    if (!ec && !m_options.headersOnly && space.available < m_result.bytes)
        return Error(ErrorCode::Io,
                     "no room in " + m_folder.string() + ": " + std::to_string(m_result.bytes) + " bytes are needed, " +
                         std::to_string(space.available) + " are free",
                     "choose fewer --layers or --experts, or --headers-only");
    return {};
}

Result<void> Synthesizer::writeTensor(const FillPlan& plan, checkpoint::SafetensorsWriter& writer) {
    const auto total = plan.stored.byteCount();
    for (std::uint64_t at = 0; at < total; at += kChunkBytes) {
        if (m_options.stop.stop_requested())
            return cancelled();
        const auto length = std::min(kChunkBytes, total - at);
        m_buffer.resize(length);
        const auto slices = (length + kSliceBytes - 1) / kSliceBytes;
        m_options.pool->parallelFor(slices, 1, [&](std::size_t first, std::size_t last, int) {
            const auto begin = first * kSliceBytes;
            const auto end = std::min<std::uint64_t>(last * kSliceBytes, length);
            m_fill.fill(plan, at + begin, std::span(m_buffer).subspan(begin, end - begin));
        });
        BATHY_CHECK(writer.append(m_buffer));
        m_done += length;
        if (m_options.progress)
            m_options.progress(m_done, m_result.bytes);
    }
    return {};
}

Result<void> Synthesizer::writeShard(const ShardPlan& shard) {
    const auto header = shard.header();
    BATHY_TRY(auto writer, checkpoint::SafetensorsWriter::create(m_folder / shard.file, header));
    if (m_options.headersOnly)
        return writer.finishSparse();
    for (const auto& tensor : shard.tensors)
        BATHY_CHECK(writeTensor(tensor, writer));
    return writer.finish();
}

Result<void> Synthesizer::writeIndex() {
    if (m_shards.size() == 1)
        return {};
    nlohmann::ordered_json index;
    index["metadata"]["total_size"] = m_result.bytes;
    auto& map = index["weight_map"];
    // A plain object keeps its keys sorted and finds them fast; ordered_json would look at all keys for every insert.
    nlohmann::json sorted = nlohmann::json::object();
    for (const auto& shard : m_shards)
        for (const auto& tensor : shard.tensors)
            sorted[tensor.stored.name] = shard.file;
    map = std::move(sorted);
    return writeFileAtomically(m_folder / "model.safetensors.index.json", index.dump(2) + "\n");
}

Result<void> Synthesizer::writeAll() {
    BATHY_CHECK(writeFileAtomically(m_folder / "config.json", m_preset.configJson));
    for (const auto& shard : m_shards) {
        if (m_options.stop.stop_requested())
            return cancelled();
        BATHY_CHECK(writeShard(shard));
    }
    return writeIndex();
}

void Synthesizer::removeWritten() {
    std::error_code ec;
    for (const auto& shard : m_shards)
        fs::remove(m_folder / shard.file, ec);
    fs::remove(m_folder / "config.json", ec);
    fs::remove(m_folder / "model.safetensors.index.json", ec);
    fs::remove(m_folder, ec); // only when it is empty
}

Result<SynthResult> Synthesizer::run() {
    BATHY_CHECK(checkFolder());
    if (auto written = writeAll(); !written) {
        removeWritten();
        return std::move(written).error();
    }
    return m_result;
}

} // namespace

Result<SynthResult> synthesize(const SynthPreset& preset, const fs::path& folder, const SynthOptions& options) {
    return Synthesizer(preset, folder, options).run();
}

} // namespace bathy::model::deepseek_v4
