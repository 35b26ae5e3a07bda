// Line icons of the inspection panels, drawn in the text colour of the palette so that they fit light and dark.
#pragma once

#include <QIcon>
#include <QPalette>

namespace bathy::panels {

enum class PanelIcon { LockOpen, LockClosed, Table, Export, Copy };

QIcon panelIcon(PanelIcon icon, const QPalette& palette);

} // namespace bathy::panels
