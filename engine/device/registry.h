// What this build could compute on, on this machine, and why not where it cannot. Asked at run time; any thread.
#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::device {

struct DeviceInfo {
    std::string id;      // "cpu", "vulkan:0"
    std::string backend; // "cpu", "vulkan", "cuda"
    std::string name;
    bool usable = false;
    std::string reason; // why not, in words; empty when usable
    std::uint64_t memoryBytes = 0;
    std::vector<std::string> features;
    std::string driver;
};

// The processor first, then one line for each other backend.
std::vector<DeviceInfo> listDevices();

// Checks the name a user gave: auto, cpu, vulkan[:N], cuda[:N]. Returns the id of the device that will be used.
// Errors: BadArgument (no such name), DeviceMissing (with the reason of listDevices()).
Result<std::string> chooseDevice(std::string_view name);

} // namespace bathy::device
