#include "engine/cli/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace bathy::cli {

std::string formatFixed(double value, int decimals) {
    std::array<char, 64> buffer{};
    const int length = std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, value);
    return {buffer.data(), static_cast<std::size_t>(std::clamp(length, 0, 63))};
}

std::string formatScientific(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2g", value);
    return text.data();
}

std::string oneLine(std::string_view text) {
    std::string result(text);
    for (auto& c : result)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            c = ' ';
    return result;
}

std::string formatBytes(std::uint64_t bytes) {
    constexpr std::array<const char*, 5> kUnits{"KiB", "MiB", "GiB", "TiB", "PiB"};
    if (bytes < 1024)
        return std::to_string(bytes) + " B";
    auto value = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < kUnits.size()) {
        value /= 1024;
        ++unit;
    }
    return formatFixed(value, value < 10 ? 2 : 1) + " " + kUnits[unit];
}

std::string formatBillions(std::uint64_t count) {
    const auto value = static_cast<double>(count);
    if (value >= 1e12)
        return formatFixed(value / 1e9, 1) + "B";
    return value >= 1e9 ? formatFixed(value / 1e9, 2) + "B" : formatFixed(value / 1e6, 2) + "M";
}

std::string formatGrouped(std::uint64_t count) {
    const auto digits = std::to_string(count);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0)
            text += ',';
        text += digits[i];
    }
    return text;
}

std::string counted(std::uint64_t count, std::string_view noun) {
    return formatGrouped(count).append(" ").append(noun).append(count == 1 ? "" : "s");
}

std::string formatDuration(double seconds) {
    const auto whole = static_cast<std::int64_t>(std::clamp(seconds, 0.0, 3.6e6) + 0.5);
    std::array<char, 32> buffer{};
    if (whole >= 3600)
        std::snprintf(buffer.data(), buffer.size(), "%d:%02d:%02d", static_cast<int>(whole / 3600),
                      static_cast<int>(whole / 60 % 60), static_cast<int>(whole % 60));
    else
        std::snprintf(buffer.data(), buffer.size(), "%d:%02d", static_cast<int>(whole / 60),
                      static_cast<int>(whole % 60));
    return buffer.data();
}

std::string padLeft(std::string_view text, std::size_t width) {
    return std::string(width - std::min(width, text.size()), ' ').append(text);
}

std::string padRight(std::string_view text, std::size_t width) {
    return std::string(text).append(width - std::min(width, text.size()), ' ');
}

std::vector<std::string> formatTable(const std::vector<std::vector<std::string>>& rows,
                                     const std::vector<std::size_t>& rightAligned) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows)
        for (std::size_t column = 0; column < row.size(); ++column) {
            widths.resize(std::max(widths.size(), column + 1));
            widths[column] = std::max(widths[column], row[column].size());
        }
    std::vector<std::string> lines;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t column = 0; column < row.size(); ++column) {
            const bool right = std::find(rightAligned.begin(), rightAligned.end(), column) != rightAligned.end();
            line += column ? "  " : "";
            line += right ? padLeft(row[column], widths[column]) : padRight(row[column], widths[column]);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        lines.push_back(std::move(line));
    }
    return lines;
}

} // namespace bathy::cli
