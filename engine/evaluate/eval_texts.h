// The texts of one evaluation folder, and questions with their answers as texts. Any thread.
#pragma once

#include "engine/base/result.h"
#include "engine/evaluate/item.h"
#include "engine/evaluate/pick_table.h"
#include "engine/tokenizer/chat_format.h"
#include "engine/tokenizer/tokenizer.h"

#include <filesystem>
#include <string>
#include <vector>

namespace bathy::evaluate {

// Prose that pass-keys are hidden in; every other .txt file is a text of its own.
inline constexpr const char* kHaystackFile = "haystack.txt";

struct NamedText {
    std::string name; // the file's, without folder and ending
    std::string text;
};

// All *.txt files but the haystack, by name. Errors: NotFound (no such folder), Io, BadFile (too large, not UTF-8).
Result<std::vector<NamedText>> readTexts(const std::filesystem::path& folder);
// Errors: as above; NotFound when the folder has none.
Result<std::string> readHaystack(const std::filesystem::path& folder);

// A text in documents of `length` tokens, each after the begin token where there is one.
Result<Domain> textDomain(const NamedText& text, const tokenizer::Tokenizer& tokenizer, std::int64_t length);

// The questions of one domain with their answers, as the conversations they would be. Pass-keys are left out.
Result<Domain> questionDomain(const std::string& name, const std::vector<Item>& items,
                              const tokenizer::Tokenizer& tokenizer, const tokenizer::ChatFormat& format);

// The domains of questions in the order of their first one.
std::vector<std::string> domainsOf(const std::vector<Item>& items);

} // namespace bathy::evaluate
