// bathy devices: what this build can compute on here, and why not where it cannot.
#include "engine/cli/commands.h"
#include "engine/cli/text.h"
#include "engine/device/registry.h"

#include <CLI/CLI.hpp>

namespace bathy::cli {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

Result<int> devices(Io& io) {
    auto list = Json::array();
    for (const auto& device : device::listDevices()) {
        io.line(padRight(device.id, 10) + (device.usable ? "usable      " : "not usable  ") + device.name);
        if (!device.usable)
            io.line("          reason    " + device.reason);
        if (device.memoryBytes > 0)
            io.line("          memory    " + formatBytes(device.memoryBytes));
        if (!device.features.empty())
            io.line("          features  " + joined(device.features));
        if (!device.driver.empty())
            io.line("          driver    " + device.driver);
        list.push_back({{"id", device.id},
                        {"backend", device.backend},
                        {"name", device.name},
                        {"usable", device.usable},
                        {"reason", device.reason},
                        {"memory_bytes", device.memoryBytes},
                        {"features", device.features},
                        {"driver", device.driver}});
    }
    io.document({{"devices", std::move(list)}});
    return 0;
}

} // namespace

void addDevices(Commands& commands) {
    commands.add("devices", "Each backend and device: usable, or the exact reason why not", devices);
}

} // namespace bathy::cli
