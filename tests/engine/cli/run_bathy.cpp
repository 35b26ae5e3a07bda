#include "tests/engine/cli/run_bathy.h"

#include "engine/base/text_file.h"
#include "tests/support/scratch_folder.h"

#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace bathy::test {

namespace {
using Clock = std::chrono::steady_clock;

// False when the program ended before the moment came.
bool wait(pid_t child, const Moment& moment, const std::filesystem::path& out) {
    while (!moment(out)) {
        siginfo_t ended{};
        if (waitid(P_PID, id_t(child), &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid == child)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}
} // namespace

Moment after(std::chrono::milliseconds time) {
    return [end = Clock::now() + time](const std::filesystem::path&) { return Clock::now() >= end; };
}

Moment oncePrinted() {
    return [](const std::filesystem::path& out) {
        std::error_code none;
        return std::filesystem::file_size(out, none) > 0 && !none;
    };
}

Ran runBathy(const std::vector<std::string>& arguments, const Moment& interruptAt) {
    const ScratchFolder folder;
    const auto out = folder.path() / "out";
    const auto err = folder.path() / "err";
    std::vector<std::string> words{BATHY_BINARY_DIR "/bin/bathy"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    const auto outName = out.string();
    const auto errName = err.string();
    const pid_t child = fork();
    if (child == 0) { // only calls that are safe after fork
        dup2(open(outName.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
        dup2(open(errName.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
        execv(argv[0], argv.data());
        _exit(127);
    }
    if (interruptAt && wait(child, interruptAt, out))
        kill(child, SIGINT);
    const auto start = Clock::now();
    int status = 0;
    waitpid(child, &status, 0);
    Ran ran;
    ran.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    ran.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ran.out = readTextFile(out, 1 << 26).value_or("");
    ran.err = readTextFile(err, 1 << 26).value_or("");
    return ran;
}

} // namespace bathy::test
