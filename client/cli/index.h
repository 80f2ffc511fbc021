// client/cli/index.h
#pragma once

#include "client/cli/elenco.h"
#include "client/cli/filing.h"

#include <string>
#include <vector>

namespace custode::client {

/// How a list of files (elenco.csv) is to be used.
struct IndexWishes {
    std::string file;
    bool open_missing = false;  ///< Opens dossiers that the list names by person and nobody has.
    std::string unit;           ///< Where they are opened.
};

/// The items of the files that the list names, in its order, relative to its folder.
std::vector<FilingItem> files_of_index(const IndexWishes& wishes);

/// Puts into each item what the list says of its file: metadata and dossier.
///
/// A dossier named by surname, name and birth is searched for; exactly one must fit.  None: opened
/// when `open_missing`, else the item's problem.  Several: the item's problem, never a guess.
/// Files of the batch that the list does not name are left as they are; the list itself is taken
/// out of the batch.  With `is_dry` the server is not asked.
void apply_index(std::vector<FilingItem>& items, const IndexWishes& wishes, Console& console,
                 bool is_dry);

/// Which of the found dossiers is the person of the row: by designation without regard to case,
/// and by birth when both say one.
std::vector<std::string> fitting(const Json& found, const ElencoRow& row);

}  // namespace custode::client
