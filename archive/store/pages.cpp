#include "archive/store/pages.h"

#include "archive/store/failure.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>

namespace custode::store {
namespace {

constexpr std::uint32_t magic = 0xBEEFC0DE;
constexpr std::uint32_t data_version = 1;
constexpr std::uint32_t page_bytes_min = 256, page_bytes_max = 65'536;
constexpr std::uint16_t integer_keys = 0x08;
/// A commit may have given out pages at the end and freed them again before they were written; it
/// is not larger than a task (design §3), so no more of them than this.
constexpr std::uint64_t unwritten_bytes_max = std::uint64_t{64} << 20U;

[[noreturn]] void damaged(const std::string& what) {
    throw Error(ErrorCode::corrupt, "store.damaged", "could not use the catalogue: " + what);
}

std::size_t even(std::size_t size) { return size + (size & 1U); }

}  // namespace

Pages::Pages(const std::filesystem::path& file) : file_(open_file(file, O_RDONLY)) {
    if (!file_) throw failure(errno, "store", "open the catalogue");
    Bytes first(page::head_bytes + 28);
    if (read_at(file_, 0, first) != static_cast<std::int64_t>(first.size()))
        damaged("it is not a whole file");
    const auto page_bytes = page::at<std::uint32_t>(first, 40);  // the free tree's record begins
    if (!std::has_single_bit(page_bytes) || page_bytes < page_bytes_min ||
        page_bytes > page_bytes_max)
        damaged("its meta page 0 states no size of a page");
    const page::Meta metas[] = {meta(0, page_bytes), meta(1, page_bytes)};
    newest_ = metas[metas[1].commit > metas[0].commit];
    const page::Meta& former = metas[1 - newest_.page];
    // Commits alternate between the two pages, one number after the other.
    if (newest_.commit > 1 &&
        (newest_.commit % 2 != newest_.page || former.commit + 1 != newest_.commit))
        damaged("the numbers of its last two commits do not follow each other");
    struct stat about {};
    if (::fstat(file_.fd(), &about) != 0) throw failure(errno, "store", "look at the catalogue");
    const auto pages_max =
        (static_cast<std::uint64_t>(about.st_size) + unwritten_bytes_max) / page_bytes;
    if (newest_.last < former.last || newest_.last >= pages_max)
        damaged("it does not have as many pages as its last commit says");
    // A flip of the second bit makes the former commit look like the newest and passes the test
    // above.  But every commit leaves a record of the pages that it freed under its own number.
    if (newest_.commit > 2 && newest_free_record(newest_.free) != newest_.commit)
        damaged("its last commit is not the one that its free list knows");
}

page::Meta Pages::meta(std::uint64_t number, std::uint32_t page_bytes) const {
    Bytes bytes(page_bytes);
    const std::string where = "its meta page " + std::to_string(number);
    if (read_at(file_, number * page_bytes, bytes) != static_cast<std::int64_t>(bytes.size()))
        damaged("it is not a whole file");
    page::Meta meta;
    meta.page = number;
    meta.page_bytes = page::at<std::uint32_t>(bytes, 40);
    meta.free = page::Tree::of(BytesView(bytes).subspan(40, page::record_bytes));
    meta.main = page::Tree::of(BytesView(bytes).subspan(88, page::record_bytes));
    meta.last = page::at<std::uint64_t>(bytes, 136);
    meta.commit = page::at<std::uint64_t>(bytes, 144);
    if (page::number(bytes) != number || page::flags(bytes) != page::meta ||
        page::at<std::uint32_t>(bytes, 16) != magic ||
        page::at<std::uint32_t>(bytes, 20) != data_version || meta.page_bytes != page_bytes ||
        (meta.free.flags & integer_keys) == 0)
        damaged(where + " is not one");
    return meta;
}

std::uint64_t Pages::newest_free_record(const page::Tree& free) const {
    std::uint64_t number = free.root;
    for (unsigned depth = 0; depth < page::depth_max && number != page::none; ++depth) {
        const Bytes bytes = read(number);
        if (const auto why = fault(bytes, number))
            damaged("page " + std::to_string(number) + " (free list): " + *why);
        const std::size_t nodes = count(bytes);
        if (nodes == 0) return 0;
        const page::Node last = node(bytes, nodes - 1);
        if (page::flags(bytes) == page::leaf)
            return last.key.size() == 8 ? page::at<std::uint64_t>(last.key, 0) : 0;
        number = last.child;
    }
    return 0;
}

Bytes Pages::read(std::uint64_t number, std::uint64_t count) const {
    const std::uint64_t size = page_bytes();
    if (number > newest_.last || count > newest_.last - number + 1)
        damaged("page " + std::to_string(number) + " lies past its end");
    Bytes bytes(count * size);
    if (read_at(file_, number * size, bytes) != static_cast<std::int64_t>(bytes.size()))
        damaged("page " + std::to_string(number) + " lies past the end of the file");
    return bytes;
}

/// Nodes fill a page from its end without gaps, in whatever order; pointers fill it from its head.
std::optional<std::string> Pages::fault(BytesView bytes, std::uint64_t number) const {
    const auto flags = page::flags(bytes);
    const std::size_t lower = page::lower(bytes), upper = page::upper(bytes);
    if (page::number(bytes) != number) return "it says that it is another page";
    if (flags != page::branch && flags != page::leaf) return "it is of no kind that a tree has";
    if (lower < page::head_bytes || lower > upper || upper > bytes.size() || lower % 2 != 0)
        return "its bounds are impossible";
    std::vector<std::pair<std::size_t, std::size_t>> extents;
    for (std::size_t i = 0; i < count(bytes); ++i) {
        const std::size_t begin = page::at<std::uint16_t>(bytes, page::head_bytes + 2 * i);
        if (begin < upper || begin + page::node_bytes > bytes.size())
            return "a pointer leads out of it";
        std::size_t size = page::node_bytes + page::at<std::uint16_t>(bytes, begin + 6);
        if (flags == page::leaf) {
            const auto kind = page::at<std::uint16_t>(bytes, begin + 4);
            if (kind != 0 && kind != page::big_value && kind != page::tree)
                return "a row in it is of no known kind";
            size += kind == page::big_value ? sizeof(std::uint64_t)
                                            : page::at<std::uint32_t>(bytes, begin);
        }
        if (begin + size > bytes.size()) return "a row in it reaches past its end";
        extents.emplace_back(begin, begin + even(size));
    }
    std::sort(extents.begin(), extents.end());
    std::size_t end = upper;
    for (const auto& [begin, after] : extents) {
        if (begin != end) return "its rows overlap or leave a gap";
        end = after;
    }
    if (end != bytes.size()) return "its rows do not fill it to its end";
    return std::nullopt;
}

page::Node Pages::node(BytesView bytes, std::size_t index) const {
    const std::size_t begin = page::at<std::uint16_t>(bytes, page::head_bytes + 2 * index);
    const std::size_t key_bytes = page::at<std::uint16_t>(bytes, begin + 6);
    page::Node node;
    node.key = bytes.subspan(begin + page::node_bytes, key_bytes);
    const std::size_t rest = begin + page::node_bytes + key_bytes;
    if (page::flags(bytes) == page::branch) {
        node.child = page::at<std::uint32_t>(bytes, begin) |
                     std::uint64_t{page::at<std::uint16_t>(bytes, begin + 4)} << 32U;
        return node;
    }
    node.flags = page::at<std::uint16_t>(bytes, begin + 4);
    node.value_bytes = page::at<std::uint32_t>(bytes, begin);
    if (node.flags == page::big_value)
        node.child = page::at<std::uint64_t>(bytes, rest);
    else
        node.value = bytes.subspan(rest, node.value_bytes);
    return node;
}

Bytes Pages::value(const page::Node& node) const {
    if (node.flags != page::big_value) return copy(node.value);
    const std::uint64_t pages = (page::head_bytes + node.value_bytes - 1) / page_bytes() + 1;
    const Bytes bytes = read(node.child, pages);
    return copy(BytesView(bytes).subspan(page::head_bytes, node.value_bytes));
}

}  // namespace custode::store
