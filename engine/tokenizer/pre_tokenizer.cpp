#include "engine/tokenizer/pre_tokenizer.h"

#include "engine/tokenizer/utf8.h"

namespace bathy::tokenizer {
namespace {

// Measured: the published patterns take about 0.1 microseconds a byte. A pattern that is quadratic in the length of the
// text stays below the step limit of each match, so the whole is limited by the clock, far above what is normal.
constexpr std::chrono::seconds kTimeBase{10};
constexpr std::chrono::microseconds kTimePerByte{5};
constexpr std::uint32_t kMatchesBetweenClockLooks = 256;

} // namespace

Result<PreTokenizer> PreTokenizer::create(const std::vector<SplitRule>& rules) {
    std::vector<Rule> compiled;
    for (const auto& rule : rules) {
        auto regex = Regex::compile(rule.pattern);
        if (!regex)
            return std::move(regex).error().withContext("split " + std::to_string(compiled.size()));
        compiled.push_back({std::move(*regex), rule.keep});
    }
    return PreTokenizer(std::move(compiled));
}

Result<void> PreTokenizer::split(std::string_view text, Word range, Scratch& scratch, std::vector<Word>& out) const {
    scratch.deadline = std::chrono::steady_clock::now() + kTimeBase + kTimePerByte * (range.end - range.begin);
    std::uint32_t at = range.begin;
    while (at < range.end) {
        const auto valid = at + static_cast<std::uint32_t>(utf8ValidPrefix(text.substr(at, range.end - at)));
        BATHY_CHECK(splitValid(text, {at, valid}, scratch, out));
        std::uint32_t bad = valid;
        while (bad < range.end) {
            const auto step = utf8Step(text.substr(bad, range.end - bad));
            if (step.state == Utf8State::Whole)
                break;
            bad += step.length;
        }
        if (bad > valid)
            out.push_back({valid, bad});
        at = bad;
    }
    return {};
}

Result<void> PreTokenizer::splitValid(std::string_view text, Word range, Scratch& scratch,
                                      std::vector<Word>& out) const {
    scratch.pieces.clear();
    if (range.begin < range.end)
        scratch.pieces.push_back(range);
    for (const auto& rule : m_rules) {
        scratch.next.clear();
        for (const Word piece : scratch.pieces)
            BATHY_CHECK(apply(rule, text, piece, scratch));
        scratch.pieces.swap(scratch.next);
    }
    out.insert(out.end(), scratch.pieces.begin(), scratch.pieces.end());
    return {};
}

Result<void> PreTokenizer::apply(const Rule& rule, std::string_view text, Word piece, Scratch& scratch) {
    const auto subject = text.substr(piece.begin, piece.end - piece.begin);
    const auto put = [&](std::size_t begin, std::size_t end, Keep unwanted) {
        if (begin < end && rule.keep != unwanted)
            scratch.next.push_back(
                {piece.begin + static_cast<std::uint32_t>(begin), piece.begin + static_cast<std::uint32_t>(end)});
    };
    std::size_t done = 0; // everything before it has been put
    std::size_t from = 0;
    while (from < subject.size()) {
        if (scratch.untilClock-- == 0) {
            scratch.untilClock = kMatchesBetweenClockLooks;
            if (std::chrono::steady_clock::now() > scratch.deadline)
                return Error(ErrorCode::BadFile, "a pattern takes too long on this text");
        }
        BATHY_TRY(const auto match, rule.regex.find(subject, from, scratch.regex));
        if (!match)
            break;
        put(done, match->begin, Keep::Matches);
        put(match->begin, match->end, Keep::Gaps);
        done = from = match->end;
        if (match->end == match->begin) { // an empty match cuts, and the search goes on behind the next character
            if (from == subject.size())
                break;
            from += utf8Step(subject.substr(from)).length;
        }
    }
    put(done, subject.size(), Keep::Matches);
    return {};
}

} // namespace bathy::tokenizer
