// Only under ThreadSanitizer. Qt starts programs by clone() with the memory shared until the child becomes the program;
// ThreadSanitizer's own clone() takes that child for a forked process, stops looking in it, and as the state is shared,
// stops looking at the thread that started it as well. This one goes to the C library directly: the child only calls
// what is safe after a fork, while its parent waits.
#include <cstdarg>
#include <cstdlib>
#include <dlfcn.h>
#include <sched.h>

extern "C" int clone(int (*entry)(void*), void* stack, int flags, void* argument, ...) noexcept {
    using Clone = int (*)(int (*)(void*), void*, int, void*, ...);
    static const auto real = reinterpret_cast<Clone>(dlsym(dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD), "clone"));
    if (real == nullptr)
        std::abort();
    va_list rest;
    va_start(rest, argument);
    auto* parent = va_arg(rest, int*);
    auto* tls = va_arg(rest, void*);
    auto* child = va_arg(rest, int*);
    va_end(rest);
    return real(entry, stack, flags, argument, parent, tls, child);
}
