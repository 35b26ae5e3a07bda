// How far reading or writing many bytes is, how fast it goes and how long it will take. Value type, one thread.
#pragma once

#include "engine/api/events.h"
#include "engine/telemetry/clock.h"

#include <cstdint>

namespace bathy::runtime {

class ByteMeter {
public:
    explicit ByteMeter(std::int64_t beganNs) : m_beganNs(beganNs) {}

    double seconds() const { return static_cast<double>(telemetry::nowNs() - m_beganNs) * 1e-9; }
    api::Progress progress(api::RequestId request, api::Stage stage, std::uint64_t done, std::uint64_t total) const {
        const double spent = seconds();
        api::Progress event{request, stage, done, total};
        event.perSecond = spent > 0 ? static_cast<double>(done) / spent : 0;
        event.secondsLeft =
            event.perSecond > 0 && total > done ? static_cast<double>(total - done) / event.perSecond : 0;
        return event;
    }

private:
    std::int64_t m_beganNs;
};

} // namespace bathy::runtime
