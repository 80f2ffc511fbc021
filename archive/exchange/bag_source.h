// archive/exchange/bag_source.h
#pragma once

#include "archive/base/bytes.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace custode::exchange {

/// A file of a bag, by its path inside the bag's folder.
struct BagFile {
    std::string path;
    std::uint64_t bytes = 0;
};

/// Something that is not as it should be; never thrown, always collected.
struct BagFinding {
    std::string code;  ///< Stable: "file.changed"
    std::string path;  ///< Inside the bag; empty when the bag as a whole is meant.
    std::string message;
    friend bool operator==(const BagFinding&, const BagFinding&) = default;
};

/// Where a bag's files come from: a folder, or a zip that holds one folder.
///
/// Errors    open_bag(): Error(not_found, "bag.missing"); reading: Error(storage,
/// "bag.unreadable").
///           Content that is bad gives findings, and the file in question is left out.
class BagSource {
public:
    /// Gets a file's bytes in pieces, the last one empty.
    using Visitor = std::function<void(const BagFile&, const std::function<BytesView()>& next)>;

    virtual ~BagSource() = default;

    const std::vector<BagFile>& files() const { return files_; }
    const std::vector<BagFinding>& findings() const { return findings_; }

    /// Shows every file of files() once; a visitor need not read to the end.
    virtual void visit(const Visitor& visitor) = 0;

protected:
    void find(std::string code, std::string path, std::string message) {
        findings_.push_back({std::move(code), std::move(path), std::move(message)});
    }
    std::vector<BagFile> files_;
    std::vector<BagFinding> findings_;
};

std::unique_ptr<BagSource> open_bag(const std::filesystem::path& zip_or_folder);

}  // namespace custode::exchange
