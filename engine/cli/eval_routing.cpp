// bathy eval --suite routing and load: what the choice of experts shows.
#include "engine/cli/engine_client.h"
#include "engine/cli/eval_suites.h"
#include "engine/cli/model_loading.h"
#include "engine/cli/progress.h"
#include "engine/cli/text.h"
#include "engine/evaluate/eval_texts.h"
#include "engine/evaluate/exam.h"
#include "engine/evaluate/perplexity.h"
#include "engine/evaluate/routing_proofs.h"

#include <algorithm>
#include <iterator>
#include <optional>

namespace bathy::cli {
namespace {

constexpr std::int64_t kDocumentTokens = 512;
constexpr std::int64_t kDomainTokens = 20'000; // read of each domain at most
constexpr std::int64_t kFewestTokens = 4 * evaluate::kSampleTokens;
constexpr std::int64_t kLoadTokens = 100'000;
constexpr std::uint64_t kKnockOutBytes = 32'768; // of the text, scored three times
constexpr std::size_t kKnockOutItems = 50;       // questions at most, asked three times

struct Material {
    std::vector<evaluate::Item> items;
    std::vector<evaluate::NamedText> texts;
    std::vector<evaluate::Domain> domains; // texts, then skills; those with enough tokens
};

Result<Material> readMaterial(const EvalOptions& options, const runtime::LoadedModel& loaded) {
    if (!loaded.tokenizer)
        return Error(ErrorCode::NoTokenizer, loaded.card.path + " has no tokenizer, so no text can be read");
    BATHY_CHECK(tokenizer::requireChatFormat(loaded.chatFormat));
    BATHY_TRY(const auto folder, evalData(options));
    Material material;
    BATHY_TRY(auto items, evaluate::readItems(folder));
    material.items = limited(std::move(items), options.limit);
    BATHY_TRY(material.texts, evaluate::readTexts(folder));
    for (const auto& text : material.texts) {
        BATHY_TRY(auto domain, evaluate::textDomain(text, *loaded.tokenizer, kDocumentTokens));
        material.domains.push_back(std::move(domain));
    }
    for (const auto& name : evaluate::domainsOf(material.items)) {
        BATHY_TRY(auto domain, evaluate::questionDomain(name, material.items, *loaded.tokenizer, loaded.chatFormat));
        material.domains.push_back(std::move(domain));
    }
    std::erase_if(material.domains, [](const evaluate::Domain& domain) { return domain.tokens() < kFewestTokens; });
    if (material.domains.size() < 2)
        return Error(ErrorCode::BadFile,
                     folder.string() + ": fewer than two kinds of text with " + std::to_string(kFewestTokens) +
                         " tokens",
                     "texts are .txt files, questions .jsonl files");
    return material;
}

// Layers whose router was learned: the others choose by token alone, by design.
std::vector<LayerId> learnedLayers(const api::ModelCard& card) {
    std::vector<LayerId> layers;
    for (std::size_t i = 0; i < card.layers.size(); ++i)
        if (card.layers[i].router == api::RouterKind::Learned)
            layers.push_back(static_cast<LayerId>(i));
    return layers;
}

Result<std::vector<evaluate::PickTable>> readPicks(Io& io, runtime::LoadedModel& loaded,
                                                   const std::vector<evaluate::Domain>& domains, std::int64_t limit) {
    const auto layers = learnedLayers(loaded.card);
    if (layers.empty())
        return Error(ErrorCode::Unsupported, loaded.card.path + " has no layer with a learned router");
    Progress bar(io, "reading", ProgressUnit::Tokens);
    std::vector<evaluate::PickTable> tables;
    std::int64_t before = 0;
    std::int64_t total = 0;
    for (const auto& domain : domains)
        total += std::min(limit, domain.tokens());
    for (const auto& domain : domains) {
        const auto progress = [&](std::int64_t done) {
            bar.update(static_cast<std::uint64_t>(before + done), static_cast<std::uint64_t>(total));
        };
        BATHY_TRY(auto table, evaluate::recordPicks(*loaded.model, domain, layers, limit, progress, io.stop()));
        before += std::ssize(table.tokens);
        tables.push_back(std::move(table));
    }
    return tables;
}

std::size_t domainIndex(const std::vector<evaluate::Domain>& domains, const std::string& name) {
    return static_cast<std::size_t>(std::ranges::find(domains, name, &evaluate::Domain::name) - domains.begin());
}

// Which skill and which text are set against each other.
Result<evaluate::KnockOut> chooseOpponents(const EvalOptions& options, const Material& material) {
    evaluate::KnockOut knock;
    for (const auto& domain : material.domains) {
        const bool isText =
            std::ranges::find(material.texts, domain.name, &evaluate::NamedText::name) != material.texts.end();
        auto& chosen = isText ? knock.text : knock.skill;
        const auto& wanted = isText ? options.text : options.skill;
        if (chosen.empty() && (wanted.empty() || wanted == domain.name))
            chosen = domain.name;
    }
    if (knock.text.empty() || knock.skill.empty())
        return Error(ErrorCode::BadArgument,
                     knock.text.empty()
                         ? "there is no text " + options.text + " with enough tokens"
                         : "there are no questions of the domain " + options.skill + " with enough tokens");
    return knock;
}

Result<double> bitsPerByte(Io& io, runtime::LoadedModel& loaded, const evaluate::NamedText& text,
                           std::vector<ExpertRef> banned) {
    auto part = std::string_view(text.text).substr(0, kKnockOutBytes);
    while (!part.empty() && part.size() < text.text.size() && (text.text[part.size()] & 0xC0) == 0x80)
        part.remove_suffix(1); // not in the middle of a character
    BATHY_TRY(const auto scored, evaluate::scoredText(*loaded.tokenizer, part, text.name));
    evaluate::PerplexityOptions options;
    options.context = std::min(options.context, loaded.model->contextLength());
    options.bannedExperts = std::move(banned);
    options.stop = io.stop();
    BATHY_TRY(const auto result, evaluate::measurePerplexity(*loaded.model, nullptr, scored, options));
    if (result.stopped)
        return cancelled();
    return result.bitsPerByte();
}

Result<evaluate::Score> skillScore(Io& io, EngineClient& client, const std::vector<evaluate::Item>& items,
                                   const std::vector<ExpertRef>& banned) {
    const evaluate::Exam exam(
        [&](api::Generate command) {
            command.bannedExperts = banned;
            return client.generate(std::move(command), {});
        },
        nullptr, nullptr);
    evaluate::Score score;
    Progress bar(io, "knocking out", ProgressUnit::Items);
    for (const auto& item : items) {
        BATHY_TRY(const auto result, exam.ask(item));
        score.items += 1;
        score.right += result.right ? 1 : 0;
        bar.update(static_cast<std::uint64_t>(score.items), items.size());
    }
    return score;
}

Result<void> measureText(Io& io, runtime::LoadedModel& loaded, const Material& material, evaluate::KnockOut& knock) {
    const auto& text = *std::ranges::find(material.texts, knock.text, &evaluate::NamedText::name);
    BATHY_TRY(knock.whole.bitsPerByte, bitsPerByte(io, loaded, text, {}));
    BATHY_TRY(knock.withoutSkillExperts.bitsPerByte, bitsPerByte(io, loaded, text, knock.skillExperts));
    BATHY_TRY(knock.withoutTextExperts.bitsPerByte, bitsPerByte(io, loaded, text, knock.textExperts));
    return {};
}

// Questions of one domain, evenly spread over all it has.
std::vector<evaluate::Item> sampledItems(const std::vector<evaluate::Item>& items, const std::string& domain) {
    std::vector<evaluate::Item> fitting;
    std::ranges::copy_if(items, std::back_inserter(fitting),
                         [&](const evaluate::Item& item) { return item.domain == domain && !item.passkey; });
    const auto count = std::min(kKnockOutItems, fitting.size());
    std::vector<evaluate::Item> sampled;
    for (std::size_t i = 0; i < count; ++i)
        sampled.push_back(fitting[i * fitting.size() / count]);
    return sampled;
}

Result<void> measureSkill(Io& io, const EvalOptions& options, const Material& material, evaluate::KnockOut& knock) {
    const auto items = sampledItems(material.items, knock.skill);
    BATHY_TRY(auto client, EngineClient::start(io));
    BATHY_CHECK(client.open(options.model, {}));
    BATHY_TRY(knock.whole.skill, skillScore(io, client, items, {}));
    BATHY_TRY(knock.withoutSkillExperts.skill, skillScore(io, client, items, knock.skillExperts));
    BATHY_TRY(knock.withoutTextExperts.skill, skillScore(io, client, items, knock.textExperts));
    return {};
}

Json expertsJson(const std::vector<ExpertRef>& experts) {
    auto list = Json::array();
    for (const auto& expert : experts)
        list.push_back(std::to_string(raw(expert.layer)) + ":" + std::to_string(raw(expert.expert)));
    return list;
}

Json abilityJson(const evaluate::Ability& ability) {
    return {{"skill", scoreJson(ability.skill)}, {"bits_per_byte", ability.bitsPerByte}};
}

Json domainsJson(const std::vector<evaluate::Domain>& domains, const std::vector<evaluate::PickTable>& tables) {
    auto list = Json::array();
    for (std::size_t i = 0; i < domains.size(); ++i)
        list.push_back({{"name", domains[i].name}, {"tokens", tables[i].tokens.size()}});
    return list;
}

void reportRouting(Io& io, const EvalOptions& options, Json document, const evaluate::DomainGuess& guess,
                   const std::vector<evaluate::LayerDistance>& layers, const evaluate::KnockOut& knock) {
    const bool holds[] = {evaluate::guessHolds(guess), evaluate::distanceHolds(layers), evaluate::knockOutHolds(knock)};
    const auto verdict = [](bool held) { return held ? "holds" : "does not hold"; };
    const auto percent = [](double share) { return formatFixed(share * 100, 1) + " %"; };
    io.line("domain guess     " + percent(guess.fromSample) + " from " + std::to_string(evaluate::kSampleTokens) +
            " tokens, " + percent(guess.fromGlance) + " from " + std::to_string(evaluate::kGlanceTokens) + ", chance " +
            percent(guess.chance) + ", " + counted(static_cast<std::uint64_t>(guess.samples), "sample") + ": " +
            verdict(holds[0]));
    auto distances = Json::array();
    for (const auto& layer : layers) {
        io.line("distance         layer " + std::to_string(raw(layer.layer)) + ": " + formatFixed(layer.between, 3) +
                " between domains, " + formatFixed(layer.within, 3) + " within one, " + formatFixed(layer.ratio(), 1) +
                " times");
        distances.push_back({{"layer", raw(layer.layer)},
                             {"between", layer.between},
                             {"within", layer.within},
                             {"ratio", layer.ratio()}});
    }
    io.line(std::string("distance         ") + verdict(holds[1]));
    const std::pair<std::string, evaluate::Ability> states[] = {{"whole", knock.whole},
                                                                {"without " + knock.skill, knock.withoutSkillExperts},
                                                                {"without " + knock.text, knock.withoutTextExperts}};
    for (const auto& [name, ability] : states)
        io.line("knock-out        " + name + ": " + knock.skill + " " + percent(ability.skill.share()) + ", " +
                knock.text + " " + formatFixed(ability.bitsPerByte, 3) + " bits per byte");
    io.line(std::string("knock-out        ") + verdict(holds[2]));
    const auto held = std::ranges::count(holds, true);
    document["suite"] = options.suite;
    document["items"] = 3;
    document["score"] = static_cast<double>(held) / 3;
    document["proofs"] = {{"guess",
                           {{"holds", holds[0]},
                            {"samples", guess.samples},
                            {"from_sample", guess.fromSample},
                            {"from_glance", guess.fromGlance},
                            {"chance", guess.chance}}},
                          {"distance", {{"holds", holds[1]}, {"layers", distances}}},
                          {"knock_out",
                           {{"holds", holds[2]},
                            {"skill", knock.skill},
                            {"text", knock.text},
                            {"skill_experts", expertsJson(knock.skillExperts)},
                            {"text_experts", expertsJson(knock.textExperts)},
                            {"whole", abilityJson(knock.whole)},
                            {"without_skill_experts", abilityJson(knock.withoutSkillExperts)},
                            {"without_text_experts", abilityJson(knock.withoutTextExperts)}}}};
    io.document(document);
}

} // namespace

Result<int> evalRouting(Io& io, const EvalOptions& options) {
    BATHY_TRY(auto first, loadWithProgress(io, options.model));
    std::optional<runtime::LoadedModel> loaded(std::move(first));
    BATHY_TRY(const auto material, readMaterial(options, *loaded));
    BATHY_TRY(auto knock, chooseOpponents(options, material));
    BATHY_TRY(const auto tables, readPicks(io, *loaded, material.domains, kDomainTokens));
    const auto guess = evaluate::guessDomains(tables);
    const auto layers = evaluate::domainDistances(tables);
    const auto favourites = [&](const std::string& name) {
        return evaluate::favouriteExperts(tables, domainIndex(material.domains, name), evaluate::kKnockedPerLayer);
    };
    knock.skillExperts = favourites(knock.skill);
    knock.textExperts = favourites(knock.text);
    BATHY_CHECK(measureText(io, *loaded, material, knock));
    auto document = Json{{"settings",
                          {{"model", loaded->card.name},
                           {"fingerprint", loaded->card.fingerprint},
                           {"sample_tokens", evaluate::kSampleTokens},
                           {"glance_tokens", evaluate::kGlanceTokens},
                           {"domains", domainsJson(material.domains, tables)}}}};
    loaded.reset(); // the engine loads its own
    BATHY_CHECK(measureSkill(io, options, material, knock));
    reportRouting(io, options, std::move(document), guess, layers, knock);
    return 0;
}

Result<int> evalLoad(Io& io, const EvalOptions& options) {
    BATHY_TRY(auto loaded, loadWithProgress(io, options.model));
    BATHY_TRY(const auto material, readMaterial(options, loaded));
    const auto each = kLoadTokens / std::ssize(material.domains);
    BATHY_TRY(const auto tables, readPicks(io, loaded, material.domains, each));
    auto layers = Json::array();
    double worst = 0;
    int dead = 0;
    for (const auto& layer : evaluate::expertLoad(tables)) {
        io.line("layer " + padLeft(std::to_string(raw(layer.layer)), 2) + "  most used expert " +
                formatFixed(layer.maxOverMean, 2) + " times the mean, " + std::to_string(layer.dead) + " never used");
        layers.push_back({{"layer", raw(layer.layer)}, {"max_over_mean", layer.maxOverMean}, {"dead", layer.dead}});
        worst = std::max(worst, layer.maxOverMean);
        dead += layer.dead;
    }
    std::size_t tokens = 0;
    for (const auto& table : tables)
        tokens += table.tokens.size();
    io.line("over " + counted(tokens, "token") + " of " + counted(tables.size(), "domain"));
    io.document({{"suite", options.suite},
                 {"items", tokens},
                 {"score", worst},
                 {"dead", dead},
                 {"layers", layers},
                 {"settings",
                  {{"model", loaded.card.name},
                   {"fingerprint", loaded.card.fingerprint},
                   {"domains", domainsJson(material.domains, tables)}}}});
    return 0;
}

} // namespace bathy::cli
