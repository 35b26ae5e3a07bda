#include "engine/library/file_name.h"

#include "engine/library/utf8_name.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace bathy::library {
namespace {

constexpr std::string_view kSafetensors = ".safetensors";
constexpr std::string_view kGguf = ".gguf";
constexpr std::array<std::string_view, 11> kWords{"F32", "FP32", "F16",   "FP16",      "BF16", "FP8",
                                                  "F8",  "FP4",  "MXFP4", "MXFP4_MOE", "NVFP4"};

constexpr std::size_t kMaxShards = 10'000;

bool isDigits(std::string_view text) {
    return !text.empty() && text.size() <= 6 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::size_t toNumber(std::string_view digits) {
    std::size_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

// Takes "-00002-of-00009" off the stem.
void takeShard(FileName& name) {
    const auto of = name.stem.rfind("-of-");
    const auto dash = of == std::string::npos || of == 0 ? std::string::npos : name.stem.rfind('-', of - 1);
    if (dash == std::string::npos || dash == 0)
        return;
    const auto number = std::string_view(name.stem).substr(dash + 1, of - dash - 1);
    const auto total = std::string_view(name.stem).substr(of + 4);
    if (!isDigits(number) || !isDigits(total) || toNumber(number) == 0 || toNumber(number) > toNumber(total) ||
        toNumber(total) > kMaxShards)
        return;
    name.shard = toNumber(number);
    name.shards = toNumber(total);
    name.digits = number.size();
    name.stem.resize(dash);
}

// The longest ending that is a quantisation, after a separator.
void takeQuantisation(FileName& name) {
    name.base = name.stem;
    for (std::size_t i = 1; i + 1 < name.stem.size(); ++i) {
        const bool separator = name.stem[i] == '-' || name.stem[i] == '.' || name.stem[i] == '_';
        if (!separator || !isQuantisation(std::string_view(name.stem).substr(i + 1)))
            continue;
        name.quantisation = upperCase(std::string_view(name.stem).substr(i + 1));
        name.base.resize(i);
        if (upperCase(name.base).ends_with("-UD")) { // "dynamic" mixtures carry this mark before the type
            name.quantisation.insert(0, "UD-");
            name.base.resize(name.base.size() - 3);
        }
        return;
    }
}

} // namespace

WeightFormat formatOf(std::string_view fileName) {
    const auto lower = lowerCase(fileName);
    return lower.ends_with(kGguf)          ? WeightFormat::Gguf
           : lower.ends_with(kSafetensors) ? WeightFormat::Safetensors
                                           : WeightFormat::None;
}

bool isQuantisation(std::string_view word) {
    const auto upper = upperCase(word);
    if (std::find(kWords.begin(), kWords.end(), upper) != kWords.end())
        return true;
    std::string_view rest = upper;
    if (rest.starts_with("I") || rest.starts_with("T"))
        rest.remove_prefix(1);
    if (rest.size() < 4 || rest[0] != 'Q' || rest[1] < '1' || rest[1] > '8' || rest[2] != '_')
        return false;
    return rest.size() <= 12 &&
           rest.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_", 3) == std::string_view::npos;
}

FileName parseFileName(std::string_view fileName) {
    FileName name;
    switch (formatOf(fileName)) {
    case WeightFormat::Gguf:
        fileName.remove_suffix(kGguf.size());
        break;
    case WeightFormat::Safetensors:
        fileName.remove_suffix(kSafetensors.size());
        break;
    case WeightFormat::None:
        break;
    }
    name.stem = fileName;
    takeShard(name);
    takeQuantisation(name);
    return name;
}

std::string shardName(const FileName& name, std::size_t shard, std::string_view ending) {
    const auto digits = [&](std::size_t value) {
        auto text = std::to_string(value);
        return std::string(name.digits - std::min(name.digits, text.size()), '0') + text;
    };
    return name.stem + "-" + digits(shard) + "-of-" + digits(name.shards) + std::string(ending);
}

} // namespace bathy::library
