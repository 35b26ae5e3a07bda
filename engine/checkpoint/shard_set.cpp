#include "engine/checkpoint/shard_set.h"

#include "engine/base/text_file.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <system_error>

namespace fs = std::filesystem;

namespace bathy::checkpoint {
namespace {

constexpr std::uint64_t kMaxIndexBytes = 256'000'000;
constexpr std::string_view kSuffix = ".safetensors";
constexpr std::string_view kGgufSuffix = ".gguf";
constexpr std::string_view kIndexSuffix = ".safetensors.index.json";

bool endsWith(std::string_view text, std::string_view suffix) {
    return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

// "model-00003-of-00046.safetensors": stem "model", number 3 of 46, both with `digits` digits.
struct NumberedName {
    std::string stem;
    std::string_view suffix;
    std::size_t number = 0;
    std::size_t total = 0;
    std::size_t digits = 0;
};

std::optional<std::size_t> allDigits(std::string_view text) {
    if (text.empty() || text.size() > 6 || text.find_first_not_of("0123456789") != std::string_view::npos)
        return std::nullopt;
    return static_cast<std::size_t>(std::atoi(std::string(text).c_str()));
}

std::optional<NumberedName> parseNumberedName(std::string_view name) {
    const auto suffix = endsWith(name, kGgufSuffix) ? kGgufSuffix : kSuffix;
    if (!endsWith(name, suffix))
        return std::nullopt;
    name.remove_suffix(suffix.size());
    const auto of = name.rfind("-of-");
    if (of == std::string_view::npos || of == 0)
        return std::nullopt;
    const auto dash = name.rfind('-', of - 1);
    if (dash == std::string_view::npos)
        return std::nullopt;
    const auto number = allDigits(name.substr(dash + 1, of - dash - 1));
    const auto total = allDigits(name.substr(of + 4));
    if (!number || !total || *number == 0 || *number > *total)
        return std::nullopt;
    return NumberedName{std::string(name.substr(0, dash)), suffix, *number, *total, of - dash - 1};
}

std::string numberedFile(const NumberedName& set, std::size_t number) {
    const auto digits = [&](std::size_t value) {
        auto text = std::to_string(value);
        return std::string(set.digits - std::min(set.digits, text.size()), '0') + text;
    };
    return set.stem + "-" + digits(number) + "-of-" + digits(set.total) + std::string(set.suffix);
}

bool isThere(const fs::path& path) {
    std::error_code ec;
    return fs::exists(path, ec);
}

bool isInside(const fs::path& path, const fs::path& folder) {
    const auto end = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first;
    return end == folder.end();
}

// A link may lead to another place of the same checkpoint only. The Hugging Face cache keeps its files in
// <repository>/blobs and links to them from <repository>/snapshots/<revision>.
Result<void> checkStaysInside(const fs::path& file, const fs::path& folder) {
    std::error_code ec;
    const auto target = fs::canonical(file, ec);
    const auto home = ec ? fs::path() : fs::canonical(folder, ec);
    if (ec)
        return Error(ErrorCode::NotFound, file.string() + " does not exist",
                     "the checkpoint is incomplete; download it again");
    if (isInside(target, home))
        return {};
    if (home.parent_path().filename() == "snapshots" && isInside(target, home.parent_path().parent_path() / "blobs"))
        return {};
    return Error(ErrorCode::BadFile, file.string() + " is a link that leads out of its folder",
                 "replace the link by the file itself");
}

Result<ShardSet> fromIndex(const fs::path& folder, const fs::path& indexFile) {
    const auto name = indexFile.filename().string();
    BATHY_TRY(const auto text, readTextFile(indexFile, kMaxIndexBytes));
    ShardSet set;
    set.folder = folder;
    set.indexName = name;
    BATHY_TRY(set.index, parseShardIndex(text, name));
    for (const auto& file : set.index->files) {
        if (!isThere(folder / file))
            return Error(ErrorCode::NotFound, name + ": shard " + file + " does not exist in " + folder.string(),
                         "the checkpoint is incomplete; download the missing file");
        BATHY_CHECK(checkStaysInside(folder / file, folder));
        set.files.push_back(folder / file);
    }
    return set;
}

Result<ShardSet> fromNumbers(const fs::path& folder, const NumberedName& numbered) {
    if (numbered.total > kMaxShards)
        return Error(ErrorCode::BadFile, numberedFile(numbered, numbered.number) + ": a set of more than 10000 files");
    ShardSet set;
    set.format = numbered.suffix == kGgufSuffix ? FileFormat::Gguf : FileFormat::Safetensors;
    set.folder = folder;
    for (std::size_t i = 1; i <= numbered.total; ++i) {
        const auto file = folder / numberedFile(numbered, i);
        if (!isThere(file))
            return Error(ErrorCode::NotFound,
                         "shard " + file.filename().string() + " does not exist in " + folder.string(),
                         "the checkpoint is incomplete; download the missing file");
        set.files.push_back(file);
    }
    return set;
}

FileFormat formatOf(std::string_view name) {
    return endsWith(name, kGgufSuffix) ? FileFormat::Gguf : FileFormat::Safetensors;
}

ShardSet singleFile(const fs::path& file, FileFormat format) {
    ShardSet set;
    set.format = format;
    set.folder = file.parent_path();
    set.files.push_back(file);
    return set;
}

// `names` are all files of one format in the folder, at least one. Of a set with missing files the first one that is
// missing is reported.
Result<ShardSet> fromNames(const fs::path& folder, std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    const auto numbered = parseNumberedName(names.front());
    if (numbered && names.size() <= numbered->total)
        return fromNumbers(folder, *numbered);
    if (names.size() == 1)
        return singleFile(folder / names.front(), formatOf(names.front()));
    if (endsWith(names.front(), kGgufSuffix))
        return Error(ErrorCode::BadFile, folder.string() + " holds several .gguf files", "name the file itself");
    return Error(ErrorCode::BadFile,
                 folder.string() + " holds several .safetensors files and no index says which belong together",
                 "name the file itself");
}

Result<ShardSet> fromFolder(const fs::path& folder) {
    if (isThere(folder / "model.safetensors.index.json"))
        return fromIndex(folder, folder / "model.safetensors.index.json");
    if (isThere(folder / "model.safetensors"))
        return singleFile(folder / "model.safetensors", FileFormat::Safetensors);
    std::vector<std::string> names;
    std::vector<std::string> indices;
    std::vector<std::string> ggufNames;
    std::error_code ec;
    for (fs::directory_iterator entry(folder, ec), end; !ec && entry != end; entry.increment(ec)) {
        const auto name = entry->path().filename().string();
        if (endsWith(name, kSuffix))
            names.push_back(name);
        else if (endsWith(name, kIndexSuffix))
            indices.push_back(name);
        else if (endsWith(name, kGgufSuffix))
            ggufNames.push_back(name);
    }
    if (ec)
        return Error(ErrorCode::Io, "cannot list " + folder.string() + ": " + ec.message());
    if (indices.size() == 1)
        return fromIndex(folder, folder / indices.front());
    if (!names.empty())
        return fromNames(folder, std::move(names));
    if (!ggufNames.empty())
        return fromNames(folder, std::move(ggufNames));
    return Error(ErrorCode::NotFound, folder.string() + " holds no .safetensors and no .gguf file",
                 "choose the folder that has the weights");
}

// Some programs keep GGUF files without the ending: Ollama's blobs, Jan's models.
bool beginsWithGguf(const fs::path& file) {
    std::array<char, 4> magic{};
    std::ifstream(file, std::ios::binary).read(magic.data(), magic.size());
    return std::string_view(magic.data(), magic.size()) == "GGUF";
}

Result<ShardSet> fromFile(const fs::path& file) {
    const auto name = file.filename().string();
    if (endsWith(name, kIndexSuffix))
        return fromIndex(file.parent_path(), file);
    if (!endsWith(name, kSuffix) && !endsWith(name, kGgufSuffix)) {
        if (beginsWithGguf(file))
            return singleFile(file, FileFormat::Gguf);
        return Error(ErrorCode::Unsupported, file.string() + " is neither a .safetensors nor a .gguf file",
                     "name a checkpoint folder or one of its files");
    }
    const auto numbered = parseNumberedName(name);
    if (!numbered)
        return singleFile(file, formatOf(name));
    const auto index = file.parent_path() / (numbered->stem + std::string(kIndexSuffix));
    const bool indexed = numbered->suffix == kSuffix && isThere(index);
    return indexed ? fromIndex(file.parent_path(), index) : fromNumbers(file.parent_path(), *numbered);
}

} // namespace

Result<ShardSet> findShards(const fs::path& path) {
    std::error_code ec;
    auto absolute = fs::absolute(path, ec).lexically_normal();
    if (!absolute.has_filename())
        absolute = absolute.parent_path(); // a folder given with a slash at the end
    if (fs::is_directory(absolute, ec))
        return fromFolder(absolute);
    if (!fs::exists(absolute, ec))
        return Error(ErrorCode::NotFound, path.string() + " does not exist",
                     "name a checkpoint folder, a .safetensors or a .gguf file");
    return fromFile(absolute);
}

} // namespace bathy::checkpoint
