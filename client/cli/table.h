// client/cli/table.h
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace custode::client {

/// Rows under a heading, columns as wide as their widest cell; every cell is escaped.
///
/// On a terminal that is narrower than that (`width`, 0 for none) columns in which nobody has a
/// value go; the rest is packed into as many lines a row as it takes, from the second on two in,
/// and the last column is broken at words.  A pipe gets one line a row, always.
std::string table_text(const std::vector<std::string>& heading,
                       const std::vector<std::vector<std::string>>& rows, std::size_t width);

}  // namespace custode::client
