// archive/exchange/file_names.h
#pragma once

#include "archive/base/time.h"

#include <optional>
#include <string>
#include <string_view>

namespace custode::exchange {

/// What an original is called inside an export.  Only the pieces named here go in: never a
/// subject, never the name under which the file arrived, because those name the minor.
struct FileNamePieces {
    unsigned number = 0;  ///< Of the document in the index, from 1.
    std::optional<Day> dated;
    std::string authority;      ///< A code, "TM", "PM"; a long name gives its initials.
    std::string type;           ///< "decreto"
    std::string original_name;  ///< Only its extension is taken, and only a known one.
};

/// "007_2026-03-12_TM_decreto.pdf"; without a date "007_senza-data_TM_decreto.pdf".  ASCII, at
/// most 60 characters before the extension; ".pdf.p7m" stays as it is, an unknown extension
/// becomes ".bin".
std::string export_file_name(const FileNamePieces& pieces);

/// Whether a name is of the form that export_file_name() writes.
bool is_export_file_name(std::string_view name);

/// "007": how a document's number is written in file names.
std::string number_text(unsigned number);

/// The one folder that everything in an export lies in: "fascicolo_2026-0012_2026-11-23".
std::string export_folder_name(std::string_view dossier_code, const Day& created);

/// Whether an entry's path can be trusted to stay inside the folder it is unpacked into, on any
/// system: relative, no "..", ".", empty part, backslash, colon or control character, ≤ 1,024
/// bytes.
bool is_safe_path(std::string_view path);

}  // namespace custode::exchange
