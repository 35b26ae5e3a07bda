// Turns Ctrl-C (and SIGTERM) into a stop token. The first one asks politely; a second one ends the process with 130.
// One object, for the life of the program; lives on the main thread, its watcher on one of its own.
#pragma once

#include <stop_token>
#include <thread>

namespace bathy::cli {

class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    std::stop_token token() const { return m_source.get_token(); }

private:
    void watch();

    std::stop_source m_source;
    std::thread m_watcher;
};

} // namespace bathy::cli
