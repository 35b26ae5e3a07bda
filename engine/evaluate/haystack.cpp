#include "engine/evaluate/haystack.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace bathy::evaluate {
namespace {

constexpr std::array kNames{"Alma",  "Boris", "Celia", "Dario", "Edith", "Frank", "Gerda", "Hugo",
                            "Irene", "Jonas", "Klara", "Louis", "Marta", "Nils",  "Otto",  "Paula"};
static_assert(kNames.size() > static_cast<std::size_t>(kMostDecoys));

// Begin of sentence, role markers, end of thinking, and joins that encode to a token more than their parts.
constexpr std::int64_t kTokensAround = 16;

// SplitMix64 (S. Vigna): the same numbers on every machine.
class Random {
public:
    explicit Random(std::uint64_t seed) : m_state(seed) {}
    std::uint64_t below(std::uint64_t limit) {
        m_state += 0x9E3779B97F4A7C15ULL;
        std::uint64_t z = m_state;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        return (z ^ (z >> 31U)) % limit;
    }

private:
    std::uint64_t m_state;
};

struct Needle {
    std::string name;
    std::string digits;
    double depth = 0;
    std::string sentence() const { return "The secret number of " + name + " is " + digits + ". "; }
};

// The first is asked for.
std::vector<Needle> needlesOf(const Passkey& passkey, Random& random) {
    auto names = kNames;
    for (std::size_t i = names.size() - 1; i > 0; --i)
        std::swap(names[i], names[random.below(i + 1)]);
    std::vector<Needle> needles;
    const auto count = static_cast<std::size_t>(passkey.decoys) + 1;
    while (needles.size() < count) {
        auto digits = std::to_string(10'000 + random.below(90'000));
        if (std::ranges::any_of(needles, [&](const Needle& other) { return other.digits == digits; }))
            continue;
        const auto i = needles.size();
        const double spread = (static_cast<double>(i) - 0.5) / std::max(1, passkey.decoys);
        needles.push_back({names[i], std::move(digits), i == 0 ? passkey.depth : spread});
    }
    return needles;
}

bool isSpace(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

// Whether what stands before `end` closes a sentence: . ! ? and then quotes or brackets.
bool closesSentence(std::string_view sentence) {
    constexpr std::array<std::string_view, 5> kClosing{"\"", "'", ")", "\u201D", "\u2019"};
    for (bool found = true; found;) {
        found = false;
        for (const auto close : kClosing)
            if (sentence.ends_with(close)) {
                sentence.remove_suffix(close.size());
                found = true;
            }
    }
    return sentence.ends_with('.') || sentence.ends_with('!') || sentence.ends_with('?');
}

Result<std::int64_t> tokensOf(const tokenizer::Tokenizer& tokenizer, std::string_view text) {
    BATHY_TRY(const auto ids, tokenizer.encode(text, tokenizer::Special::Never));
    return std::ssize(ids);
}

} // namespace

std::vector<std::string> splitSentences(std::string_view prose) {
    std::vector<std::string> sentences;
    std::string sentence;
    for (std::size_t i = 0; i <= prose.size(); ++i) {
        const bool space = i == prose.size() || isSpace(prose[i]);
        if (!space) {
            sentence += prose[i];
            continue;
        }
        if (sentence.empty() || sentence.ends_with(' '))
            continue;
        if (i == prose.size() || closesSentence(sentence))
            sentences.push_back(std::exchange(sentence, {}));
        else
            sentence += ' ';
    }
    while (sentence.ends_with(' '))
        sentence.pop_back();
    if (!sentence.empty())
        sentences.push_back(sentence);
    return sentences;
}

Result<Haystack> Haystack::create(std::string_view prose, std::string_view name,
                                  const tokenizer::Tokenizer& tokenizer) {
    std::vector<Sentence> sentences;
    for (auto& text : splitSentences(prose)) {
        text += ' ';
        // In the document a space stands before a sentence, not after it.
        BATHY_TRY(const auto tokens, tokensOf(tokenizer, " " + text.substr(0, text.size() - 1)));
        sentences.push_back({std::move(text), tokens});
    }
    if (sentences.empty())
        return Error(ErrorCode::BadFile, std::string(name) + ": holds no sentence");
    return Haystack(std::move(sentences));
}

Result<PasskeyQuestion> Haystack::ask(const Passkey& passkey, const tokenizer::Tokenizer& tokenizer) const {
    Random random(passkey.seed);
    const auto needles = needlesOf(passkey, random);
    const auto question = "What is the secret number of " + needles.front().name + "?";
    BATHY_TRY(auto room, tokensOf(tokenizer, "\n\n" + question));
    room = passkey.length - room - kTokensAround;
    for (const auto& needle : needles) {
        BATHY_TRY(const auto tokens, tokensOf(tokenizer, " " + needle.sentence()));
        room -= tokens;
    }
    std::vector<const Sentence*> taken;
    std::int64_t total = 0;
    for (auto at = random.below(m_sentences.size()); total + m_sentences[at].tokens <= room;
         at = (at + 1) % m_sentences.size()) {
        taken.push_back(&m_sentences[at]);
        total += m_sentences[at].tokens;
    }
    std::vector<const Needle*> waiting;
    for (const auto& needle : needles)
        waiting.push_back(&needle);
    std::ranges::stable_sort(waiting, {}, [](const Needle* needle) { return needle->depth; });
    std::string prompt;
    std::size_t placed = 0;
    std::int64_t passed = 0;
    for (const auto* sentence : taken) {
        for (; placed < waiting.size() &&
               static_cast<double>(passed) >= waiting[placed]->depth * static_cast<double>(total);
             ++placed)
            prompt += waiting[placed]->sentence();
        prompt += sentence->text;
        passed += sentence->tokens;
    }
    for (; placed < waiting.size(); ++placed)
        prompt += waiting[placed]->sentence();
    prompt.back() = '\n'; // the space after the last sentence
    return PasskeyQuestion{prompt + "\n" + question, needles.front().digits};
}

} // namespace bathy::evaluate
