# Writes OUT, the source of engine/base/build_info.h, with the commit that SOURCE is at; it stays untouched where nothing
# changed. Run at every build, with cmake -D SOURCE=… -D OUT=… -P. Without git or a repository the commit is empty.
set(commit "")
find_program(GIT git)
if(GIT)
    execute_process(COMMAND ${GIT} -C ${SOURCE} describe --always --dirty --abbrev=10 --exclude=*
        OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT commit MATCHES "^[0-9a-f]+(-dirty)?$")
    set(commit "")
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT [[
#include "engine/base/build_info.h"

std::string_view bathy::buildCommit() {
    return "@commit@";
}
]] @ONLY)
