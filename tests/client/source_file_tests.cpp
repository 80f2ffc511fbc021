#include "client/cli/source_file.h"

#include "archive/base/encoding.h"
#include "client/cli/problem.h"
#include "client/cli/state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

namespace custode::client {
namespace {

namespace fs = std::filesystem;

struct TemporaryFolder {
    TemporaryFolder() {
        std::string pattern = (fs::temp_directory_path() / "custode-client-XXXXXX").string();
        BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        folder = pattern;
    }
    ~TemporaryFolder() { fs::remove_all(folder); }

    std::string write(const std::string& name, const std::string& content) const {
        const fs::path path = folder / name;
        std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
        return path.string();
    }

    fs::path folder;
};

std::string drained(SourceFile& source) {
    std::string all;
    source.rewind();
    for (BytesView piece = source.next(); !piece.empty(); piece = source.next()) all += text(piece);
    return all;
}

auto has_code(const std::string& code) {
    return [code](const Problem& problem) { return problem.code() == code; };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(source_file_tests)

// FIPS 180-2, example B.1.
BOOST_AUTO_TEST_CASE(sha256_gives_the_published_answer) {
    BOOST_TEST(to_hex(sha256_of(view("abc"))) ==
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_FIXTURE_TEST_CASE(both_passes_see_the_same_bytes, TemporaryFolder) {
    for (const std::size_t size : {1ul, 262'143ul, 262'144ul, 262'145ul, 1'000'000ul}) {
        const std::string content(size, 'x');
        SourceFile source(write("a", content));
        BOOST_TEST(source.size() == size);
        BOOST_TEST(to_hex(source.hash()) == to_hex(sha256_of(view(content))));
        BOOST_TEST(drained(source) == content);
        BOOST_TEST(drained(source) == content);  // a retry reads it again
    }
}

BOOST_FIXTURE_TEST_CASE(a_file_that_grows_between_the_passes_is_refused, TemporaryFolder) {
    const std::string path = write("a", "prima");
    SourceFile source(path);
    source.hash();
    std::ofstream(path, std::ios::app) << "dopo";
    BOOST_CHECK_EXCEPTION(drained(source), Problem, has_code("file.changed"));
}

BOOST_FIXTURE_TEST_CASE(a_file_that_shrinks_between_the_passes_is_refused, TemporaryFolder) {
    const std::string path = write("a", "prima");
    SourceFile source(path);
    source.hash();
    fs::resize_file(path, 2);
    BOOST_CHECK_EXCEPTION(drained(source), Problem, has_code("file.changed"));
}

// The same size and the old time of change: only the digest tells.
BOOST_FIXTURE_TEST_CASE(a_file_overwritten_in_place_is_refused_by_its_digest, TemporaryFolder) {
    const std::string path = write("a", "prima");
    struct stat before {};
    BOOST_REQUIRE(::stat(path.c_str(), &before) == 0);
    SourceFile source(path);
    source.hash();
    std::fstream(path, std::ios::in | std::ios::out) << "PRIMA";
    const timespec times[2] = {before.st_atim, before.st_mtim};
    BOOST_REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
    BOOST_CHECK_EXCEPTION(drained(source), Problem, has_code("file.changed"));
}

BOOST_FIXTURE_TEST_CASE(what_is_no_file_with_content_is_refused, TemporaryFolder) {
    BOOST_CHECK_EXCEPTION(SourceFile(write("vuoto", "")), Problem, has_code("file.empty"));
    BOOST_CHECK_EXCEPTION(SourceFile(folder.string()), Problem, has_code("file.not_regular"));
    BOOST_CHECK_EXCEPTION(SourceFile((folder / "manca").string()), Problem,
                          has_code("file.missing"));
    const std::string fifo = (folder / "fifo").string();
    BOOST_REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    BOOST_CHECK_EXCEPTION(SourceFile{fifo}, Problem, has_code("file.not_regular"));
}

BOOST_AUTO_TEST_CASE(names_are_judged_before_anything_is_sent) {
    BOOST_TEST(file_name_fault("decreto n. 1.pdf").empty());
    BOOST_TEST(file_name_fault("a\nb") == "name.control");
    BOOST_TEST(file_name_fault("a\u202Eb") == "name.control");
    BOOST_TEST(file_name_fault("caff\xE8.pdf") == "name.not_utf8");
    BOOST_TEST(file_name_fault("") == "name.empty");
    BOOST_TEST(file_name_fault("..") == "name.empty");
    BOOST_TEST(file_name_fault("a/b") == "name.empty");
    std::string accents;
    for (int i = 0; i < 255; ++i) accents += "à";
    BOOST_TEST(file_name_fault(accents).empty());
    BOOST_TEST(file_name_fault(accents + "x") == "name.too_long");
}

BOOST_AUTO_TEST_CASE(the_key_of_a_request_depends_on_all_that_it_is) {
    const std::string dossier = "0b1c5a7e-3f52-4c6e-9f0a-2d8a4c1b7e90";
    const std::string sha256(64, 'a');
    const std::string key = idempotency_key(dossier, "scans/a.pdf", sha256, "");
    BOOST_TEST(key.size() == 48u);
    BOOST_TEST(key == to_hex(sha256_of(view(dossier + "scans/a.pdf" + sha256))).substr(0, 48));
    BOOST_TEST(key == idempotency_key(dossier, "scans/a.pdf", sha256, ""));
    BOOST_TEST(key != idempotency_key(dossier, "scans/b.pdf", sha256, ""));
    BOOST_TEST(key != idempotency_key(dossier, "scans/a.pdf", std::string(64, 'b'), ""));
    BOOST_TEST(key != idempotency_key(dossier, "scans/a.pdf", sha256, "arrivato due volte"));
}

BOOST_FIXTURE_TEST_CASE(an_interrupted_filing_is_remembered_until_answered, TemporaryFolder) {
    const std::string unfinished = (folder / "unfinished").string();
    { BOOST_TEST(!UnfinishedMark(unfinished, "k").was_there()); }  // the process dies here
    UnfinishedMark second(unfinished, "k");
    BOOST_TEST(second.was_there());
    second.remove();
    BOOST_TEST(!UnfinishedMark(unfinished, "k").was_there());
}

BOOST_FIXTURE_TEST_CASE(a_session_is_private_and_comes_back_whole, TemporaryFolder) {
    const std::string path = (folder / "stato" / "session.json").string();
    BOOST_TEST(!load_session(path).has_value());
    save_session(path, {"https://127.0.0.1:8443", "/ca.pem", "token", "maria", "2026", "key"});
    BOOST_TEST(load_session(path)->token == "token");
    BOOST_TEST(load_session(path)->ca == "/ca.pem");
    struct stat about {};
    BOOST_REQUIRE(::stat(path.c_str(), &about) == 0);
    BOOST_TEST((about.st_mode & 0777) == 0600u);
    fs::permissions(path, fs::perms::others_read, fs::perm_options::add);
    BOOST_CHECK_EXCEPTION(load_session(path), Problem, has_code("session.readable_by_others"));
    fs::permissions(path, fs::perms::others_read, fs::perm_options::remove);
    std::ofstream(path) << "{}";
    BOOST_CHECK_EXCEPTION(load_session(path), Problem, has_code("session.damaged"));
    forget_session(path);
    BOOST_TEST(!load_session(path).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace custode::client
