// Where a number that is shown comes from. Every number of the memory views says it.
#pragma once

#include <QCoreApplication>
#include <QString>

namespace bathy::widgets {

enum class NumberSource { Measured, Derived, Estimated };

inline QString sourceName(NumberSource source) {
    switch (source) {
    case NumberSource::Measured:
        return QCoreApplication::translate("NumberSource", "measured");
    case NumberSource::Derived:
        return QCoreApplication::translate("NumberSource", "derived");
    case NumberSource::Estimated:
        return QCoreApplication::translate("NumberSource", "estimated");
    }
    return {};
}

inline QString sourceExplanation(NumberSource source) {
    switch (source) {
    case NumberSource::Measured:
        return QCoreApplication::translate("NumberSource", "Measured: counted by the engine while it ran.");
    case NumberSource::Derived:
        return QCoreApplication::translate("NumberSource", "Derived: worked out exactly from the model's shape.");
    case NumberSource::Estimated:
        return QCoreApplication::translate("NumberSource",
                                           "Estimated: a model of something that was not run here; may be off.");
    }
    return {};
}

} // namespace bathy::widgets
