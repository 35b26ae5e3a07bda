// The two formats, each read from a window onto its header. For file_facts.cpp alone.
#pragma once

#include "engine/library/file_facts.h"
#include "engine/library/header_window.h"
#include "engine/library/utf8_name.h"

namespace bathy::library {

// Errors: BadFile (what is wrong, without the file's name), Io. The window then stands before the first tensor's data.
Result<void> readSafetensors(HeaderWindow& window, FileFacts& facts);
// Element types do not matter: a file that this build cannot run is listed all the same.
Result<void> readGguf(HeaderWindow& window, FileFacts& facts);

} // namespace bathy::library
