// The variants of a kernel that run on this processor, the reference first.
#pragma once

#include "tests/kernels/support.h"

namespace bathy::test {

template <class Function>
struct Variant {
    const char* name;
    Function* run;
};

template <class Function>
std::vector<Variant<Function>> variantsOf([[maybe_unused]] Function* avx2, [[maybe_unused]] Function* avx512,
                                          Function* reference) {
    std::vector<Variant<Function>> result{{"reference", reference}};
    const auto best = device::detectCpuFeatures().bestLevel();
    if (avx2 && best >= device::CpuLevel::Avx2)
        result.push_back({"avx2", avx2});
    if (avx512 && best >= device::CpuLevel::Avx512)
        result.push_back({"avx512", avx512});
    return result;
}

} // namespace bathy::test

#ifdef BATHY_X86_KERNELS
#define BATHY_TEST_VARIANTS(name)                                                                                      \
    ::bathy::test::variantsOf(::bathy::kernels::name##Avx2, ::bathy::kernels::name##Avx512,                            \
                              ::bathy::kernels::name##Reference)
#else
#define BATHY_TEST_VARIANTS(name)                                                                                      \
    ::bathy::test::variantsOf<std::remove_pointer_t<decltype(&::bathy::kernels::name##Reference)>>(                    \
        nullptr, nullptr, ::bathy::kernels::name##Reference)
#endif
