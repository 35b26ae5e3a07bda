// Light and dark palettes of the workbench, on top of Qt's Fusion style. UI thread.
#pragma once

#include <QObject>
#include <QPalette>

namespace bathy::shell {

enum class ThemeChoice { System, Light, Dark };

class Theme : public QObject {
    Q_OBJECT
public:
    // Remembers the platform's own palette, which decides what ThemeChoice::System means. Create once, after
    // QApplication.
    explicit Theme(QObject* parent = nullptr);

    ThemeChoice choice() const { return m_choice; }
    bool isDark() const { return m_dark; }
    void apply(ThemeChoice choice);

    static QPalette lightPalette();
    static QPalette darkPalette();
    static QString choiceName(ThemeChoice choice); // stable, for settings: "system", "light", "dark"
    static ThemeChoice choiceFromName(const QString& name);

Q_SIGNALS:
    void changed(bool dark);

private:
    bool m_systemIsDark = false;
    ThemeChoice m_choice = ThemeChoice::System;
    bool m_dark = false;
};

} // namespace bathy::shell
