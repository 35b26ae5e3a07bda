// Errors in the user's words: what happened, why, and what can be done. Pure; the only place that knows error codes.
#pragma once

#include "engine/base/error.h"

#include <QString>

namespace bathy::models {

struct ErrorText {
    QString title;  // one short sentence
    QString detail; // the engine's own sentence: names the file, field or number
    QString advice; // what to do; may be empty
};

ErrorText describe(const Error& error);

} // namespace bathy::models
