// The caller's view of a checkpoint, put together from its config, its files and this machine. Pure but for the size of
// this machine's memory.
#pragma once

#include "engine/api/events.h"
#include "engine/model/opened_model.h"
#include "engine/tokenizer/chat_format.h"
#include "engine/tokenizer/tokenizer.h"

#include <cstdint>

namespace bathy::runtime {

// `kvFormat`: what a new session with default options uses. `options`: threads and reserve, for whether it fits.
api::ModelCard modelCard(const model::OpenedModel& opened, KvFormat kvFormat, const api::ModelOptions& options);

// `constants` matters only where there is a tokenizer.
void addTextFacts(api::ModelCard& card, bool hasTokenizer, const tokenizer::ChatFormat& format);

// The first paragraph of a Markdown text that is neither heading nor front matter, as one line of at most 600 bytes.
std::string firstParagraph(std::string_view markdown);

} // namespace bathy::runtime
