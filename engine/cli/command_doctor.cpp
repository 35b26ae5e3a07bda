// bathy doctor: one page on this machine and what would run well on it.
#include "engine/base/build_info.h"
#include "engine/base/system_memory.h"
#include "engine/base/thread_pool.h"
#include "engine/cli/commands.h"
#include "engine/cli/read_bandwidth.h"
#include "engine/cli/text.h"
#include "engine/device/registry.h"
#include "engine/library/locate.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

namespace bathy::cli {
namespace {

// Published checkpoints: bytes of all weights, and of those read for one token at batch 1 (attention, shared experts,
// the chosen experts, output head), in the format they are stored in.
struct KnownModel {
    const char* name;
    double weightBytes;
    double bytesPerToken;
};
constexpr std::array kKnownModels{
    KnownModel{"DeepSeek-V4-Flash", 159.6e9, 11.2e9},
    KnownModel{"DeepSeek-V4-Pro", 864.7e9, 39.7e9},
};

struct Verdict {
    std::string fit;
    double tokensPerSecond = 0; // what the memory allows, not what was measured
};

Verdict judge(const KnownModel& model, const SystemMemory& memory, double bandwidth) {
    if (model.weightBytes > static_cast<double>(memory.totalBytes))
        return {"does not fit: needs " + formatBytes(static_cast<std::uint64_t>(model.weightBytes)), 0};
    const bool now = model.weightBytes <= static_cast<double>(memory.availableBytes);
    return {now ? "fits" : "fits when other programs give memory back", bandwidth / model.bytesPerToken};
}

Result<int> doctor(Io& io) {
    ThreadPool pool(io.options().threads);
    const auto memory = systemMemory();
    const auto bandwidth = measureReadBandwidth(pool);
    const auto bundled = library::locateBundled();

    Json document;
    const std::string commit(buildCommit());
    io.line("bathy " BATHY_VERSION + (commit.empty() ? commit : ", commit " + commit));
    io.line("memory     " + formatBytes(memory.totalBytes) + ", " + formatBytes(memory.availableBytes) + " available");
    io.line("reads      " + formatFixed(bandwidth / 1e9, 1) + " GB/s with " + std::to_string(pool.threadCount()) +
            " threads (measured now)");
    document["version"] = BATHY_VERSION;
    document["commit"] = commit;
    document["memory"] = {{"total_bytes", memory.totalBytes}, {"available_bytes", memory.availableBytes}};
    document["read_bytes_per_second"] = bandwidth;
    document["threads"] = pool.threadCount();

    document["devices"] = Json::array();
    for (const auto& device : device::listDevices()) {
        io.line(padRight(device.id, 11) + (device.usable ? device.name : device.reason));
        document["devices"].push_back({{"id", device.id}, {"usable", device.usable}, {"reason", device.reason}});
    }
    io.line("bundled    " + (bundled ? bundled->string() : bundled.error().what()));
    document["bundled"] = {{"present", bundled.has_value()}, {"path", bundled ? bundled->string() : ""}};

    io.line("");
    io.line("what would run here (estimates: reading the weights is all that is counted)");
    document["models"] = Json::array();
    for (const auto& model : kKnownModels) {
        const auto verdict = judge(model, memory, bandwidth);
        io.line(
            "  " + padRight(model.name, 20) + verdict.fit +
            (verdict.tokensPerSecond > 0 ? ", at most " + formatFixed(verdict.tokensPerSecond, 1) + " tokens/s" : ""));
        document["models"].push_back(
            {{"name", model.name}, {"fit", verdict.fit}, {"tokens_per_second_at_most", verdict.tokensPerSecond}});
    }
    io.line("  " + padRight("bundled", 20) + (bundled ? "runs: bathy chat bundled" : "is not here"));
    io.document(document);
    return 0;
}

} // namespace

void addDoctor(Commands& commands) {
    commands.add("doctor", "One page on this machine and what would run well on it", doctor);
}

} // namespace bathy::cli
