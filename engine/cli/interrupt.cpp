#include "engine/cli/interrupt.h"

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>
#endif

namespace bathy::cli {

#ifdef _WIN32

namespace {
HANDLE g_event = nullptr;
volatile LONG g_pressed = 0;

BOOL WINAPI onControl(DWORD) {
    if (InterlockedIncrement(&g_pressed) > 1)
        ExitProcess(130);
    SetEvent(g_event);
    return TRUE;
}
} // namespace

Interrupt::Interrupt() {
    g_event = CreateEventW(nullptr, FALSE, FALSE, nullptr);
    SetConsoleCtrlHandler(onControl, TRUE);
    m_watcher = std::thread([this] { watch(); });
}

Interrupt::~Interrupt() {
    SetConsoleCtrlHandler(onControl, FALSE);
    SetEvent(g_event);
    m_watcher.join();
    CloseHandle(g_event);
}

void Interrupt::watch() {
    WaitForSingleObject(g_event, INFINITE);
    m_source.request_stop();
}

#else

namespace {
// A signal handler may do little more than write(): the byte wakes the watcher, which may do anything.
int g_pipe[2] = {-1, -1};
volatile std::sig_atomic_t g_pressed = 0;

void onSignal(int) {
    if (g_pressed)
        _exit(130);
    g_pressed = 1;
    const int saved = errno;
    const char byte = 's';
    if (write(g_pipe[1], &byte, 1) < 0)
        _exit(130);
    errno = saved;
}

void install(void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}
} // namespace

Interrupt::Interrupt() {
    if (pipe2(g_pipe, O_CLOEXEC) != 0)
        return; // without a pipe the default remains: Ctrl-C ends the process
    m_watcher = std::thread([this] { watch(); });
    install(onSignal);
}

Interrupt::~Interrupt() {
    if (!m_watcher.joinable())
        return;
    install(SIG_DFL);
    close(g_pipe[1]); // end of file wakes the watcher
    m_watcher.join();
    close(g_pipe[0]);
}

void Interrupt::watch() {
    char byte = 0;
    ssize_t got = 0;
    do
        got = read(g_pipe[0], &byte, 1);
    while (got < 0 && errno == EINTR);
    if (got == 1)
        m_source.request_stop();
}

#endif

} // namespace bathy::cli
