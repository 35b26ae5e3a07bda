#include "engine/cli/commands.h"

#include <CLI/CLI.hpp>

namespace bathy::cli {

CLI::App& Commands::add(const std::string& name, const std::string& description, CommandRun run) {
    auto* command = m_program.add_subcommand(name, description);
    command->fallthrough(); // --json and the like may stand after the command as well
    m_entries.emplace_back(command, std::move(run));
    return *command;
}

const CommandRun* Commands::chosen() const {
    for (const auto& [command, run] : m_entries)
        if (command->parsed())
            return &run;
    return nullptr;
}

void addAllCommands(Commands& commands) {
    addBench(commands);
    addCapture(commands);
    addChat(commands);
    addConvert(commands);
    addDevices(commands);
    addDoctor(commands);
    addEval(commands);
    addHost(commands);
    addInfo(commands);
    addLogits(commands);
    addPerplexity(commands);
    addRun(commands);
    addSnapshot(commands);
    addSynth(commands);
    addTensors(commands);
    addTokenize(commands);
    addVerify(commands);
}

} // namespace bathy::cli
