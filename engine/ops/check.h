// BATHY_OPS_CHECK(condition): a wrong call inside the program (shapes that do not fit), never something a file or a
// user can cause: those are validated where they enter. Stops the program in builds with assertions, costs nothing in
// others.
#pragma once

#ifdef BATHY_ASSERTIONS
#include <cstdio>
#include <cstdlib>
#define BATHY_OPS_CHECK(condition)                                                                                     \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            std::fprintf(stderr, "%s:%d: broken contract: %s\n", __FILE__, __LINE__, #condition);                      \
            std::abort();                                                                                              \
        }                                                                                                              \
    } while (false)
#else
#define BATHY_OPS_CHECK(condition) static_cast<void>(0)
#endif
