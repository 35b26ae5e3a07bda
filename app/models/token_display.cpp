#include "app/models/token_display.h"

#include <QStringDecoder>

#include <algorithm>

namespace bathy::models {
namespace {

constexpr char16_t kWideBar = u'\uFF5C';
constexpr char16_t kLowBlock = u'\u2581'; // stands for a space in names
constexpr qsizetype kLongestName = 40;

QString visible(QChar c) {
    switch (c.unicode()) {
    case u' ':
        return QStringLiteral("·");
    case u'\n':
        return QStringLiteral("⏎");
    case u'\t':
        return QStringLiteral("⇥");
    case u'\r':
        return QStringLiteral("␍");
    case kWideBar:
        return QStringLiteral("|");
    case u'\u00A0':
        return QStringLiteral("⍽");
    default:
        break;
    }
    const bool shows = c.isPrint() || c.isSurrogate();
    return shows ? QString(c) : QStringLiteral("‹U+%1›").arg(c.unicode(), 4, 16, QLatin1Char('0')).toUpper();
}

} // namespace

QString hexBytes(std::string_view bytes) {
    return QString::fromLatin1(QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size())).toHex(' ').toUpper());
}

bool endsLine(std::string_view bytes) {
    return bytes.find('\n') != std::string_view::npos;
}

QString specialName(std::string_view bytes) {
    const auto text = QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
    const QString open = QStringLiteral("<") + QChar(kWideBar), close = QChar(kWideBar) + QStringLiteral(">");
    const auto length = text.size() - open.size() - close.size();
    if (length <= 0 || length > kLongestName || !text.startsWith(open) || !text.endsWith(close))
        return {};
    auto name = text.mid(open.size(), length).replace(QChar(kLowBlock), QLatin1Char(' '));
    const bool isPlain = std::all_of(name.begin(), name.end(), [](QChar c) { return c.isPrint(); });
    return isPlain ? name : QString();
}

QString visibleText(std::string_view bytes) {
    if (bytes.empty())
        return QStringLiteral("∅");
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString text = decoder.decode(QByteArrayView(bytes.data(), static_cast<qsizetype>(bytes.size())));
    if (decoder.hasError() || text.contains(QChar::ReplacementCharacter))
        return QStringLiteral("‹%1›").arg(hexBytes(bytes));
    QString shown;
    for (const auto c : text)
        shown += visible(c);
    return shown;
}

} // namespace bathy::models
