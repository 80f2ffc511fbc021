// archive/exchange/court_texts.h
#pragma once

#include "archive/exchange/bag_writer.h"
#include "archive/exchange/court_export.h"

#include <string>

namespace custode::exchange {

/// The texts of a court export beside its first page; all in Italian, for a lawyer's eyes.

std::string index_csv(const std::vector<ExportDocument>& documents);

/// LEGGIMI.txt: what lies where, and how to check it with and without our program.
std::string read_me(const ExportHead& head, std::size_t documents);

/// The lines of bag-info.txt that describe the export.
BagWriter::Info bag_info(const ExportHead& head);

inline constexpr std::string_view unknown_text = "non noto";

std::string italian_day(const Day& day);  ///< "12/03/2026"
std::string or_unknown(const std::string& text);
std::string italian_number(std::uint64_t number);  ///< "12.345"
std::string italian_size(std::uint64_t bytes);     ///< "3,4 MB"

/// "145", or "145, più 2 documenti di cui non è noto il numero".
std::string page_total(const std::vector<ExportDocument>& documents);

}  // namespace custode::exchange
