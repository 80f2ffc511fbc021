#include "archive/store/page_check.h"

#include "archive/base/guard.h"
#include "archive/store/pages.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace custode::store {
namespace {

constexpr std::uint64_t first_page = 2;  // after the two meta pages

/// Walks the trees of one commit; each page is met at most once, so that a ring ends too.
class PageWalk {
public:
    explicit PageWalk(const std::filesystem::path& file)
        : pages_(file), met_(pages_.newest().last + 1) {}

    std::vector<std::string> run() {
        walk("free list", pages_.newest().free, true,
             [this](const page::Node& node) { free_record(node); });
        walk("list of tables", pages_.newest().main, false,
             [this](const page::Node& node) { table(node); });
        std::uint64_t nobodys = 0, first = 0;
        for (std::uint64_t page = first_page; page < met_.size(); ++page)
            if (!met_[page] && ++nobodys == 1) first = page;
        if (nobodys != 0 && findings_.empty())
            find(first, "nothing", std::to_string(nobodys) + " pages from here on are nobody's");
        return std::move(findings_);
    }

private:
    using Visit = std::function<void(const page::Node&)>;
    struct Walked {
        const std::string& name;
        bool numbers;  ///< Keys are numbers of this machine, not strings of bytes.
        const Visit& visit;
        page::Tree found;
        Bytes last_key;
        bool any = false;
        bool sound = true;
    };

    void find(std::uint64_t page, const std::string& tree, const std::string& what) {
        if (findings_.size() < page_findings_max)
            findings_.push_back("catalogue.mdb page " + std::to_string(page) + " (" + tree +
                                "): " + what);
    }

    bool meet(std::uint64_t page, const std::string& tree) {
        if (page < first_page || page >= met_.size()) {
            find(page, tree, "it is no page of the file");
            return false;
        }
        if (met_[page]) {
            find(page, tree, "it belongs to two");
            return false;
        }
        return met_[page] = true;
    }

    static bool before(const Walked& walked, BytesView a, BytesView b) {
        if (walked.numbers && a.size() == 8 && b.size() == 8)
            return page::at<std::uint64_t>(a, 0) < page::at<std::uint64_t>(b, 0);
        return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
    }

    void walk(const std::string& name, const page::Tree& tree, bool numbers, const Visit& visit) {
        Walked walked{name, numbers, visit, {}, {}, false, true};
        if (tree.root != page::none) {
            if (tree.depth == 0 || tree.depth > page::depth_max)
                return find(tree.root, name, "its tree has an impossible depth");
            descend(walked, tree.root, tree.depth, {});
        }
        const page::Tree& found = walked.found;
        if (walked.sound && (found.branches != tree.branches || found.leaves != tree.leaves ||
                             found.overflows != tree.overflows || found.rows != tree.rows ||
                             (tree.root == page::none) != (tree.depth == 0)))
            find(tree.root == page::none ? 0 : tree.root, name,
                 "its tree is not as large as is recorded");
    }

    /// `least`: the key under which the parent keeps this page.
    void descend(Walked& walked, std::uint64_t number, unsigned levels, BytesView least) {
        if (!meet(number, walked.name)) return void(walked.sound = false);
        const Bytes bytes = pages_.read(number);
        auto why = pages_.fault(bytes, number);
        const bool is_leaf = page::flags(bytes) == page::leaf;
        if (!why && is_leaf != (levels == 1)) why = "it lies at another depth than it says";
        if (!why && !is_leaf && pages_.count(bytes) < 2) why = "it leads to one page only";
        if (why) {
            find(number, walked.name, *why);
            return void(walked.sound = false);
        }
        ++(is_leaf ? walked.found.leaves : walked.found.branches);
        for (std::size_t i = 0; i < pages_.count(bytes); ++i) {
            const page::Node node = pages_.node(bytes, i);
            if (!is_leaf) {
                // The first key of a branch is never read: it stands for everything smaller.
                const BytesView key = i == 0 ? least : node.key;
                if (i != 0 && walked.any && !before(walked, walked.last_key, key))
                    find(number, walked.name, "its keys are not in order");
                descend(walked, node.child, levels - 1, key);
            } else {
                row(walked, number, node, i == 0 ? least : BytesView());
            }
        }
    }

    void row(Walked& walked, std::uint64_t number, const page::Node& node, BytesView least) {
        ++walked.found.rows;
        if ((walked.any && !before(walked, walked.last_key, node.key)) ||
            (!least.empty() && before(walked, node.key, least)))
            find(number, walked.name, "its keys are not in order");
        walked.last_key = copy(node.key);
        walked.any = true;
        if (node.flags == page::big_value) big_value(walked, node);
        if (walked.sound) walked.visit(node);
    }

    void big_value(Walked& walked, const page::Node& node) {
        const std::uint64_t needed =
            (page::head_bytes + node.value_bytes - 1) / pages_.page_bytes() + 1;
        if (!meet(node.child, walked.name)) return void(walked.sound = false);
        const Bytes bytes = pages_.read(node.child);
        // A value that shrank keeps the pages that it had.
        const auto held = page::at<std::uint32_t>(bytes, 12);
        if (page::number(bytes) != node.child || page::flags(bytes) != page::overflow ||
            held < needed || held > met_.size() - node.child) {
            find(node.child, walked.name, "it is not the value that a row says");
            return void(walked.sound = false);
        }
        walked.found.overflows += held;
        for (std::uint64_t page = node.child + 1; page < node.child + held; ++page)
            if (!meet(page, walked.name)) walked.sound = false;
    }

    /// A commit's number → how many pages it freed, then their numbers from the largest down.
    void free_record(const page::Node& node) {
        const Bytes value = pages_.value(node);
        const std::string name = "free list";
        const std::uint64_t count = value.size() < 8 ? 0 : page::at<std::uint64_t>(value, 0);
        if (node.key.size() != 8 || value.size() % 8 != 0 || count + 1 > value.size() / 8)
            return find(0, name, "one of its records is none");
        std::uint64_t above = page::none;
        for (std::uint64_t i = 1; i <= count; ++i) {
            const auto page = page::at<std::uint64_t>(value, 8 * i);
            if (page >= above) return find(page, name, "it is not in order");
            if (!meet(page, name)) return;
            above = page;
        }
    }

    void table(const page::Node& node) {
        const std::string name = "table " + std::string(text(node.key));
        if (node.flags != page::tree || node.value_bytes != page::record_bytes)
            return find(0, name, "its record is none");
        const page::Tree tree = page::Tree::of(node.value);
        if (tree.flags != 0) return find(tree.root, name, "it is of another kind than ours are");
        walk(name, tree, false, [](const page::Node&) {});
    }

    Pages pages_;
    std::vector<bool> met_;
    std::vector<std::string> findings_;
};

}  // namespace

std::vector<std::string> check_pages(const std::filesystem::path& file) try {
    if (!stands(Guard::page_check)) return {};
    return PageWalk(file).run();
} catch (const Error& error) {
    if (error.code() != ErrorCode::corrupt) throw;
    return {std::string("catalogue.mdb: ") + error.what()};
}

void check_metas(const std::filesystem::path& file) {
    if (stands(Guard::page_check)) Pages{file};
}

}  // namespace custode::store
