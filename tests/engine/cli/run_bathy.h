// Runs the built program and collects what it says. POSIX.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace bathy::test {

struct Ran {
    int exitCode = -1; // -1: ended by a signal
    std::string out;
    std::string err;
    double seconds = 0; // from the interrupt, where one was sent, to the end
};

// Whether it is time for the interrupt; `out` is the file that standard output goes to. Asked every few milliseconds.
using Moment = std::function<bool(const std::filesystem::path& out)>;
Moment after(std::chrono::milliseconds time);
Moment oncePrinted();

// With `interruptAt`, sends SIGINT once at that moment.
Ran runBathy(const std::vector<std::string>& arguments, const Moment& interruptAt = {});

} // namespace bathy::test
