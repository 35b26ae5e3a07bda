// A child process with pipes on stdin and stdout that speaks the wire protocol. For tests of the real `bathy host`.
#pragma once

#include "engine/wire/wire.h"

#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <functional>
#include <gtest/gtest.h>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace bathy::test {

class HostProcess {
public:
    using Clock = std::chrono::steady_clock;

    explicit HostProcess(const std::string& program) {
        std::signal(SIGPIPE, SIG_IGN);
        std::array<int, 2> toChild{};
        std::array<int, 2> fromChild{};
        if (pipe2(toChild.data(), O_CLOEXEC) != 0 || pipe2(fromChild.data(), O_CLOEXEC) != 0)
            return;
        m_process = fork();
        if (m_process == 0) {
            dup2(toChild[0], STDIN_FILENO);
            dup2(fromChild[1], STDOUT_FILENO);
            execl(program.c_str(), program.c_str(), "host", "--stdio", nullptr);
            _exit(127);
        }
        close(toChild[0]);
        close(fromChild[1]);
        m_in = toChild[1];
        m_out = fromChild[0];
    }
    ~HostProcess() {
        closeInput();
        if (m_out >= 0)
            close(m_out);
        if (m_process > 0 && !m_exited) {
            kill(m_process, SIGKILL);
            waitpid(m_process, nullptr, 0);
        }
    }
    HostProcess(const HostProcess&) = delete;
    HostProcess& operator=(const HostProcess&) = delete;

    bool sendBytes(const wire::Bytes& bytes) const {
        return write(m_in, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
    }
    bool sendHello() const {
        return sendBytes(wire::encode(wire::Hello{wire::kProtocolVersion, wire::Role::Client, "test"}).value());
    }
    bool send(const api::Command& command) const { return sendBytes(wire::encode(command).value()); }
    void closeInput() {
        if (m_in >= 0)
            close(m_in);
        m_in = -1;
    }
    void signal(int number) const { kill(m_process, number); }

    // The exit code, 128 + signal, or -1 when it did not end in time.
    int waitForExit(std::chrono::milliseconds timeout) {
        for (const auto until = Clock::now() + timeout; Clock::now() < until;) {
            int status = 0;
            if (waitpid(m_process, &status, WNOHANG) != m_process) {
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
                continue;
            }
            m_exited = true;
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        return -1;
    }

    // Reads until an event of this kind that fits has come; all events are kept in `events`.
    template <class E>
    std::optional<E> until(
        const std::function<bool(const E&)>& fits = [](const E&) { return true; },
        std::chrono::milliseconds timeout = std::chrono::seconds(60)) {
        for (const auto end = Clock::now() + timeout; Clock::now() < end;) {
            for (; m_seen < events.size(); ++m_seen)
                if (const auto* event = std::get_if<E>(&events[m_seen]); event && fits(*event))
                    return std::get<E>(events[m_seen++]);
            if (!readSome(50))
                return std::nullopt;
        }
        return std::nullopt;
    }

    // False at the end of the stream, or at bytes that are not the protocol (then the test has failed).
    bool readSome(int waitMs) {
        pollfd entry{m_out, POLLIN, 0};
        if (poll(&entry, 1, waitMs) <= 0)
            return true;
        std::array<std::uint8_t, 65536> buffer{};
        const auto got = read(m_out, buffer.data(), buffer.size());
        if (got <= 0)
            return false;
        m_decoder.feed(std::span(buffer).first(static_cast<std::size_t>(got)));
        for (;;) {
            auto event = m_decoder.next();
            if (!event) {
                ADD_FAILURE() << event.error().what();
                return false;
            }
            if (!*event)
                return true;
            events.push_back(**std::move(event));
        }
    }

    const std::optional<wire::Hello>& hello() const { return m_decoder.hello(); }

    std::vector<api::Event> events;

private:
    pid_t m_process = -1;
    int m_in = -1;
    int m_out = -1;
    bool m_exited = false;
    std::size_t m_seen = 0;
    wire::EventDecoder m_decoder;
};

} // namespace bathy::test
