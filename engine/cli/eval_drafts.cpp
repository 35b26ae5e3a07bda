// bathy eval --suite mtp: how often the first token that the draft block guesses is the one the model takes, greedily.
#include "engine/cli/engine_client.h"
#include "engine/cli/eval_suites.h"
#include "engine/cli/progress.h"
#include "engine/cli/text.h"
#include "engine/evaluate/eval_texts.h"

#include <algorithm>

namespace bathy::cli {
namespace {

constexpr std::int64_t kPromptTokens = 128;   // of a passage of prose
constexpr std::int64_t kContinuedTokens = 64; // generated after it
constexpr std::int64_t kPassages = 24;        // of each text
constexpr std::int64_t kQuestionsPerSkill = 20;

struct Drafts {
    std::int64_t guessed = 0;
    std::int64_t right = 0;

    double share() const { return guessed > 0 ? static_cast<double>(right) / static_cast<double>(guessed) : 0; }
    Json json() const { return {{"drafted", guessed}, {"accepted", right}, {"acceptance", share()}}; }
};

api::Generate greedily(api::Prompt prompt, std::int64_t tokens) {
    api::Generate command;
    command.prompt = std::move(prompt);
    command.sampling.temperature = 0;
    command.sampling.maxTokens = tokens;
    command.speculate = 1;
    return command;
}

std::vector<api::Generate> questions(const std::vector<evaluate::Item>& items) {
    std::vector<api::Generate> commands;
    for (const auto& item : items) {
        if (item.passkey)
            continue;
        api::ChatPrompt prompt;
        prompt.messages = item.messages;
        prompt.options.thinking = item.thinking ? api::ThinkingMode::Thinking : api::ThinkingMode::Chat;
        commands.push_back(greedily(std::move(prompt), item.maxTokens));
    }
    return commands;
}

Result<std::vector<api::Generate>> passages(const std::vector<evaluate::NamedText>& texts,
                                            const tokenizer::Tokenizer& tokenizer) {
    std::vector<api::Generate> commands;
    for (const auto& text : texts) {
        BATHY_TRY(auto domain, evaluate::textDomain(text, tokenizer, kPromptTokens));
        domain.documents.resize(static_cast<std::size_t>(std::min(std::ssize(domain.documents), kPassages)));
        for (auto& document : domain.documents)
            commands.push_back(greedily(api::TokenPrompt{std::move(document)}, kContinuedTokens));
    }
    return commands;
}

Result<Drafts> measure(Io& io, EngineClient& client, std::vector<api::Generate> commands, const char* label) {
    Drafts drafts;
    Progress bar(io, label, ProgressUnit::Items);
    std::uint64_t done = 0;
    for (auto& command : commands) {
        BATHY_TRY(const auto finished, client.generate(std::move(command), {}));
        if (finished.reason == api::FinishReason::Cancelled)
            return cancelled();
        drafts.guessed += finished.speculation.guessed;
        drafts.right += finished.speculation.right;
        bar.update(++done, commands.size());
    }
    return drafts;
}

} // namespace

Result<int> evalDrafts(Io& io, const EvalOptions& options) {
    BATHY_TRY(const auto folder, evalData(options));
    BATHY_TRY(auto items, evaluate::readItems(folder));
    items = limited(std::move(items), options.limit > 0 ? options.limit : kQuestionsPerSkill);
    BATHY_TRY(const auto texts, evaluate::readTexts(folder));
    BATHY_TRY(auto client, EngineClient::start(io));
    BATHY_CHECK(client.open(options.model, {}));
    if (client.card().draftLayers == 0)
        return Error(ErrorCode::Unsupported, client.card().path + " brings no draft block");
    BATHY_TRY(const auto tokenizer, tokenizer::Tokenizer::load(client.card().path));
    BATHY_TRY(auto prose, passages(texts, tokenizer));
    BATHY_TRY(const auto skills, measure(io, client, questions(items), "questions"));
    BATHY_TRY(const auto continued, measure(io, client, std::move(prose), "prose"));
    for (const auto& [name, drafts] : {std::pair{"skills", skills}, {"prose", continued}})
        io.line(padRight(name, 8) + formatFixed(drafts.share() * 100, 1) + " % of " +
                counted(static_cast<std::uint64_t>(drafts.guessed), "first draft") + " accepted");
    io.document({{"suite", options.suite},
                 {"items", skills.guessed + continued.guessed},
                 {"score", Drafts{skills.guessed + continued.guessed, skills.right + continued.right}.share()},
                 {"skills", skills.json()},
                 {"prose", continued.json()},
                 {"settings",
                  {{"model", client.card().name}, {"fingerprint", client.card().fingerprint}, {"temperature", 0}}}});
    return 0;
}

} // namespace bathy::cli
