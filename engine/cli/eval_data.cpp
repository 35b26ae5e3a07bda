#include "engine/cli/eval_suites.h"
#include "engine/library/locate.h"

#include <map>
#include <system_error>

namespace fs = std::filesystem;

namespace bathy::cli {

Result<fs::path> evalData(const EvalOptions& options) {
    std::error_code ec;
    if (!options.data.empty()) {
        if (!fs::exists(options.data, ec))
            return Error(ErrorCode::NotFound, options.data + " does not exist");
        return fs::path(options.data);
    }
    // checkpoints/NAME and eval/NAME stand side by side, installed and in the source tree.
    BATHY_TRY(const auto checkpoint, library::locateBundled());
    const auto folder = checkpoint.parent_path().parent_path() / "eval" / checkpoint.filename();
    if (!fs::is_directory(folder, ec))
        return Error(ErrorCode::NotFound, "the questions that ship are not installed: " + folder.string(),
                     "--data names a folder of questions and texts");
    return folder;
}

std::vector<evaluate::Item> limited(std::vector<evaluate::Item> items, std::int64_t limit) {
    std::map<std::string, std::int64_t> taken;
    if (limit > 0)
        std::erase_if(items, [&](const evaluate::Item& item) { return ++taken[item.skill] > limit; });
    return items;
}

Json scoreJson(const evaluate::Score& score) {
    const auto interval = evaluate::wilson95(score);
    return {{"items", score.items},
            {"right", score.right},
            {"score", score.share()},
            {"stderr", score.standardError()},
            {"interval95", {interval.low, interval.high}}};
}

} // namespace bathy::cli
