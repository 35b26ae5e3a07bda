// bathy eval --suite basics and passkey: questions with answers, asked one after the other.
#include "engine/cli/engine_client.h"
#include "engine/cli/eval_suites.h"
#include "engine/cli/progress.h"
#include "engine/cli/text.h"
#include "engine/evaluate/eval_texts.h"
#include "engine/evaluate/exam_log.h"

#include <algorithm>
#include <ctime>
#include <optional>
#include <set>

namespace bathy::cli {
namespace {

std::string newFolderName(const std::string& suite) {
    const auto now = std::time(nullptr);
    std::tm parts{};
#ifdef _WIN32
    gmtime_s(&parts, &now);
#else
    gmtime_r(&now, &parts);
#endif
    char stamp[32];
    std::strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &parts);
    return "eval-" + suite + "-" + stamp;
}

// What must be the same for two runs to be parts of one. The ids stand for the questions.
Json settingsJson(const EvalOptions& options, const api::ModelCard& card, const std::string& data,
                  const std::vector<evaluate::Item>& items) {
    Json settings{{"suite", options.suite}, {"model", card.name},        {"fingerprint", card.fingerprint},
                  {"data", data},           {"questions", items.size()}, {"limit", options.limit},
                  {"temperature", 0},       {"precision", "fast"}};
    if (options.suite == "passkey") {
        settings["lengths"] = options.lengths;
        settings["trials"] = options.trials;
        settings["decoys"] = options.decoys;
    }
    return settings;
}

class ExamRun {
public:
    ExamRun(Io& io, evaluate::ExamLog log) : m_io(io), m_log(std::move(log)), m_results(m_log.earlier()) {}

    // Asks what has not been answered yet. Cancelled ends it without error.
    Result<void> run(const evaluate::Exam& exam, const std::vector<evaluate::Item>& items) {
        std::set<std::string> done;
        for (const auto& result : m_results)
            done.insert(result.id);
        Progress bar(m_io, "questions", ProgressUnit::Items);
        for (const auto& item : items) {
            if (done.contains(item.id))
                continue;
            auto result = m_io.stop().stop_requested() ? Result<evaluate::ItemResult>(cancelled()) : exam.ask(item);
            if (!result && result.error().isCancelled()) {
                m_stopped = true;
                return {};
            }
            BATHY_CHECK(result);
            BATHY_CHECK(m_log.add(*result));
            m_results.push_back(*std::move(result));
            bar.update(m_results.size(), items.size());
        }
        return {};
    }

    int report(const Json& settings) {
        const auto score = evaluate::scoreOf(m_results);
        std::vector<std::vector<std::string>> rows{{"skill", "right", "of", "score", "95 %"}};
        auto skills = Json::array();
        const auto add = [&](const std::string& name, const evaluate::Score& part) {
            const auto interval = evaluate::wilson95(part);
            rows.push_back({name, std::to_string(part.right), std::to_string(part.items),
                            formatFixed(part.share() * 100, 1),
                            formatFixed(interval.low * 100, 1) + " - " + formatFixed(interval.high * 100, 1)});
        };
        for (const auto& [name, part] : score.skills) {
            add(name, part);
            auto json = scoreJson(part);
            json["skill"] = name;
            skills.push_back(std::move(json));
        }
        add("all", score.all);
        for (const auto& line : formatTable(rows, {1, 2, 3, 4}))
            m_io.line(line);
        m_io.line("answers in " + m_log.itemsFile().string());
        auto document = scoreJson(score.all);
        document["suite"] = settings["suite"];
        document["skills"] = std::move(skills);
        document["settings"] = settings;
        document["stopped"] = m_stopped;
        document["per_item_file"] = m_log.itemsFile().string();
        m_io.document(document);
        return m_stopped ? exitCode(ErrorCode::Cancelled) : 0;
    }

private:
    Io& m_io;
    evaluate::ExamLog m_log;
    std::vector<evaluate::ItemResult> m_results;
    bool m_stopped = false;
};

// A haystack is only read where something is hidden in it.
Result<int> runExam(Io& io, const EvalOptions& options, const std::vector<evaluate::Item>& items,
                    const std::filesystem::path& data) {
    BATHY_TRY(auto client, EngineClient::start(io));
    BATHY_CHECK(client.open(options.model, {}));
    std::optional<tokenizer::Tokenizer> tokenizer;
    std::optional<evaluate::Haystack> haystack;
    if (std::ranges::any_of(items, [](const evaluate::Item& item) { return item.passkey.has_value(); })) {
        const auto folder = std::filesystem::is_directory(data) ? data : data.parent_path();
        BATHY_TRY(tokenizer, tokenizer::Tokenizer::load(client.card().path));
        BATHY_TRY(const auto prose, evaluate::readHaystack(folder));
        BATHY_TRY(haystack, evaluate::Haystack::create(prose, evaluate::kHaystackFile, *tokenizer));
    }
    const auto settings = settingsJson(options, client.card(), data.string(), items);
    BATHY_TRY(auto log, evaluate::ExamLog::open(options.out.empty() ? newFolderName(options.suite) : options.out,
                                                settings.dump(2), options.resume));
    const evaluate::Exam exam([&](api::Generate command) { return client.generate(std::move(command), {}); },
                              haystack ? &*haystack : nullptr, tokenizer ? &*tokenizer : nullptr);
    ExamRun run(io, std::move(log));
    BATHY_CHECK(run.run(exam, items));
    return run.report(settings);
}

} // namespace

Result<int> evalBasics(Io& io, const EvalOptions& options) {
    BATHY_TRY(const auto data, evalData(options));
    BATHY_TRY(auto items, evaluate::readItems(data));
    return runExam(io, options, limited(std::move(items), options.limit), data);
}

Result<int> evalPasskey(Io& io, const EvalOptions& options) {
    BATHY_TRY(const auto data, evalData(options));
    return runExam(io, options,
                   limited(evaluate::passkeyItems(options.lengths, options.trials, options.decoys), options.limit),
                   data);
}

} // namespace bathy::cli
