// archive/exchange/index_page.h
#pragma once

#include "archive/exchange/court_export.h"

#include <string>
#include <vector>

namespace custode::exchange {

/// The export's index as an HTML page with its style inside, for A4: a head like a letter's, what
/// was left out, one row a document, and how to check it.  Every text is escaped; the page names
/// nothing outside itself.
std::string index_page(const ExportHead& head, const std::vector<ExportDocument>& documents);

}  // namespace custode::exchange
