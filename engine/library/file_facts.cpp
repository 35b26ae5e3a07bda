#include "engine/library/file_facts.h"

#include "engine/library/format_facts.h"

#include <array>
#include <cstring>

namespace bathy::library {

bool looksLikeGguf(const std::filesystem::path& path) {
    const auto file = QuietFile::open(path);
    std::array<std::byte, 4> magic{};
    return file && file->size() >= magic.size() && file->read(0, magic).has_value() &&
           std::memcmp(magic.data(), "GGUF", magic.size()) == 0;
}

FileFacts readFileFacts(const std::filesystem::path& path, WeightFormat format) {
    FileFacts facts;
    const auto file = QuietFile::open(path);
    if (!file) {
        facts.problem = file.error().what();
        return facts;
    }
    HeaderWindow window(*file);
    const auto read = format == WeightFormat::Gguf ? readGguf(window, facts) : readSafetensors(window, facts);
    if (read)
        facts.headerHash = window.hash();
    else
        facts.problem = read.error().what();
    return facts;
}

} // namespace bathy::library
