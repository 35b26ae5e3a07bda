#include "engine/device/registry.h"

#include "engine/base/system_memory.h"
#include "engine/base/thread_pool.h"
#include "engine/device/cpu/cpu_features.h"

#include <algorithm>

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace bathy::device {

namespace {

#ifdef _WIN32
constexpr const char* kVulkanLoader = "vulkan-1.dll";
constexpr const char* kCudaDriver = "nvcuda.dll";

bool canOpen(const char* library) {
    const auto handle = LoadLibraryA(library);
    if (handle == nullptr)
        return false;
    FreeLibrary(handle);
    return true;
}
#else
constexpr const char* kVulkanLoader = "libvulkan.so.1";
constexpr const char* kCudaDriver = "libcuda.so.1";

bool canOpen(const char* library) {
    void* handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
    if (handle == nullptr)
        return false;
    dlclose(handle);
    return true;
}
#endif

DeviceInfo cpu() {
    const auto features = detectCpuFeatures();
    DeviceInfo info;
    info.id = "cpu";
    info.backend = "cpu";
    info.name = features.brand.empty() ? "processor" : features.brand;
    info.usable = true;
    info.memoryBytes = systemMemory().totalBytes;
    for (const auto name : features.names())
        info.features.emplace_back(name);
    info.driver = "kernels: " + std::string(cpuLevelName(features.bestLevel())) + ", " +
                  std::to_string(physicalCoreCount()) + " threads";
    return info;
}

// A backend that this version does not have yet. Whether the system would be ready is worth knowing all the same.
DeviceInfo notBuilt(std::string backend, std::string name, const char* library) {
    DeviceInfo info;
    info.id = backend + ":0";
    info.backend = std::move(backend);
    info.name = std::move(name);
    const bool present = canOpen(library);
    info.driver = present ? std::string(library) : "";
    info.reason = "not built in this version; the system's " + std::string(library) +
                  (present ? " is present" : " is not installed");
    return info;
}

} // namespace

std::vector<DeviceInfo> listDevices() {
    return {cpu(), notBuilt("vulkan", "Vulkan", kVulkanLoader), notBuilt("cuda", "NVIDIA CUDA", kCudaDriver)};
}

Result<std::string> chooseDevice(std::string_view name) {
    if (name.empty() || name == "auto" || name == "cpu")
        return std::string("cpu");
    const auto backend = name.substr(0, name.find(':'));
    const auto index = name.size() > backend.size() ? name.substr(backend.size() + 1) : std::string_view("0");
    const bool isNumber =
        !index.empty() && std::all_of(index.begin(), index.end(), [](char c) { return c >= '0' && c <= '9'; });
    const auto devices = listDevices();
    const auto found =
        std::find_if(devices.begin(), devices.end(), [&](const DeviceInfo& d) { return d.backend == backend; });
    if (found == devices.end() || !isNumber || (backend == "cpu" && name != "cpu"))
        return Error(ErrorCode::BadArgument, "no device is called \"" + std::string(name) + "\"",
                     "auto, cpu, cuda, cuda:N, vulkan and vulkan:N are");
    return Error(ErrorCode::DeviceMissing, "device " + std::string(name) + ": " + found->reason,
                 "leave --device out, or use --device cpu");
}

} // namespace bathy::device
