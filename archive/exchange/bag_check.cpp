// archive/exchange/bag_check.cpp
#include "archive/exchange/bag_check.h"

#include "archive/base/encoding.h"
#include "archive/crypto/digest.h"
#include "archive/exchange/bag_files.h"
#include "archive/exchange/bag_receipts.h"
#include "archive/exchange/file_names.h"
#include "archive/exchange/old_digests.h"
#include "archive/exchange/safe_text.h"

#include <algorithm>
#include <map>
#include <set>

namespace custode::exchange {
namespace {

constexpr std::size_t kept_file_bytes_max = 64UL * 1024 * 1024;
constexpr std::size_t kept_bytes_max = 256UL * 1024 * 1024;

/// One check, step by step; the order of the functions is the order of the work.
class Check {
public:
    Check(BagSource& source, const BagCheckOptions& options) : source_(source), options_(options) {}

    BagReport run() {
        for (const BagFile& file : source_.files()) note_algorithm(file.path);
        source_.visit([this](const BagFile& file, const auto& next) { read(file, next); });
        for (const BagFinding& finding : source_.findings()) report_.findings.push_back(finding);
        // A zip that was refused as a whole has no files to be missed.
        if (!files_.empty() || report_.findings.empty()) {
            check_declaration();
            check_manifests();
            check_totals();
            check_court();
        }
        limit_findings();
        return std::move(report_);
    }

private:
    void find(std::string code, const std::string& path, std::string message) {
        report_.findings.push_back({std::move(code), one_line(path), std::move(message)});
    }

    void note_algorithm(const std::string& path) {
        const auto name = parse_manifest_name(path);
        if (name && OldDigests::knows(name->algorithm)) old_algorithms_.insert(name->algorithm);
    }

    static bool is_payload(const std::string& path) { return path.starts_with("data/"); }
    static bool is_kept(const std::string& path) {
        return path.find('/') == std::string::npos || path.starts_with("data/prove/");
    }

    void read(const BagFile& file, const std::function<BytesView()>& next) {
        CheckedFile& checked = files_[file.path];
        crypto::Sha256 sha256;
        OldDigests old(old_algorithms_, file.bytes);
        const bool keep = is_kept(file.path) && file.bytes <= kept_file_bytes_max &&
                          kept_bytes_ + file.bytes <= kept_bytes_max;
        for (BytesView piece = next(); !piece.empty(); piece = next()) {
            checked.bytes += piece.size();
            if (checked.bytes > file.bytes) break;  // grew while being read, or lied of its size
            sha256.update(piece);
            old.update(piece);
            if (keep) checked.content += text(piece);
        }
        if (checked.bytes != file.bytes)
            find("file.damaged", file.path, "has not its announced size");
        checked.sha256 = sha256.finish();
        checked.digests = old.finish();
        checked.digests["sha256"] = to_hex(checked.sha256);
        kept_bytes_ += checked.content.size();
        if (is_payload(file.path)) {
            ++report_.files;
            report_.bytes += checked.bytes;
        }
    }

    void check_declaration() {
        const auto file = files_.find("bagit.txt");
        if (file == files_.end()) return find("bag.no_declaration", "bagit.txt", "is missing");
        declaration_ = parse_declaration(file->second.content);
        if (!declaration_) {
            find("bag.no_declaration", "bagit.txt", "is not a declaration of BagIt 0.97 or 1.0");
        }
        if (files_.count("fetch.txt") != 0) {
            find("bag.incomplete", "fetch.txt", "names files that must be fetched from elsewhere");
        }
    }

    void check_manifests() {
        bool any = false;
        std::set<std::string> listed_somewhere, tags_listed;
        for (const auto& [path, file] : files_) {
            const auto name = parse_manifest_name(path);
            if (!name) continue;
            const std::set<std::string> listed = check_manifest(path, *name, file);
            if (name->of_tags) {
                tags_listed.insert(listed.begin(), listed.end());
                continue;
            }
            any = true;
            if (path == "manifest-sha256.txt") report_.manifest = file.sha256;
            listed_somewhere.insert(listed.begin(), listed.end());
            // BagIt 1.0 wants every manifest complete, 0.97 all of them together.
            if (!declaration_ || declaration_->version == "1.0") require_listed(listed, path);
        }
        if (!any) return find("bag.no_manifest", "", "there is no manifest of the payload");
        if (declaration_ && declaration_->version != "1.0") {
            require_listed(listed_somewhere, "any manifest");
        }
        tags_listed_ = std::move(tags_listed);
    }

    /// @returns the paths that the manifest lists.
    std::set<std::string> check_manifest(const std::string& path, const ManifestName& name,
                                         const CheckedFile& file) {
        const std::size_t digits = digest_digits(name.algorithm);
        if (digits == 0) {
            find("manifest.unknown_algorithm", path, "uses digests that we do not know");
            return {};
        }
        const auto decoded =
            decode_tag_file(view(file.content), declaration_ ? declaration_->encoding : "UTF-8");
        if (!decoded || file.content.size() != file.bytes) {
            find("manifest.unreadable", path, "cannot be read as text");
            return {};
        }
        const Manifest manifest = parse_manifest(*decoded, digits);
        for (const std::string& line : manifest.bad_lines) {
            find("manifest.bad_line", path,
                 "has a line that is none: " + one_line(shortened(line, 80)));
        }
        std::set<std::string> listed;
        for (const auto& [listed_path, digest] : manifest.digests) {
            listed.insert(listed_path);
            check_listed(path, name, listed_path, digest);
        }
        return listed;
    }

    void check_listed(const std::string& manifest, const ManifestName& name,
                      const std::string& path, const std::string& digest) {
        if (!is_safe_path(path) || is_payload(path) == name.of_tags) {
            return find("file.bad_name", path, "is not a place that " + manifest + " may name");
        }
        const auto file = files_.find(path);
        if (file == files_.end())
            return find("file.missing", path, "is in " + manifest + ", not in the bag");
        if (file->second.digests.at(name.algorithm) != digest) {
            find("file.changed", path, "is not what " + manifest + " says");
        }
    }

    void require_listed(const std::set<std::string>& listed, const std::string& where) {
        for (const auto& [path, file] : files_) {
            if (is_payload(path) && listed.count(path) == 0) {
                find("file.not_listed", path, "is in the bag, not in " + where);
            }
        }
    }

    void check_totals() {
        const auto info = files_.find("bag-info.txt");
        if (info == files_.end()) return;
        const auto content = decode_tag_file(view(info->second.content),
                                             declaration_ ? declaration_->encoding : "UTF-8");
        if (!content) return find("manifest.unreadable", "bag-info.txt", "cannot be read as text");
        const auto value = info_value(*content, "Payload-Oxum");
        if (!value) return;
        const auto oxum = parse_oxum(*value);
        if (!oxum || oxum->bytes != report_.bytes || oxum->files != report_.files) {
            find("bag.totals", "bag-info.txt", "states other totals than the payload has");
        }
    }

    /// A court export is recognised by any of its marks: who takes one away must not thereby be
    /// spared the rest.
    void check_court() {
        const auto info = files_.find("bag-info.txt");
        report_.is_court_export =
            (info != files_.end() && info_value(info->second.content, "Custode-Export")) ||
            std::any_of(files_.begin(), files_.end(), [](const auto& file) {
                return file.first.starts_with("data/prove/") ||
                       file.first.starts_with("data/originali/");
            });
        if (!report_.is_court_export) return;
        for (const char* tag : {"bagit.txt", "bag-info.txt", "manifest-sha256.txt"}) {
            if (files_.count(tag) == 0) find("file.missing", tag, "is missing");
        }
        for (const auto& [path, file] : files_) {
            const bool expected = is_payload(path) || path == "tagmanifest-sha256.txt";
            if (!expected && tags_listed_.count(path) == 0) {
                find("file.not_listed", path, "is in the bag, not in tagmanifest-sha256.txt");
            }
        }
        if (files_.count("tagmanifest-sha256.txt") == 0) {
            find("file.missing", "tagmanifest-sha256.txt", "is missing");
        }
        check_receipts(files_, options_, report_);
    }

    void limit_findings() {
        if (report_.findings.size() <= findings_max) return;
        const std::size_t more = report_.findings.size() - findings_max;
        report_.findings.resize(findings_max);
        find("findings.more", "", "and " + std::to_string(more) + " more");
    }

    BagSource& source_;
    const BagCheckOptions& options_;
    BagReport report_;
    CheckedFiles files_;
    std::set<std::string> old_algorithms_, tags_listed_;
    std::optional<BagDeclaration> declaration_;
    std::size_t kept_bytes_ = 0;
};

}  // namespace

BagReport check_bag(const std::filesystem::path& zip_or_folder, const BagCheckOptions& options) {
    const std::unique_ptr<BagSource> source = open_bag(zip_or_folder);
    return Check(*source, options).run();
}

}  // namespace custode::exchange
