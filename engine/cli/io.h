// What every command prints through: results on stdout, everything else on stderr. Lives on the main thread.
#pragma once

#include "engine/base/error.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace bathy::cli {

using Json = nlohmann::ordered_json;

// Options that every command takes.
struct GlobalOptions {
    bool json = false;                         // exactly one JSON document on stdout, nothing else there
    bool quiet = false;                        // no progress on stderr
    int threads = 0;                           // 0: one per physical core
    std::string device = "auto";               // auto, cpu, cuda, cuda:N, vulkan, vulkan:N
    std::optional<std::uint64_t> reserveBytes; // of memory, left for other programs; nothing: the engine's choice
    bool force = false;                        // loads what does not fit
};

class Io {
public:
    Io(GlobalOptions options, std::stop_token stop);

    const GlobalOptions& options() const { return m_options; }
    bool json() const { return m_options.json; }
    // Asked by Ctrl-C. Work polls it at least every 100 ms.
    std::stop_token stop() const { return m_stop; }

    // Text for people; dropped under --json. write() adds nothing and flushes, for streams of text.
    void line(std::string_view text);
    void write(std::string_view text);
    // The result document; printed only under --json. Bytes that are not UTF-8 become U+FFFD.
    void document(const Json& json);
    // "bathy: error: ..." and "bathy: hint: ..." on stderr; under --json also {"error": {...}} if no document came yet.
    void error(const Error& error);
    // "bathy: note: ..." on stderr, unless --quiet.
    void note(std::string_view text);

private:
    GlobalOptions m_options;
    std::stop_token m_stop;
    bool m_documentPrinted = false;
};

// True when stderr is a terminal: then progress may be drawn.
bool stderrIsTerminal();

} // namespace bathy::cli
