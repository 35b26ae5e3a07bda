#include "engine/cli/commands.h"

int main(int argc, char** argv) {
    return bathy::cli::runProgram(argc, argv);
}
