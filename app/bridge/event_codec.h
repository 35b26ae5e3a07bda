// Events as bytes that can be kept with an answer and replayed later: the same frames as on the wire. Pure.
#pragma once

#include "engine/api/events.h"
#include "engine/base/result.h"

#include <QByteArray>

#include <vector>

namespace bathy::bridge {

// A hello and one frame per event. Empty for no events. Events too large for a frame are left out.
QByteArray encodeEvents(const std::vector<api::Event>& events);

// Errors: Protocol for bytes that were not written by encodeEvents.
Result<std::vector<api::Event>> decodeEvents(const QByteArray& bytes);

} // namespace bathy::bridge
