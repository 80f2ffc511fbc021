// archive/exchange/bag_source.cpp
#include "archive/exchange/bag_source.h"

#include "archive/base/error.h"
#include "archive/exchange/file_names.h"
#include "archive/exchange/safe_text.h"
#include "archive/exchange/zip_directory.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

namespace custode::exchange {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_bytes = 256 * 1024;
constexpr std::size_t files_max = 200'000;

[[noreturn]] void unreadable(const std::string& what) {
    throw Error(ErrorCode::storage, "bag.unreadable", "could not read " + what);
}

class FolderSource final : public BagSource {
public:
    explicit FolderSource(fs::path folder) : folder_(std::move(folder)) {
        for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
            if (entry.is_symlink() || !(entry.is_regular_file() || entry.is_directory())) {
                find("file.not_regular", shown(entry), "is a link or a special file");
            } else if (entry.is_regular_file()) {
                add(entry);
            }
        }
        std::sort(files_.begin(), files_.end(),
                  [](const BagFile& a, const BagFile& b) { return a.path < b.path; });
    }

    void visit(const Visitor& visitor) override {
        Bytes piece(piece_bytes);
        for (const BagFile& file : files_) {
            std::ifstream stream(folder_ / file.path, std::ios::binary);
            if (!stream) unreadable(file.path);
            visitor(file, [&]() -> BytesView {
                stream.read(reinterpret_cast<char*>(piece.data()),
                            static_cast<std::streamsize>(piece.size()));
                if (stream.bad()) unreadable(file.path);
                return BytesView(piece).first(static_cast<std::size_t>(stream.gcount()));
            });
        }
    }

private:
    std::string inside(const fs::path& path) const {
        return path.lexically_relative(folder_).generic_string();
    }
    std::string shown(const fs::path& path) const { return one_line(inside(path)); }

    void add(const fs::directory_entry& entry) {
        const std::string path = inside(entry.path());
        if (!is_safe_path(path)) return find("file.bad_name", shown(entry), "has an unsafe name");
        if (files_.size() >= files_max) {
            throw Error(ErrorCode::invalid_argument, "bag.too_large",
                        "could not check a folder of over " + std::to_string(files_max) + " files");
        }
        files_.push_back({path, entry.file_size()});
    }

    fs::path folder_;
};

struct FreeReader {
    void operator()(archive* handle) const noexcept { archive_read_free(handle); }
};

class ZipSource final : public BagSource {
public:
    explicit ZipSource(fs::path zip) : zip_(std::move(zip)) {
        auto directory = read_zip_directory(zip_);
        if (const auto* why = std::get_if<std::string>(&directory)) {
            find("zip.refused", "", "the zip is refused: " + *why);
            return;
        }
        for (const auto& entry : std::get<0>(directory)) add(entry);
        if (files_.empty()) find("zip.refused", "", "the zip holds no file");
        if (folders_.size() > 1) {
            find("zip.several_folders", "", "the zip holds more than one folder");
        }
        check_same_names(std::get<0>(directory));
    }

    void visit(const Visitor& visitor) override {
        if (files_.empty()) return;
        Bytes piece(piece_bytes);
        for_each_entry([&](archive* reader, const std::string& name) {
            const auto place = places_.find(name);
            if (place == places_.end()) return;
            const BagFile& file = files_[place->second];
            visitor(file, [&]() -> BytesView { return next_piece(reader, file, piece); });
        });
    }

private:
    void add(const ZipDirectoryEntry& entry) {
        if (entry.is_folder()) return;
        const std::size_t slash = entry.name.find('/');
        if (!entry.regular) {
            return find("file.not_regular", one_line(entry.name), "is a link or a special file");
        }
        if (!is_safe_path(entry.name) || slash == std::string::npos) {
            return find("file.bad_name", one_line(entry.name),
                        "has an unsafe name or lies outside the folder");
        }
        const std::string path = entry.name.substr(slash + 1);
        if (!places_.emplace(entry.name, files_.size()).second) {
            return find("file.twice", path, "is in the zip more than once");
        }
        folders_.insert(entry.name.substr(0, slash));
        files_.push_back({path, entry.bytes});
    }

    /// libarchive names entries by their local headers; a name that only one of the two has is a
    /// zip made to look different to different programs.
    void check_same_names(const std::vector<ZipDirectoryEntry>& directory) {
        std::multiset<std::string> ours, theirs;
        for (const auto& entry : directory) ours.insert(entry.name);
        for_each_entry([&](archive*, const std::string& name) { theirs.insert(name); });
        for (const std::string& name : ours) {
            if (theirs.count(name) == ours.count(name)) continue;
            find("zip.ambiguous", one_line(name), "is not what the entry calls itself");
        }
        if (ours.size() != theirs.size()) {
            find("zip.ambiguous", "", "the zip's directory and its entries disagree");
        }
    }

    void for_each_entry(const std::function<void(archive*, const std::string&)>& visit_entry) {
        const std::unique_ptr<archive, FreeReader> reader(archive_read_new());
        require(reader != nullptr, "libarchive gives a reader");
        // Only this format, and only from its central directory: nothing guesses.
        archive_read_support_format_zip_seekable(reader.get());
        archive_read_set_options(reader.get(), "zip:hdrcharset=UTF-8");
        if (archive_read_open_filename(reader.get(), zip_.c_str(), piece_bytes) != ARCHIVE_OK) {
            return find("zip.refused", "", "the zip cannot be opened");
        }
        for (;;) {
            archive_entry* entry = nullptr;
            const int code = archive_read_next_header(reader.get(), &entry);
            if (code == ARCHIVE_EOF) return;
            if (code == ARCHIVE_RETRY) continue;
            if (code == ARCHIVE_FATAL) return find("zip.refused", "", "the zip is damaged");
            const char* name = archive_entry_pathname_utf8(entry);
            if (!name) name = archive_entry_pathname(entry);
            visit_entry(reader.get(), name ? name : "");
        }
    }

    BytesView next_piece(archive* reader, const BagFile& file, Bytes& piece) {
        const la_ssize_t got = archive_read_data(reader, piece.data(), piece.size());
        if (got < 0) {
            find("file.damaged", file.path, "cannot be unpacked");
            return {};
        }
        return BytesView(piece).first(static_cast<std::size_t>(got));
    }

    fs::path zip_;
    std::map<std::string, std::size_t> places_;  // full name to index in files_
    std::set<std::string> folders_;
};

}  // namespace

std::unique_ptr<BagSource> open_bag(const fs::path& zip_or_folder) {
    std::error_code failed;
    const fs::file_status status = fs::status(zip_or_folder, failed);
    if (fs::is_directory(status)) return std::make_unique<FolderSource>(zip_or_folder);
    if (fs::is_regular_file(status)) return std::make_unique<ZipSource>(zip_or_folder);
    throw Error(ErrorCode::not_found, "bag.missing", "could not find the file or folder to check");
}

}  // namespace custode::exchange
