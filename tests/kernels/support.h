// What the kernel tests share: fresh random inputs (the seed is printed with every failure and can be set with
// BATHY_TEST_SEED), outputs poisoned with NaN and fenced by guard bytes.
#pragma once

#include "engine/device/cpu/cpu_features.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace bathy::test {

inline std::uint64_t seed() {
    static const std::uint64_t value = [] {
        const char* given = std::getenv("BATHY_TEST_SEED");
        return given ? std::strtoull(given, nullptr, 10) : std::uint64_t{std::random_device{}()};
    }();
    return value;
}

inline std::string seedNote() {
    return "BATHY_TEST_SEED=" + std::to_string(seed());
}

class Random {
public:
    explicit Random(std::uint64_t stream) : m_engine(seed() * 0x9e3779b97f4a7c15u + stream) {}
    float normal(float sigma = 1.0f) { return std::normal_distribution<float>(0.0f, sigma)(m_engine); }
    std::int64_t integer(std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>(low, high)(m_engine);
    }
    std::vector<float> normals(std::int64_t count, float sigma = 1.0f) {
        std::vector<float> result(static_cast<std::size_t>(count));
        for (auto& value : result)
            value = normal(sigma);
        return result;
    }

private:
    std::mt19937_64 m_engine;
};

// Memory that notices writes outside of it; filled with NaN. Starts at an address that is only element-aligned.
template <class T>
class Guarded {
public:
    explicit Guarded(std::int64_t count) : m_count(static_cast<std::size_t>(count)) {
        m_bytes.assign(kGuard + m_count * sizeof(T) + kGuard, std::uint8_t{0xa5});
        std::memset(data(), 0xff, m_count * sizeof(T));
    }
    T* data() { return reinterpret_cast<T*>(m_bytes.data() + kGuard); }
    T& operator[](std::int64_t i) { return data()[i]; }
    std::size_t size() const { return m_count; }
    std::vector<T> copy() { return {data(), data() + m_count}; }
    bool isIntact() const {
        for (std::size_t i = 0; i < kGuard; ++i)
            if (m_bytes[i] != 0xa5 || m_bytes[m_bytes.size() - 1 - i] != 0xa5)
                return false;
        return true;
    }

private:
    static constexpr std::size_t kGuard = 68; // keeps 4-byte, breaks 64-byte alignment
    std::size_t m_count;
    std::vector<std::uint8_t> m_bytes;
};

inline bool sameBits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), 4 * a.size()) == 0;
}

} // namespace bathy::test
