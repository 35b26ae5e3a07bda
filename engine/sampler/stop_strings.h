// Ends a text before a stop string, also when it arrives in parts: text that could be the beginning of one is held back
// until it is decided. Of several the one that is complete first counts, the longest of those that end together; so the
// result does not depend on how the text was cut. One owner, any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::sampler {

class StopStrings {
public:
    // Empty strings are ignored.
    explicit StopStrings(std::vector<std::string> stops);

    struct Output {
        std::string text;     // may be shown now
        bool stopped = false; // a stop string was found; text after it is dropped, and so is all that is fed later
    };
    Output feed(std::string_view text);
    // What is still held back when the text ends by itself.
    std::string finish();
    // The stop string that was found; empty when none was.
    std::string_view found() const { return m_found; }

private:
    std::size_t heldBack() const;

    std::vector<std::string> m_stops;
    std::string m_pending;
    std::string m_found;
    bool m_stopped = false;
};

} // namespace bathy::sampler
