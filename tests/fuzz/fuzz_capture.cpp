// Bytes from outside as a capture file: opens or is refused, and every event is read or refused.
#include "engine/wire/capture.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto reader = bathy::wire::CaptureReader::fromBytes({data, size}, "input");
    for (std::size_t i = 0; reader && i < reader->eventCount(); ++i)
        static_cast<void>(reader->read(i));
    return 0;
}
