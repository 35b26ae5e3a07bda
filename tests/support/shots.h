// Pictures of a widget for people to look at: written only when BATHY_SHOTS names a folder.
#pragma once

#include <QString>

class QWidget;

namespace bathy::testing {

// <folder>/<name>-<light|dark>-<1x|2x>.png. Leaves the palette of the application as it was.
void saveShots(QWidget& widget, const QString& name);

} // namespace bathy::testing
