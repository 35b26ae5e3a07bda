#include "tests/engine/cli/run_bathy.h"

#include "engine/base/text_file.h"
#include "tests/support/scratch_folder.h"

#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace bathy::test {

Ran runBathy(const std::vector<std::string>& arguments, std::chrono::milliseconds interruptAfter) {
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
    if (interruptAfter.count() > 0) {
        std::this_thread::sleep_for(interruptAfter);
        kill(child, SIGINT);
    }
    const auto start = std::chrono::steady_clock::now();
    int status = 0;
    waitpid(child, &status, 0);
    Ran ran;
    ran.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    ran.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ran.out = readTextFile(out, 1 << 26).value_or("");
    ran.err = readTextFile(err, 1 << 26).value_or("");
    return ran;
}

} // namespace bathy::test
