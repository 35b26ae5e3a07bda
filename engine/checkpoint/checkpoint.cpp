#include "engine/checkpoint/checkpoint.h"

#include "engine/base/mapped_file.h"
#include "engine/base/text_file.h"
#include "engine/checkpoint/gguf_header.h"
#include "engine/checkpoint/safetensors_header.h"
#include "engine/checkpoint/shard_set.h"

#define XXH_INLINE_ALL
#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <unordered_map>
#include <xxhash.h>

namespace bathy::checkpoint {
namespace {

constexpr std::uint64_t kMaxConfigBytes = 4'000'000;

struct MappedShard {
    MappedFile file;
    TensorDirectory directory;
    std::size_t firstTensor = 0; // its first tensor's index in the whole checkpoint
};

// Index of a stored tensor, or kAliasBit | index of an alias.
constexpr std::uint32_t kAliasBit = 0x8000'0000U;

} // namespace

struct Checkpoint::State {
    std::filesystem::path folder;
    std::string name;
    std::string configText;
    std::optional<GgufMetadata> metadata; // of the first shard
    std::vector<std::string> notes;
    std::vector<Shard> shards;
    std::vector<MappedShard> files;
    std::size_t tensorCount = 0;
    std::uint64_t tensorBytes = 0;
    std::deque<Alias> aliases; // a deque: names must not move
    std::unordered_map<std::string_view, std::uint32_t> byName;

    Result<void> addShard(const ShardSet& set, std::size_t index);
    Result<void> checkSplit(const GgufMetadata& metadata, std::size_t index, std::size_t count) const;
    Result<void> checkSplitTotal() const;
    Result<void> checkIndex(const ShardIndex& index, const std::string& indexName);
    Result<void> readConfig();
    const MappedShard& shardOf(std::size_t tensor) const;
};

// A part of a GGUF set says which one it is.
Result<void> Checkpoint::State::checkSplit(const GgufMetadata& part, std::size_t index, std::size_t count) const {
    constexpr auto kMost = static_cast<std::int64_t>(kMaxShards);
    BATHY_TRY(const auto parts,
              part.integer("split.count", 0, kMost, count > 1 ? std::nullopt : std::optional<std::int64_t>(1)));
    if (static_cast<std::size_t>(std::max<std::int64_t>(parts, 1)) != count)
        return part.bad("split.count",
                        "is " + std::to_string(parts) + ", but the file names make a set of " + std::to_string(count));
    if (count == 1)
        return {};
    BATHY_TRY(const auto number, part.integer("split.no", 0, kMost));
    if (static_cast<std::size_t>(number) != index)
        return part.bad("split.no", "is " + std::to_string(number) + ", but the file name says " +
                                        std::to_string(index) + " (counted from 0)");
    return {};
}

Result<void> Checkpoint::State::checkSplitTotal() const {
    if (!metadata || !metadata->has("split.tensors.count") || files.size() == 1)
        return {};
    BATHY_TRY(const auto total, metadata->integer("split.tensors.count", 0, kMaxTensors));
    if (static_cast<std::size_t>(total) != tensorCount)
        return metadata->bad("split.tensors.count", "is " + std::to_string(total) + ", but the set holds " +
                                                        std::to_string(tensorCount) + " tensors");
    return {};
}

Result<void> Checkpoint::State::addShard(const ShardSet& set, std::size_t index) {
    const auto& path = set.files[index];
    const auto fileName = path.filename().string();
    BATHY_TRY(auto file, MappedFile::open(path));
    TensorDirectory directory;
    if (set.format == FileFormat::Gguf) {
        BATHY_TRY(auto header, parseGgufHeader(file.bytes(), fileName));
        BATHY_CHECK(checkSplit(header.metadata, index, set.files.size()));
        directory = std::move(header.directory);
        if (index == 0)
            metadata = std::move(header.metadata);
    } else {
        BATHY_TRY(directory, parseSafetensorsHeader(file.bytes(), fileName));
    }
    if (tensorCount + directory.tensors.size() > kMaxTensors)
        return Error(ErrorCode::BadFile, fileName + ": more than 1000000 tensors in the files up to this one");
    shards.push_back({path, file.size(), directory.dataOffset, static_cast<std::uint32_t>(directory.tensors.size())});
    files.push_back({std::move(file), std::move(directory), tensorCount});
    const auto& added = files.back();
    for (const auto& tensor : added.directory.tensors) {
        const auto [entry, isNew] = byName.emplace(tensor.name, static_cast<std::uint32_t>(tensorCount));
        if (!isNew)
            return Error(ErrorCode::BadFile, fileName + ": tensor " + quotedName(tensor.name) + " is also in " +
                                                 shardOf(entry->second).file.path().filename().string());
        ++tensorCount;
        tensorBytes += tensor.end - tensor.begin;
    }
    return {};
}

Result<void> Checkpoint::State::checkIndex(const ShardIndex& index, const std::string& indexName) {
    for (const auto& [tensorName, shard] : index.weightMap) {
        const auto found = byName.find(tensorName);
        const bool there = found != byName.end() && &shardOf(found->second) == &files[shard];
        if (!there)
            return Error(ErrorCode::BadFile,
                         indexName + ": weight_map puts tensor " + quotedName(tensorName) + " into " +
                             index.files[shard] + ", which does not hold it",
                         "download the checkpoint again");
    }
    if (index.weightMap.size() < tensorCount)
        notes.push_back(indexName + ": " + std::to_string(tensorCount - index.weightMap.size()) +
                        " tensors of the files are not in weight_map");
    if (index.totalSize && *index.totalSize != tensorBytes)
        notes.push_back(indexName + ": metadata.total_size is " + std::to_string(*index.totalSize) +
                        ", the tensors have " + std::to_string(tensorBytes) + " bytes");
    return {};
}

Result<void> Checkpoint::State::readConfig() {
    std::error_code ec;
    if (!std::filesystem::exists(folder / "config.json", ec))
        return {};
    BATHY_TRY(configText, readTextFile(folder / "config.json", kMaxConfigBytes));
    return {};
}

const MappedShard& Checkpoint::State::shardOf(std::size_t tensor) const {
    std::size_t low = 0;
    std::size_t high = files.size();
    while (high - low > 1) {
        const auto middle = (low + high) / 2;
        (files[middle].firstTensor <= tensor ? low : high) = middle;
    }
    return files[low];
}

Checkpoint::Checkpoint(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Checkpoint::Checkpoint(Checkpoint&&) noexcept = default;
Checkpoint& Checkpoint::operator=(Checkpoint&&) noexcept = default;
Checkpoint::~Checkpoint() = default;

Result<Checkpoint> Checkpoint::open(const std::filesystem::path& path, const std::stop_token& stop) {
    BATHY_TRY(const auto set, findShards(path));
    auto state = std::make_unique<State>();
    state->folder = set.folder;
    state->name = set.files.size() == 1 && set.files[0].stem() != "model" ? set.files[0].stem().string()
                                                                          : set.folder.filename().string();
    if (set.format == FileFormat::Safetensors)
        BATHY_CHECK(state->readConfig());
    state->files.reserve(set.files.size());
    for (std::size_t i = 0; i < set.files.size(); ++i) {
        if (stop.stop_requested())
            return cancelled();
        BATHY_CHECK(state->addShard(set, i));
    }
    if (set.index)
        BATHY_CHECK(state->checkIndex(*set.index, set.indexName));
    BATHY_CHECK(state->checkSplitTotal());
    Checkpoint checkpoint(std::move(state));
    BATHY_CHECK(checkpoint.intact());
    return checkpoint;
}

Result<void> Checkpoint::intact() const {
    const auto bad = std::find_if(m_state->files.begin(), m_state->files.end(),
                                  [](const MappedShard& shard) { return !shard.file.intact(); });
    if (bad == m_state->files.end())
        return {};
    std::error_code ec;
    const auto now = std::filesystem::file_size(bad->file.path(), ec);
    const auto name = bad->file.path().filename().string();
    if (!ec && now < bad->file.size())
        return Error(ErrorCode::BadFile,
                     name + " was cut off while it was in use: it had " + std::to_string(bad->file.size()) +
                         " bytes and has " + std::to_string(now),
                     "download or copy the file again, then load the model again");
    return Error(ErrorCode::BadFile, name + " could not be read any more while it was in use",
                 "check the disk, then load the model again");
}

const std::filesystem::path& Checkpoint::folder() const {
    return m_state->folder;
}

const std::string& Checkpoint::name() const {
    return m_state->name;
}

const std::string& Checkpoint::configText() const {
    return m_state->configText;
}

void Checkpoint::setConfigText(std::string text) {
    m_state->configText = std::move(text);
}

const GgufMetadata* Checkpoint::metadata() const {
    return m_state->metadata ? &*m_state->metadata : nullptr;
}

std::span<const std::string> Checkpoint::notes() const {
    return m_state->notes;
}

std::span<const Shard> Checkpoint::shards() const {
    return m_state->shards;
}

std::size_t Checkpoint::tensorCount() const {
    return m_state->tensorCount;
}

std::uint64_t Checkpoint::tensorBytes() const {
    return m_state->tensorBytes;
}

TensorView Checkpoint::tensor(std::size_t index) const {
    const auto& shard = m_state->shardOf(index);
    const auto& tensor = shard.directory.tensors[index - shard.firstTensor];
    const std::span dims(shard.directory.dims);
    return {tensor.name, tensor.dtype, dims.subspan(tensor.shapeAt, tensor.rank),
            shard.file.bytes().subspan(shard.directory.dataOffset + tensor.begin, tensor.end - tensor.begin),
            static_cast<std::uint32_t>(&shard - m_state->files.data())};
}

std::optional<TensorView> Checkpoint::find(std::string_view name) const {
    const auto found = m_state->byName.find(name);
    if (found == m_state->byName.end())
        return std::nullopt;
    if (!(found->second & kAliasBit))
        return tensor(found->second);
    const auto& alias = m_state->aliases[found->second & ~kAliasBit];
    auto view = tensor(alias.tensor);
    return TensorView{alias.name, view.dtype, alias.shape, view.bytes.subspan(alias.begin, alias.length), view.shard};
}

std::optional<std::size_t> Checkpoint::indexOf(std::string_view name) const {
    const auto found = m_state->byName.find(name);
    if (found == m_state->byName.end())
        return std::nullopt;
    return found->second & kAliasBit ? m_state->aliases[found->second & ~kAliasBit].tensor : found->second;
}

Result<void> Checkpoint::addAlias(Alias alias) {
    const auto bad = [&](const char* what) {
        return Error(ErrorCode::BadFile, m_state->name + ": tensor " + quotedName(alias.name) + " " + what);
    };
    if (alias.tensor >= tensorCount())
        return bad("refers to a tensor that does not exist");
    const auto stored = tensor(alias.tensor);
    if (alias.begin > stored.bytes.size() || alias.length > stored.bytes.size() - alias.begin)
        return bad("leaves the tensor it is a part of");
    if (m_state->byName.contains(alias.name))
        return bad("is there under two names");
    m_state->aliases.push_back(std::move(alias));
    m_state->byName.emplace(m_state->aliases.back().name,
                            kAliasBit | static_cast<std::uint32_t>(m_state->aliases.size() - 1));
    return {};
}

std::string Checkpoint::fingerprint() const {
    XXH3_state_t* hash = XXH3_createState();
    XXH3_64bits_reset(hash);
    XXH3_64bits_update(hash, m_state->configText.data(), m_state->configText.size());
    constexpr std::size_t kPage = 4096;
    for (const auto& shard : m_state->files) {
        const auto bytes = shard.file.bytes();
        XXH3_64bits_update(hash, bytes.data(), shard.directory.dataOffset);
        const auto weights = bytes.subspan(shard.directory.dataOffset);
        const auto page = std::min(kPage, weights.size());
        for (const auto at : {std::size_t{0}, (weights.size() - page) / 2, weights.size() - page})
            XXH3_64bits_update(hash, weights.data() + at, page);
    }
    const auto digest = XXH3_64bits_digest(hash);
    XXH3_freeState(hash);
    std::array<char, 17> text{};
    std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(digest));
    return text.data();
}

std::int64_t TensorView::elementCount() const {
    // Unsigned, because [2^63 - 1, 2, 0] is a legal shape whose product wraps on its way to zero.
    std::uint64_t count = 1;
    for (const auto dim : shape)
        count *= static_cast<std::uint64_t>(dim);
    return static_cast<std::int64_t>(count);
}

} // namespace bathy::checkpoint
