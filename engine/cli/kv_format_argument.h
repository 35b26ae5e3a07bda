// How cached rows are stored, as a word on the command line.
#pragma once

#include "engine/base/precision.h"

#include <string>

namespace CLI {
class App;
}

namespace bathy::cli {

// --kv auto|f32|bf16|packed|packed-fp8-index
void addKvFormatArgument(CLI::App& command, std::string& word);
KvFormat kvFormatOf(const std::string& word); // a word that the command line let through
std::string kvFormatName(KvFormat format);

} // namespace bathy::cli
