// Bytes from outside as config.json. What is accepted must give finite sizes that do not wrap.
#include "engine/model/deepseek_v4/config.h"
#include "engine/model/deepseek_v4/footprint.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bathy::model::deepseek_v4;
    const auto config = parseConfig({reinterpret_cast<const char*>(data), size});
    if (!config)
        return config.error().what().empty() ? std::abort(), 0 : 0;
    const auto million = kvBytes(*config, KvStorage::F32, 1'000'000);
    const auto twoMillion = kvBytes(*config, KvStorage::F32, 2'000'000);
    if (twoMillion.total() < million.total() || config->groupWidth() < 1 || config->nopeDim() < 0)
        std::abort();
    // Counting visits every expert; the largest configs would make the fuzzer slow without telling more.
    if (config->layerCount() * config->routedExperts <= 4096 &&
        countParameters(*config).total < countParameters(*config).active)
        std::abort();
    return 0;
}
