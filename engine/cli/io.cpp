#include "engine/cli/io.h"

#include "engine/cli/text.h"

#include <cstdio>
#include <utility>

#ifdef _WIN32
#include <io.h>
#else
#include <unistd.h>
#endif

namespace bathy::cli {
namespace {

void put(std::FILE* stream, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stream);
}

} // namespace

Io::Io(GlobalOptions options, std::stop_token stop) : m_options(std::move(options)), m_stop(std::move(stop)) {}

void Io::line(std::string_view text) {
    if (m_options.json)
        return;
    put(stdout, text);
    put(stdout, "\n");
}

void Io::write(std::string_view text) {
    if (m_options.json)
        return;
    put(stdout, text);
    std::fflush(stdout);
}

void Io::document(const Json& json) {
    if (!m_options.json || std::exchange(m_documentPrinted, true))
        return;
    put(stdout, json.dump(2, ' ', false, Json::error_handler_t::replace));
    put(stdout, "\n");
}

void Io::error(const Error& error) {
    std::fflush(stdout);
    put(stderr, "bathy: error: " + oneLine(error.what()) + "\n");
    if (!error.hint().empty())
        put(stderr, "bathy: hint: " + oneLine(error.hint()) + "\n");
    document({{"error", {{"code", errorCodeName(error.code())}, {"what", error.what()}, {"hint", error.hint()}}}});
}

void Io::note(std::string_view text) {
    if (!m_options.quiet)
        put(stderr, "bathy: note: " + oneLine(text) + "\n");
}

bool stderrIsTerminal() {
#ifdef _WIN32
    return _isatty(_fileno(stderr)) != 0;
#else
    return isatty(STDERR_FILENO) != 0;
#endif
}

} // namespace bathy::cli
