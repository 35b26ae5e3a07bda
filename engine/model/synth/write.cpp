#include "engine/model/synth/write.h"

#include "engine/base/text_file.h"
#include "engine/checkpoint/safetensors_writer.h"
#include "engine/model/synth/fill.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <system_error>

namespace fs = std::filesystem;

namespace bathy::model::synth {
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
void appendStored(const TensorSpec& spec, const Preset& preset, std::vector<FillPlan>& out) {
    const auto add = [&](std::string name, DType dtype, std::vector<std::int64_t> shape, bool isScale) {
        out.push_back({{std::move(name), dtype, std::move(shape)}, spec, isScale});
    };
    const auto ceilDiv = [](std::int64_t a, std::int64_t b) { return (a + b - 1) / b; };
    if (preset.weights == Weights::Rule) {
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
    case StoredAs::Fp8Blocks: {
        if (preset.fp8 == Fp8Form::None)
            return add(spec.name, DType::BF16, spec.shape, false);
        add(spec.name, DType::F8E4M3, spec.shape, false);
        std::vector<std::int64_t> blocks{ceilDiv(spec.shape[0], preset.quant.blockRows),
                                         ceilDiv(spec.shape[1], preset.quant.blockCols)};
        if (preset.fp8 == Fp8Form::InverseNamed)
            return add(spec.name + "_scale_inv", DType::F32, std::move(blocks), true);
        return add(scaleName(spec.name), DType::F8E8M0, std::move(blocks), true);
    }
    case StoredAs::Fp4:
        add(spec.name, DType::I8, {spec.shape[0], spec.shape[1] / 2}, false);
        return add(scaleName(spec.name), DType::F8E8M0, {spec.shape[0], spec.shape[1] / 32}, true);
    }
}

// "layers.3" or "model.layers.3" or "mtp.0" or "": tensors of one block share a file.
std::string_view blockOf(const TensorSpec& spec) {
    const std::string_view name = spec.name;
    for (const std::string_view start : {"layers.", "model.layers.", "mtp."})
        if (name.starts_with(start))
            return name.substr(0, name.find('.', start.size()));
    return spec.component == Component::Embedding ? "embed" : "";
}

std::vector<ShardPlan> planShards(const Preset& preset) {
    std::vector<ShardPlan> shards;
    std::string block = "none yet";
    preset.visit([&](const TensorSpec& spec) {
        const auto now = blockOf(spec);
        if (shards.empty() || (preset.weights == Weights::Published && now != block))
            shards.emplace_back();
        block = now;
        appendStored(spec, preset, shards.back().tensors);
    });
    for (std::size_t i = 0; i < shards.size(); ++i) {
        std::array<char, 48> name{};
        std::snprintf(name.data(), name.size(), "model-%05zu-of-%05zu.safetensors", i + 1, shards.size());
        shards[i].file = shards.size() == 1 ? "model.safetensors" : name.data();
    }
    return shards;
}

class Writer {
public:
    Writer(const Preset& preset, const fs::path& folder, const WriteOptions& options)
        : m_preset(preset), m_folder(folder), m_options(options), m_fill(preset, options.seed, options.rule),
          m_shards(planShards(preset)) {
        for (const auto& shard : m_shards) {
            m_result.bytes += shard.bytes();
            m_result.tensors += shard.tensors.size();
        }
        m_result.files = m_shards.size();
    }

    Result<Written> run();

private:
    Result<void> checkFolder();
    Result<void> writeAll();
    Result<void> writeShard(const ShardPlan& shard);
    Result<void> writeTensor(const FillPlan& plan, checkpoint::SafetensorsWriter& writer);
    Result<void> writeIndex();
    void removeWritten();

    const Preset& m_preset;
    fs::path m_folder;
    const WriteOptions& m_options;
    Fill m_fill;
    std::vector<ShardPlan> m_shards;
    std::vector<std::byte> m_buffer;
    std::uint64_t m_done = 0;
    Written m_result;
};

Result<void> Writer::checkFolder() {
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

Result<void> Writer::writeTensor(const FillPlan& plan, checkpoint::SafetensorsWriter& writer) {
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

Result<void> Writer::writeShard(const ShardPlan& shard) {
    const auto header = shard.header();
    BATHY_TRY(auto writer, checkpoint::SafetensorsWriter::create(m_folder / shard.file, header));
    if (m_options.headersOnly)
        return writer.finishSparse();
    for (const auto& tensor : shard.tensors)
        BATHY_CHECK(writeTensor(tensor, writer));
    return writer.finish();
}

Result<void> Writer::writeIndex() {
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

Result<void> Writer::writeAll() {
    BATHY_CHECK(writeFileAtomically(m_folder / "config.json", m_preset.configJson));
    for (const auto& shard : m_shards) {
        if (m_options.stop.stop_requested())
            return cancelled();
        BATHY_CHECK(writeShard(shard));
    }
    return writeIndex();
}

void Writer::removeWritten() {
    std::error_code ec;
    for (const auto& shard : m_shards)
        fs::remove(m_folder / shard.file, ec);
    fs::remove(m_folder / "config.json", ec);
    fs::remove(m_folder / "model.safetensors.index.json", ec);
    fs::remove(m_folder, ec); // only when it is empty
}

Result<Written> Writer::run() {
    BATHY_CHECK(checkFolder());
    if (auto written = writeAll(); !written) {
        removeWritten();
        return std::move(written).error();
    }
    return m_result;
}

} // namespace

Result<Written> writeCheckpoint(const Preset& preset, const fs::path& folder, const WriteOptions& options) {
    return Writer(preset, folder, options).run();
}

} // namespace bathy::model::synth
