// archive/store/page_check.h
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace custode::store {

/// Whether the pages of a catalogue hang together, read without LMDB and without a key.
///
/// LMDB believes whatever lies in its file.  What the rows say is sealed; where they lie is not: a
/// flipped bit in a page's number makes the next commit give a living page away, one in the number
/// of the last commit puts the whole catalogue back by one, and one in a pointer sends a reader
/// into somebody else's memory.  None of it can be met by opening rows, so it is looked for here:
/// every page belongs to exactly one tree or to the free list, and is what its place says.
///
/// Not looked at, because nothing ever reads it: the room between a page's pointers and its nodes,
/// the byte that makes a node's size even, the ends of overflow pages, pages on the free list, the
/// former of the two meta pages apart from its head, and fields that LMDB keeps and does not use.
///
/// Errors    Error(storage, …) when the file cannot be read; what is wrong with it is a finding,
///           with the page and the table.  None is larger than `findings_max`.
/// Threads   Any; the file must not change meanwhile.
/// Source    LMDB 0.9.24, mdb.c: MDB_page, MDB_node, MDB_meta, MDB_db, mdb_freelist_save().
inline constexpr std::size_t page_findings_max = 100;
std::vector<std::string> check_pages(const std::filesystem::path& file);

/// The same for the two meta pages alone, a few reads however large the file: which commit was the
/// last is decided there, by a number that a single bit can turn into another.
/// @throws Error(corrupt, "store.damaged")
void check_metas(const std::filesystem::path& file);

}  // namespace custode::store
