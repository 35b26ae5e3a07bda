// The folder of one exam: settings.json says how it is run, items.jsonl gets one line per answered question as soon as
// it is answered, so that nothing is lost when the run ends early and a later run can go on. One thread.
#pragma once

#include "engine/base/result.h"
#include "engine/evaluate/exam.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::evaluate {

class ExamLog {
public:
    // Makes the folder. `settings` is a JSON document; a folder that holds answers already is only gone on with when
    // `resume` is set and its settings are the same. Errors: BadArgument (answers are there, or other settings), Io,
    // BadFile (names the line) when items.jsonl is not ours. A last line that was cut off is removed.
    static Result<ExamLog> open(const std::filesystem::path& folder, const std::string& settings, bool resume);

    // What an earlier run answered, in its order.
    const std::vector<ItemResult>& earlier() const { return m_earlier; }
    // Errors: Io.
    Result<void> add(const ItemResult& result);
    const std::filesystem::path& itemsFile() const { return m_file; }

private:
    ExamLog(std::filesystem::path file, std::vector<ItemResult> earlier)
        : m_file(std::move(file)), m_earlier(std::move(earlier)) {}

    std::filesystem::path m_file;
    std::vector<ItemResult> m_earlier;
    std::ofstream m_stream;
};

} // namespace bathy::evaluate
