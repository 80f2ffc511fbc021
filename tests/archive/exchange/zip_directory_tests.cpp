// tests/archive/exchange/zip_directory_tests.cpp
#include "archive/exchange/zip_directory.h"

#include "archive/exchange/zip_writer.h"
#include "tests/archive/exchange/temporary_folder.h"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace custode;
using namespace custode::exchange;
using namespace custode::exchange::testing;

namespace {

struct WrittenZip {
    WrittenZip() {
        ZipWriter writer([this](BytesView more) { bytes += text(more); },
                         Millis{1'700'000'000'000});
        for (const char* name : {"f/a", "f/b"}) {
            writer.begin(name, 5);
            writer.write(view("hello"));
            writer.end();
        }
        writer.close();
    }
    std::variant<std::vector<ZipDirectoryEntry>, std::string> read(const std::string& zip) const {
        write_file(folder.path() / "x.zip", zip);
        return read_zip_directory(folder.path() / "x.zip");
    }
    std::string refusal(const std::string& zip) const {
        const auto result = read(zip);
        return result.index() == 1 ? std::get<1>(result) : "";
    }
    std::size_t directory() const { return bytes.find("PK\x01\x02"); }
    std::string with(std::size_t at, char value) const {
        std::string other = bytes;
        other[at] = value;
        return other;
    }
    TemporaryFolder folder;
    std::string bytes;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(zip_directory_tests)

BOOST_FIXTURE_TEST_CASE(what_we_write_is_read, WrittenZip) {
    const auto entries = std::get<0>(read(bytes));
    BOOST_TEST(entries.size() == 2U);
    BOOST_TEST(entries[0].name == "f/a");
    BOOST_TEST(entries[1].bytes == 5U);
    BOOST_TEST(entries[1].regular);
}

BOOST_FIXTURE_TEST_CASE(every_cut_is_refused, WrittenZip) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        BOOST_TEST(!refusal(bytes.substr(0, size)).empty(), size);
    }
}

BOOST_FIXTURE_TEST_CASE(what_surrounds_a_zip_is_refused, WrittenZip) {
    BOOST_TEST(!refusal(bytes + "x").empty());
    BOOST_TEST(!refusal("x" + bytes).empty());
}

BOOST_FIXTURE_TEST_CASE(encryption_links_and_overlaps_are_seen, WrittenZip) {
    BOOST_TEST(refusal(with(directory() + 8, 1)) == "it has encrypted entries");
    BOOST_TEST(refusal(with(directory() + 10, 12)) == "it uses an unusual compression");
    const auto linked = std::get<0>(read(with(directory() + 41, '\xA1')));
    BOOST_TEST(!linked[0].regular);
    const std::size_t second = bytes.find("PK\x01\x02", directory() + 1);
    BOOST_TEST(refusal(with(second + 42, 0)) == "its entries overlap");
}

BOOST_AUTO_TEST_SUITE_END()
