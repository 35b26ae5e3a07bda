// Bytes from outside as a stream of commands and as a stream of events. What is accepted must encode again and mean the
// same the second time.
#include "engine/wire/wire.h"

#include <cstdlib>

namespace {

template <class Message>
void drain(std::span<const std::uint8_t> bytes) {
    using namespace bathy::wire;
    Decoder<Message> decoder;
    // Fed in two pieces: the cut must not matter.
    decoder.feed(bytes.first(bytes.size() / 3));
    bool fedAll = false;
    for (;;) {
        const auto message = decoder.next();
        if (!message)
            return;
        if (!*message) {
            if (fedAll)
                return;
            decoder.feed(bytes.subspan(bytes.size() / 3));
            fedAll = true;
            continue;
        }
        const auto once = encode(**message);
        if (!once)
            continue;
        const auto again = decode<Message>(std::span(*once).subspan(kFrameHeaderBytes));
        if (!again || encode(*again).value() != *once)
            std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::span bytes(data, size);
    drain<bathy::api::Command>(bytes);
    drain<bathy::api::Event>(bytes);
    return 0;
}
