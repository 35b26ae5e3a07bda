// Numbers and tables as text for people. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::cli {

std::string formatFixed(double value, int decimals);
std::string formatScientific(double value); // "3.1e-07"
// Control characters become blanks, so that text from a file cannot pass for lines of ours.
std::string oneLine(std::string_view text);
std::string formatBytes(std::uint64_t bytes);                    // powers of 1024: "1.50 GiB"
std::string formatBillions(std::uint64_t count);                 // "284.33B", "13.27B", "0.84M" below a billion
std::string formatGrouped(std::uint64_t count);                  // "159,609,485,896"
std::string counted(std::uint64_t count, std::string_view noun); // "1 file", "1,234 files"
std::string formatDuration(double seconds);                      // "0:07", "1:02:03"
std::string padLeft(std::string_view text, std::size_t width);
std::string padRight(std::string_view text, std::size_t width);

// Lines with columns aligned: the first row is the heading. Columns of `rightAligned` indices are right-aligned.
std::vector<std::string> formatTable(const std::vector<std::vector<std::string>>& rows,
                                     const std::vector<std::size_t>& rightAligned = {});

} // namespace bathy::cli
