#include "engine/evaluate/exam.h"

#include "engine/evaluate/match.h"

#include <utility>

namespace bathy::evaluate {

Result<ItemResult> Exam::ask(const Item& item) const {
    api::ChatPrompt prompt;
    ItemResult result;
    result.id = item.id;
    result.skill = item.skill;
    result.expected = item.answer;
    if (item.passkey) {
        if (m_haystack == nullptr || m_tokenizer == nullptr)
            return Error(ErrorCode::BadArgument, item.id + " is a pass-key, and there is no haystack to hide it in");
        BATHY_TRY(auto question, m_haystack->ask(*item.passkey, *m_tokenizer));
        prompt.messages.push_back({"user", std::move(question.prompt), "", {}});
        result.expected = std::move(question.answer);
    } else {
        prompt.messages = item.messages;
    }
    prompt.options.thinking = item.thinking ? api::ThinkingMode::Thinking : api::ThinkingMode::Chat;
    api::Generate command;
    command.prompt = std::move(prompt);
    command.sampling.temperature = 0;
    command.sampling.maxTokens = item.maxTokens;
    auto finished = m_answerer(std::move(command));
    if (!finished)
        return std::move(finished).error().withContext(item.id);
    if (finished->reason == api::FinishReason::Cancelled)
        return cancelled();
    result.text = std::move(finished->text);
    result.reasoning = std::move(finished->reasoning);
    result.right = matches(item.match, result.expected, result.text);
    result.finish = finished->reason;
    result.promptTokens = finished->promptTokens;
    result.reusedTokens = finished->reusedTokens;
    result.generatedTokens = finished->generatedTokens;
    result.seconds = finished->prefillSeconds + finished->decodeSeconds;
    return result;
}

ExamScore scoreOf(const std::vector<ItemResult>& results) {
    ExamScore score;
    for (const auto& result : results)
        for (auto* part : {&score.all, &score.skills[result.skill]}) {
            part->items += 1;
            part->right += result.right ? 1 : 0;
        }
    return score;
}

std::vector<Item> passkeyItems(const std::vector<std::int64_t>& lengths, int trials, int decoys) {
    std::vector<Item> items;
    for (const auto length : lengths)
        for (int trial = 0; trial < trials; ++trial) {
            Item item;
            item.skill = (decoys > 0 ? "multikey " : "passkey ") + std::to_string(length);
            item.id = (decoys > 0 ? "multikey-" : "passkey-") + std::to_string(length) + "-" + std::to_string(trial);
            item.passkey = Passkey{length, 0.05 + 0.1 * (trial % 10), static_cast<std::uint64_t>(trial), decoys};
            items.push_back(std::move(item));
        }
    return items;
}

} // namespace bathy::evaluate
