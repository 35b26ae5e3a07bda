#include "app/shell/theme.h"

#include <QApplication>
#include <QPainter>
#include <QProxyStyle>
#include <QStyleOption>

namespace bathy::shell {
namespace {

struct Colours {
    QRgb window, base, alternate, button, text, mutedText, border, shadow, accent, accentText, link, toolTip;
};

// Contrast of text on window is above 12:1 in both, of muted text above 4.5:1.
constexpr Colours kLight{0xfff3f5f7, 0xffffffff, 0xfff7f9fa, 0xfff7f8fa, 0xff1b2126, 0xff5b6670,
                         0xffc6ced5, 0xff9aa5ae, 0xff0b7285, 0xffffffff, 0xff0b6375, 0xfffdfdf5};
constexpr Colours kDark{0xff1f2429, 0xff171b1f, 0xff1c2126, 0xff2a3036, 0xffe6eaed, 0xff9aa7b2,
                        0xff3b444c, 0xff0c0e10, 0xff2b9eb3, 0xff06171b, 0xff62cfe0, 0xff2f363d};

QPalette paletteOf(const Colours& c) {
    QPalette p;
    const auto set = [&p](QPalette::ColorRole role, QRgb rgb) { p.setColor(role, QColor::fromRgb(rgb)); };
    set(QPalette::Window, c.window);
    set(QPalette::WindowText, c.text);
    set(QPalette::Base, c.base);
    set(QPalette::AlternateBase, c.alternate);
    set(QPalette::Text, c.text);
    set(QPalette::PlaceholderText, c.mutedText);
    set(QPalette::Button, c.button);
    set(QPalette::ButtonText, c.text);
    set(QPalette::BrightText, 0xffffffff);
    set(QPalette::Highlight, c.accent);
    set(QPalette::HighlightedText, c.accentText);
    set(QPalette::Link, c.link);
    set(QPalette::LinkVisited, c.link);
    set(QPalette::ToolTipBase, c.toolTip);
    set(QPalette::ToolTipText, c.text);
    set(QPalette::Mid, c.border);
    set(QPalette::Midlight, c.alternate);
    set(QPalette::Light, c.base);
    set(QPalette::Dark, c.border);
    set(QPalette::Shadow, c.shadow);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, QColor::fromRgb(c.mutedText));
    p.setColor(QPalette::Disabled, QPalette::Highlight, QColor::fromRgb(c.border));
    return p;
}

// Fusion, but for the tool bar, which it rules with a white line whatever the palette.
class WorkbenchStyle : public QProxyStyle {
public:
    WorkbenchStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

    void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override {
        if (element != CE_ToolBar) {
            QProxyStyle::drawControl(element, option, painter, widget);
            return;
        }
        painter->fillRect(option->rect, option->palette.window());
        painter->setPen(option->palette.color(QPalette::Mid));
        painter->drawLine(option->rect.bottomLeft(), option->rect.bottomRight());
    }
};

} // namespace

Theme::Theme(QObject* parent) : QObject(parent) {
    m_systemIsDark = QApplication::palette().color(QPalette::Window).lightness() < 128;
    QApplication::setStyle(new WorkbenchStyle);
}

QPalette Theme::lightPalette() {
    return paletteOf(kLight);
}
QPalette Theme::darkPalette() {
    return paletteOf(kDark);
}

void Theme::apply(ThemeChoice choice) {
    m_choice = choice;
    m_dark = choice == ThemeChoice::Dark || (choice == ThemeChoice::System && m_systemIsDark);
    QApplication::setPalette(m_dark ? darkPalette() : lightPalette());
    Q_EMIT changed(m_dark);
}

QString Theme::choiceName(ThemeChoice choice) {
    switch (choice) {
    case ThemeChoice::Light:
        return QStringLiteral("light");
    case ThemeChoice::Dark:
        return QStringLiteral("dark");
    case ThemeChoice::System:
        break;
    }
    return QStringLiteral("system");
}

ThemeChoice Theme::choiceFromName(const QString& name) {
    if (name == QLatin1String("light"))
        return ThemeChoice::Light;
    if (name == QLatin1String("dark"))
        return ThemeChoice::Dark;
    return ThemeChoice::System;
}

} // namespace bathy::shell
