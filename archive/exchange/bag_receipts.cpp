// archive/exchange/bag_receipts.cpp
#include "archive/exchange/bag_receipts.h"

#include "archive/exchange/court_receipts.h"

#include <set>

namespace custode::exchange {
namespace {

constexpr std::string_view originals = "data/originali/", receipts = "data/prove/";
constexpr const char* checkpoint_path = "data/prove/checkpoint";
constexpr const char* key_path = "data/prove/chiave-pubblica.txt";

void find(BagReport& report, std::string code, const std::string& path, std::string message) {
    report.findings.push_back({std::move(code), path, std::move(message)});
}

std::string content_of(const CheckedFiles& files, const std::string& path) {
    const auto file = files.find(path);
    return file == files.end() ? std::string() : file->second.content;
}

/// The reader's key, or the bag's; a bag whose own key is another than the reader's is refused
/// even where the receipts would hold.
std::optional<proof::VerifierKey> find_key(const CheckedFiles& files,
                                           const BagCheckOptions& options, BagReport& report) {
    std::string text = content_of(files, key_path);
    if (text.ends_with('\n')) text.pop_back();
    const auto own = proof::VerifierKey::parse(text);
    if (!own) find(report, "key.other", key_path, "is not a verifier key");
    if (own && options.pinned && *own != *options.pinned) {
        find(report, "key.other", key_path, "is another key than the one given");
    }
    return options.pinned ? options.pinned : own;
}

/// "001" of "data/originali/001_…"; empty when the name is not of that form.
std::string number_of(const std::string& path) {
    const std::string name = path.substr(originals.size());
    const std::size_t end = name.find('_');
    const bool digits =
        end != std::string::npos && end >= 3 && name.find_first_not_of("0123456789") == end;
    return digits ? name.substr(0, end) : std::string();
}

void check_original(const CheckedFiles& files, const std::string& path, const CheckedFile& file,
                    const std::string& checkpoint, std::set<std::string>& used, BagReport& report) {
    const std::string receipt_path = std::string(receipts) + number_of(path) + ".json";
    const auto receipt = files.find(receipt_path);
    if (receipt == files.end()) {
        return find(report, "receipt.missing", path, "has no receipt in data/prove");
    }
    if (!used.insert(receipt_path).second) {
        return find(report, "receipt.missing", path, "shares its receipt with another original");
    }
    const ReceiptExpectation expected{file.sha256, file.bytes, checkpoint, report.key};
    if (const auto problem = receipt_problem(receipt->second.content, expected)) {
        return find(report, "receipt.bad", receipt_path,
                    "does not prove " + path + ": " + *problem);
    }
    ++report.receipts;
}

}  // namespace

void check_receipts(const CheckedFiles& files, const BagCheckOptions& options, BagReport& report) {
    const std::string checkpoint = content_of(files, checkpoint_path);
    report.key = find_key(files, options, report);
    if (report.key) report.checkpoint = proof::open_checkpoint(checkpoint, *report.key);
    if (!report.checkpoint) {
        find(report, "checkpoint.bad", checkpoint_path,
             "is missing, or its signature does not hold");
    }
    std::set<std::string> used{checkpoint_path, key_path};
    for (const auto& [path, file] : files) {
        if (path.starts_with(originals)) {
            check_original(files, path, file, checkpoint, used, report);
        }
    }
    for (const auto& [path, file] : files) {
        if (path.starts_with(receipts) && used.count(path) == 0) {
            find(report, "receipt.extra", path, "belongs to no original in the bag");
        }
    }
}

}  // namespace custode::exchange
