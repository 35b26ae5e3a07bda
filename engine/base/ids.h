// Ids that do not convert into one another: a layer passed where a token is meant does not compile.
#pragma once

#include <cstdint>
#include <type_traits>

namespace bathy {

enum class TokenId : std::int32_t {};    // index into the vocabulary
enum class Position : std::int64_t {};   // absolute position in a session's token sequence, first token = 0
enum class LayerId : std::int32_t {};    // 0-based; MTP blocks follow the main layers
enum class ExpertId : std::int32_t {};   // 0-based routed expert
enum class SessionId : std::uint64_t {}; // one conversation state on a loaded model; 0 is never used
enum class GenerationId : std::uint64_t {
}; // one run of prefill + decode; unique for the life of an engine; 0 is never used

// One expert of one layer.
struct ExpertRef {
    LayerId layer{};
    ExpertId expert{};

    // Written out: Qt's moc, which reads this header too, cannot read <compare>.
    friend bool operator==(const ExpertRef&, const ExpertRef&) = default;
    friend constexpr bool operator<(const ExpertRef& a, const ExpertRef& b) {
        return a.layer != b.layer ? a.layer < b.layer : a.expert < b.expert;
    }
};

template <class Id>
requires std::is_enum_v<Id>
constexpr std::underlying_type_t<Id> raw(Id id) {
    return static_cast<std::underlying_type_t<Id>>(id);
}

} // namespace bathy
