// The commands of `bathy`: one function and one file each. A function adds its subcommand with options and help to the
// program and says what runs when it is chosen; a command that is not built is simply not listed in commands.cpp.
#pragma once

#include "engine/base/result.h"
#include "engine/cli/io.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

namespace bathy::cli {

// Runs one command. The value is the exit code for outcomes that are no error but not 0 either (verify found problems).
using CommandRun = std::function<Result<int>(Io&)>;

class Commands {
public:
    explicit Commands(CLI::App& program) : m_program(program) {}

    // The subcommand, for the caller to add options to. Options must outlive the parse: keep them in a shared_ptr that
    // `run` holds as well.
    CLI::App& add(const std::string& name, const std::string& description, CommandRun run);
    // The command the user chose; nullptr when none.
    const CommandRun* chosen() const;

private:
    CLI::App& m_program;
    std::vector<std::pair<CLI::App*, CommandRun>> m_entries;
};

// One line per command here and in addAllCommands.
void addBench(Commands& commands);
void addCapture(Commands& commands);
void addChat(Commands& commands);
void addConvert(Commands& commands);
void addDevices(Commands& commands);
void addDoctor(Commands& commands);
void addEval(Commands& commands);
void addHost(Commands& commands);
void addInfo(Commands& commands);
void addLogits(Commands& commands);
void addPerplexity(Commands& commands);
void addRun(Commands& commands);
void addSnapshot(Commands& commands);
void addSynth(Commands& commands);
void addTensors(Commands& commands);
void addTokenize(Commands& commands);
void addVerify(Commands& commands);

void addAllCommands(Commands& commands);

// Parses the command line, runs the chosen command, prints errors. Returns the exit code.
int runProgram(int argc, char** argv);

} // namespace bathy::cli
