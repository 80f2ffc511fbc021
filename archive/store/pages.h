// archive/store/pages.h
#pragma once

#include "archive/base/error.h"
#include "archive/store/file.h"

#include <cstring>
#include <optional>
#include <string>

namespace custode::store {

/// The file of LMDB 0.9.24 as bytes, for page_check.cpp: 64 bits, little-endian, like the machine.
///
/// | meta page | | any other page | | a node | | a tree's record | |
/// |---|---|---|---|---|---|---|---|
/// | 0 | number u64 | 0 | number u64 | 0 | size (leaf) or child, low 16 | 0 | pad u32 (page size) |
/// | 10 | flags u16 | 10 | flags u16 | 2 | the next 16 | 4 | flags u16 |
/// | 16 | magic u32 | 12 | lower u16, or | 4 | flags (leaf), child's high 16 | 6 | depth u16 |
/// | 20 | version u32 | 12 | overflow pages u32 | 6 | key size u16 | 8 | branch, leaf, |
/// | 40, 88 | free tree, main tree | 14 | upper u16 | 8 | key, then value | | overflow pages, |
/// | 136 | last page u64 | 16 | pointers u16 each | | or overflow page u64 | 32 | rows, each u64 |
/// | 144 | commit u64 | | | | | 40 | root u64 |
namespace page {

inline constexpr std::size_t head_bytes = 16;
inline constexpr std::size_t node_bytes = 8;
inline constexpr std::size_t record_bytes = 48;
inline constexpr std::uint64_t none = ~std::uint64_t{0};
inline constexpr unsigned depth_max = 32;

enum Flag : std::uint16_t { branch = 1, leaf = 2, overflow = 4, meta = 8 };
enum NodeFlag : std::uint16_t { big_value = 1, tree = 2 };

template <class Number>
Number at(BytesView bytes, std::size_t offset) {
    Number number{};
    require(offset + sizeof number <= bytes.size(), "a field lies in its page");
    std::memcpy(&number, bytes.data() + offset, sizeof number);
    return number;
}

inline std::uint64_t number(BytesView page) { return at<std::uint64_t>(page, 0); }
inline std::uint16_t flags(BytesView page) { return at<std::uint16_t>(page, 10); }
inline std::uint16_t lower(BytesView page) { return at<std::uint16_t>(page, 12); }
inline std::uint16_t upper(BytesView page) { return at<std::uint16_t>(page, 14); }

/// A tree, as its parent or a meta page records it.
struct Tree {
    std::uint16_t flags = 0, depth = 0;
    std::uint64_t branches = 0, leaves = 0, overflows = 0, rows = 0, root = none;

    static Tree of(BytesView record) {
        return {at<std::uint16_t>(record, 4),  at<std::uint16_t>(record, 6),
                at<std::uint64_t>(record, 8),  at<std::uint64_t>(record, 16),
                at<std::uint64_t>(record, 24), at<std::uint64_t>(record, 32),
                at<std::uint64_t>(record, 40)};
    }
};

struct Meta {
    std::uint64_t page = 0;  ///< 0 or 1
    std::uint32_t page_bytes = 0;
    Tree free, main;
    std::uint64_t last = 0, commit = 0;
};

/// One node of a page whose shape was found right.
struct Node {
    std::uint16_t flags = 0;
    std::uint64_t child = 0;  ///< Of a branch, or where a big value lies.
    std::uint32_t value_bytes = 0;
    BytesView key, value;  ///< The value is empty when it is big.
};

}  // namespace page

/// Reads pages by number.
///
/// Errors    Error(corrupt, "store.damaged") when the file has no two meta pages that fit together,
///           or ends before a page; Error(storage, …) of the system.
class Pages {
public:
    explicit Pages(const std::filesystem::path& file);

    const page::Meta& newest() const { return newest_; }
    std::size_t page_bytes() const { return newest_.page_bytes; }
    Bytes read(std::uint64_t number, std::uint64_t count = 1) const;
    /// What is wrong with a branch or leaf page as such, or nothing.
    std::optional<std::string> fault(BytesView page, std::uint64_t number) const;
    std::size_t count(BytesView page) const { return (page::lower(page) - page::head_bytes) / 2; }
    page::Node node(BytesView page, std::size_t index) const;
    Bytes value(const page::Node& node) const;  ///< Wherever it lies.

private:
    page::Meta meta(std::uint64_t number, std::uint32_t page_bytes) const;
    std::uint64_t newest_free_record(const page::Tree& free) const;

    File file_;
    page::Meta newest_;
};

}  // namespace custode::store
