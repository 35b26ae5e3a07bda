#include "engine/evaluate/exam_log.h"

#include "engine/api/finish_reason.h"
#include "engine/base/text_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

namespace fs = std::filesystem;

namespace bathy::evaluate {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kLargestLog = std::uint64_t{1} << 30U;

std::string lineOf(const ItemResult& result) {
    const Json json{{"id", result.id},
                    {"skill", result.skill},
                    {"right", result.right},
                    {"expected", result.expected},
                    {"text", result.text},
                    {"reasoning", result.reasoning},
                    {"finish", api::finishReasonName(result.finish)},
                    {"prompt_tokens", result.promptTokens},
                    {"reused_tokens", result.reusedTokens},
                    {"generated_tokens", result.generatedTokens},
                    {"seconds", result.seconds}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<ItemResult> resultOf(std::string_view line) {
    const auto json = Json::parse(line.begin(), line.end(), nullptr, /*allow_exceptions=*/false);
    if (!json.is_object())
        return std::nullopt;
    ItemResult result;
    const auto text = [&](const char* key, std::string& value) {
        const auto it = json.find(key);
        if (it == json.end() || !it->is_string())
            return false;
        value = it->get<std::string>();
        return true;
    };
    const auto count = [&](const char* key, std::int64_t& value) {
        const auto it = json.find(key);
        if (it == json.end() || !it->is_number_integer())
            return false;
        value = it->get<std::int64_t>();
        return true;
    };
    std::string finish;
    const bool whole = text("id", result.id) && text("skill", result.skill) && text("expected", result.expected) &&
                       text("text", result.text) && text("reasoning", result.reasoning) && text("finish", finish) &&
                       count("prompt_tokens", result.promptTokens) && count("reused_tokens", result.reusedTokens) &&
                       count("generated_tokens", result.generatedTokens);
    const auto name = std::ranges::find(api::kFinishReasonNames, finish);
    const auto right = json.find("right");
    const auto seconds = json.find("seconds");
    if (!whole || name == api::kFinishReasonNames.end() || right == json.end() || !right->is_boolean() ||
        seconds == json.end() || !seconds->is_number())
        return std::nullopt;
    result.finish = static_cast<api::FinishReason>(name - api::kFinishReasonNames.begin());
    result.right = right->get<bool>();
    result.seconds = seconds->get<double>();
    return result;
}

Result<std::vector<ItemResult>> readResults(std::string_view text, const std::string& name) {
    std::vector<ItemResult> results;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        auto result = resultOf(text.substr(0, end));
        if (!result)
            return Error(ErrorCode::BadFile, name + ", line " + std::to_string(number) + " is no result of a question");
        results.push_back(*std::move(result));
        text.remove_prefix(end + 1);
    }
    return results;
}

Result<void> checkSettings(const fs::path& file, const std::string& settings) {
    BATHY_TRY(const auto earlier, readTextFile(file, kLargestLog));
    if (Json::parse(earlier, nullptr, false) != Json::parse(settings, nullptr, false))
        return Error(ErrorCode::BadArgument, file.string() + ": the earlier run had other settings",
                     "go on with the same options, model and questions, or choose another folder");
    return {};
}

} // namespace

Result<ExamLog> ExamLog::open(const fs::path& folder, const std::string& settings, bool resume) {
    std::error_code ec;
    fs::create_directories(folder, ec);
    if (ec)
        return Error(ErrorCode::Io, "cannot make " + folder.string() + ": " + ec.message());
    const auto file = folder / "items.jsonl";
    std::vector<ItemResult> earlier;
    if (fs::exists(file, ec)) {
        if (!resume)
            return Error(ErrorCode::BadArgument, folder.string() + " holds the answers of an earlier run",
                         "--resume goes on with them; or choose another folder");
        BATHY_CHECK(checkSettings(folder / "settings.json", settings));
        BATHY_TRY(auto text, readTextFile(file, kLargestLog));
        if (const auto whole = text.rfind('\n') + 1; whole < text.size()) {
            text.resize(whole);
            fs::resize_file(file, whole, ec);
            if (ec)
                return Error(ErrorCode::Io, "cannot shorten " + file.string() + ": " + ec.message());
        }
        BATHY_TRY(earlier, readResults(text, file.string()));
    } else {
        BATHY_CHECK(writeFileAtomically(folder / "settings.json", settings + "\n"));
    }
    ExamLog log(file, std::move(earlier));
    log.m_stream.open(file, std::ios::binary | std::ios::app);
    if (!log.m_stream)
        return Error(ErrorCode::Io, "cannot write " + file.string());
    return log;
}

Result<void> ExamLog::add(const ItemResult& result) {
    m_stream << lineOf(result) << std::flush;
    if (!m_stream)
        return Error(ErrorCode::Io, "cannot write " + m_file.string(), "is the disk full?");
    return {};
}

} // namespace bathy::evaluate
