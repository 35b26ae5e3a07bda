// From an opened checkpoint to a Model, whatever its family. Engine thread.
#pragma once

#include "engine/base/result.h"
#include "engine/base/thread_pool.h"
#include "engine/model/model.h"
#include "engine/model/opened_model.h"
#include "engine/model/read_ahead.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

namespace bathy::device {
enum class CpuLevel;
}

namespace bathy::model {

enum class WarmUp : std::uint8_t {
    None, // pages of the file are read when a kernel first needs them
    // What every token needs is read while loading, so that the first token is not the slow one; the rest on a thread
    // of its own meanwhile and afterwards. Both only as far as the memory goes that is available at the time.
    Read,
};

struct LoadOptions {
    ThreadPool* pool = nullptr;               // required; outlives the model
    std::optional<device::CpuLevel> cpuLevel; // nothing: the best this processor has
    WarmUp warmUp = WarmUp::None;
    // What does not fit is refused before it is loaded, unless `force`: the weights that one token needs and a short
    // conversation, with so much left for other programs. Nothing: defaultReserveBytes().
    bool force = false;
    std::optional<std::uint64_t> reserveBytes;
    // Bytes read so far and how many will be read before loadModel returns; called a few times a second at most, on the
    // calling thread. May be empty.
    std::function<void(std::uint64_t done, std::uint64_t total)> progress;
    std::stop_token stop; // seen within 300 ms
};

struct LoadedModel {
    std::shared_ptr<const OpenedModel> opened;
    std::shared_ptr<Model> model;         // keeps the checkpoint alive
    std::shared_ptr<ReadAhead> readAhead; // null without WarmUp::Read; its end stops the reading
};

// Errors: OutOfMemory (it does not fit, says what is missing), BadFile (tensors), Unsupported (more than this build
// takes), Cancelled.
Result<LoadedModel> loadModel(const std::shared_ptr<const OpenedModel>& opened, const LoadOptions& options);
// Opens and loads. Errors: those of openModel, too.
Result<LoadedModel> loadModel(const std::filesystem::path& path, const LoadOptions& options);

} // namespace bathy::model
