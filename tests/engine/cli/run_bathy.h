// Runs the built program and collects what it says. POSIX.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace bathy::test {

struct Ran {
    int exitCode = -1; // -1: ended by a signal
    std::string out;
    std::string err;
    double seconds = 0; // from the interrupt, where one was sent, to the end
};

// `interruptAfter` > 0: sends SIGINT once after that time.
Ran runBathy(const std::vector<std::string>& arguments, std::chrono::milliseconds interruptAfter = {});

} // namespace bathy::test
