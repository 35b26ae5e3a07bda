#include "engine/library/facts_cache.h"

#include "engine/base/text_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace bathy::library {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMaxBytes = 64'000'000;
constexpr int kVersion = 1;

Json toJson(const std::string& path, std::uint64_t bytes, std::int64_t modified, const FileFacts& facts) {
    return Json::array({path, bytes, modified, facts.architecture, facts.contextLength, facts.quantisation,
                        facts.headerHash, facts.problem});
}

} // namespace

FactsCache FactsCache::load(const std::filesystem::path& file) {
    FactsCache cache;
    const auto text = readTextFile(file, kMaxBytes);
    const auto json = text ? Json::parse(*text, nullptr, false) : Json();
    if (!json.is_object() || json.value("version", 0) != kVersion || !json.contains("files"))
        return cache;
    try {
        for (const auto& row : json["files"]) {
            Known known;
            known.bytes = row.at(1).get<std::uint64_t>();
            known.modifiedNs = row.at(2).get<std::int64_t>();
            known.facts = {row.at(3).get<std::string>(), row.at(4).get<std::int64_t>(), row.at(5).get<std::string>(),
                           row.at(6).get<std::string>(), row.at(7).get<std::string>()};
            cache.m_known.emplace(row.at(0).get<std::string>(), std::move(known));
        }
    } catch (const Json::exception&) {
        cache.m_known.clear();
    }
    return cache;
}

Result<void> FactsCache::save(const std::filesystem::path& file) {
    const auto erased = std::erase_if(m_known, [](const auto& entry) { return !entry.second.wanted; });
    if (erased == 0 && m_read == 0)
        return {};
    auto files = Json::array();
    for (const auto& [path, known] : m_known)
        files.push_back(toJson(path, known.bytes, known.modifiedNs, known.facts));
    std::error_code ec;
    std::filesystem::create_directories(file.parent_path(), ec);
    m_read = 0;
    const Json document{{"version", kVersion}, {"files", std::move(files)}};
    return writeFileAtomically(file, document.dump(-1, ' ', false, Json::error_handler_t::replace));
}

const FileFacts& FactsCache::facts(const Item& item, WeightFormat format) {
    auto& known = m_known[item.path.string()];
    if (known.bytes != item.bytes || known.modifiedNs != item.modifiedNs) {
        known.facts = readFileFacts(item.path, format);
        known.bytes = item.bytes;
        known.modifiedNs = item.modifiedNs;
        ++m_read;
    }
    known.wanted = true;
    return known.facts;
}

} // namespace bathy::library
