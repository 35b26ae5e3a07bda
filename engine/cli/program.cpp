#include "engine/cli/commands.h"
#include "engine/cli/interrupt.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <new>

namespace bathy::cli {
namespace {

void addGlobalOptions(CLI::App& program, GlobalOptions& options) {
    program.add_flag("--json", options.json, "Print one JSON document on stdout and nothing else there");
    program.add_flag("--quiet,-q", options.quiet, "No progress on stderr");
    program.add_option("--threads", options.threads, "Worker threads; 0: one per physical core")
        ->check(CLI::Range(0, 1024));
    program.add_option("--device", options.device, "auto, cpu, cuda, cuda:N, vulkan or vulkan:N");
    program.add_option("--reserve", options.reserveBytes, "Memory to leave for other programs: 2GB, 512MB")
        ->transform(CLI::AsSizeValue(true));
    program.add_flag("--force", options.force, "Load a model that does not fit into the memory");
}

int wrongUsage(Io& io, const CLI::App& program, const CLI::ParseError& error) {
    std::string command = "bathy";
    for (const auto* chosen : program.get_subcommands())
        command += " " + chosen->get_name();
    io.error(Error(ErrorCode::BadArgument, error.what(), "`" + command + " --help` lists what it takes"));
    return exitCode(ErrorCode::BadArgument);
}

int runChosen(const Commands& commands, Io& io) {
    try {
        const auto result = (*commands.chosen())(io);
        if (result)
            return *result;
        // Stopping on request is an outcome: what there is has been printed, and there is nothing to explain.
        if (!result.error().isCancelled())
            io.error(result.error());
        return exitCode(result.error().code());
    } catch (const std::bad_alloc&) {
        io.error(Error(ErrorCode::OutOfMemory, "the system has no more memory to give"));
        return exitCode(ErrorCode::OutOfMemory);
    } catch (const std::exception& e) {
        io.error(Error(ErrorCode::Internal, std::string("caught ") + e.what(), "this is a bug; please report it"));
        return exitCode(ErrorCode::Internal);
    }
}

} // namespace

int runProgram(int argc, char** argv) {
    GlobalOptions options;
    CLI::App program("The engine of Bathyscope, headless: looks at, checks and runs DeepSeek checkpoints.", "bathy");
    program.set_version_flag("--version", "bathy " BATHY_VERSION);
    program.set_help_flag("--help,-h", "What a command takes");
    program.require_subcommand(1);
    addGlobalOptions(program, options);
    Commands commands(program);
    addAllCommands(commands);

    try {
        program.parse(argc, argv);
    } catch (const CLI::Success& asked) { // --help and --version
        return program.exit(asked);
    } catch (const CLI::ParseError& error) {
        Io io(options, {});
        return wrongUsage(io, program, error);
    }
    Interrupt interrupt;
    Io io(options, interrupt.token());
    const int code = runChosen(commands, io);
    // A full disk or a closed pipe must not look like success.
    if (std::fflush(stdout) != 0 && code == 0)
        return exitCode(ErrorCode::Io);
    return code;
}

} // namespace bathy::cli
