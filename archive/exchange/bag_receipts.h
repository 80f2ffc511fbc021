// archive/exchange/bag_receipts.h
#pragma once

#include "archive/exchange/bag_check.h"

#include <map>
#include <string>

namespace custode::exchange {

/// A file of a bag after it was read.
struct CheckedFile {
    std::uint64_t bytes = 0;
    Sha256Digest sha256;
    std::map<std::string, std::string> digests;  ///< Algorithm to hexadecimal.
    std::string content;                         ///< Of tag files and receipts only.
};
using CheckedFiles = std::map<std::string, CheckedFile>;

/// The court export's own part of check_bag(): key, checkpoint, and one receipt an original.
void check_receipts(const CheckedFiles& files, const BagCheckOptions& options, BagReport& report);

}  // namespace custode::exchange
