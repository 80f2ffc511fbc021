#include "client/cli/elenco.h"

#include "client/cli/index.h"

#include <boost/test/unit_test.hpp>

namespace custode::client {
namespace {

std::string refusal(std::string_view text) {
    try {
        parse_elenco(text);
    } catch (const Problem& problem) {
        return problem.code() + " " + problem.message(Lang::en);
    }
    return "accepted";
}

bool is_refused(std::string_view text, const std::string& code, const std::string& line) {
    const std::string got = refusal(text);
    BOOST_TEST_INFO(got);
    return got.rfind(code + " ", 0) == 0 && got.find("line " + line + ":") != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(elenco_tests)

BOOST_AUTO_TEST_CASE(a_full_list_is_read) {
    const auto rows = parse_elenco(
        "file,fascicolo,cognome,nome,nascita,tipo,autorita,procedimento,data,mittente,oggetto\n"
        "a/decreto.pdf,,Esempi,Anna,2015-04-02,decreto,TM,R.G.V.G. 567/2025|568/2025,12/03/2026,"
        "Tribunale,\"Affido, \"\"urgente\"\"\"\n");
    BOOST_REQUIRE(rows.size() == 1u);
    BOOST_TEST(rows[0].file == "a/decreto.pdf");
    BOOST_TEST(rows[0].surname == "Esempi");
    BOOST_TEST(rows[0].birth == "2015-04-02");
    BOOST_TEST(rows[0].date == "2026-03-12");
    BOOST_TEST(rows[0].proceeding == "R.G.V.G. 567/2025|568/2025");
    BOOST_TEST(rows[0].subject == "Affido, \"urgente\"");
    BOOST_TEST(rows[0].line == 2u);
}

BOOST_AUTO_TEST_CASE(what_italian_spreadsheets_write_is_read) {
    const auto rows = parse_elenco(
        "\xEF\xBB\xBF"
        "FILE;Oggetto;Autorità;nascita\r\n"
        "uno.pdf;\"riga prima\r\nriga seconda\";TM;2012\r\n"
        "\r\n"
        " due.pdf ;b, con virgola;;\r\n");
    BOOST_REQUIRE(rows.size() == 2u);
    BOOST_TEST(rows[0].subject == "riga prima\r\nriga seconda");
    BOOST_TEST(rows[0].birth == "2012");
    BOOST_TEST(rows[1].file == "due.pdf");
    BOOST_TEST(rows[1].subject == "b, con virgola");
    BOOST_TEST(rows[1].line == 5u);  // the quoted line end and the blank line are counted
}

BOOST_AUTO_TEST_CASE(a_last_line_without_its_end_counts) {
    BOOST_TEST(parse_elenco("file\nx.pdf").size() == 1u);
    BOOST_TEST(parse_elenco("file\n").empty());
}

BOOST_AUTO_TEST_CASE(what_is_not_a_list_is_refused_with_its_line) {
    BOOST_TEST(is_refused("", "elenco.no_file", "1"));
    BOOST_TEST(is_refused("file,colore\n", "elenco.column", "1"));
    BOOST_TEST(is_refused("file,file\n", "elenco.column", "1"));
    BOOST_TEST(is_refused("file,autorita,autorità\n", "elenco.column", "1"));
    BOOST_TEST(is_refused("oggetto\nx\n", "elenco.no_file", "1"));
    BOOST_TEST(is_refused("file,oggetto\na.pdf,x,y\n", "elenco.cells", "2"));
    BOOST_TEST(is_refused("file,oggetto\na.pdf\n", "elenco.cells", "2"));
    BOOST_TEST(is_refused("file,oggetto\n,x\n", "elenco.no_file", "2"));
    BOOST_TEST(is_refused("file\na.pdf\na.pdf\n", "elenco.twice", "3"));
}

BOOST_AUTO_TEST_CASE(quotes_must_be_closed_and_in_place) {
    BOOST_TEST(is_refused("file,oggetto\na.pdf,\"aperto\nb.pdf,x\n", "elenco.quote", "2"));
    BOOST_TEST(is_refused("file,oggetto\na.pdf,x\"y\n", "elenco.quote", "2"));
    BOOST_TEST(is_refused("file,oggetto\na.pdf,\"x\"y\n", "elenco.quote", "2"));
    BOOST_TEST(refusal("file,oggetto\na.pdf,\"\"\n") == "accepted");
}

BOOST_AUTO_TEST_CASE(dates_that_do_not_exist_are_refused) {
    BOOST_TEST(is_refused("file,data\na,31/02/2026\n", "elenco.date", "2"));
    BOOST_TEST(is_refused("file,data\na,2026-13-01\n", "elenco.date", "2"));
    BOOST_TEST(is_refused("file,data\na,marzo\n", "elenco.date", "2"));
    BOOST_TEST(parse_elenco("file,data\na,28/02/2026\n")[0].date == "2026-02-28");
}

BOOST_AUTO_TEST_CASE(a_list_cannot_reach_outside_its_folder) {
    BOOST_TEST(is_refused("file\n../segreto\n", "elenco.outside", "2"));
    BOOST_TEST(is_refused("file\na/../../b\n", "elenco.outside", "2"));
    BOOST_TEST(is_refused("file\n/etc/passwd\n", "elenco.outside", "2"));
    BOOST_TEST(is_refused("file\n..\n", "elenco.outside", "2"));
    BOOST_TEST(refusal("file\na/..b.pdf\n") == "accepted");
}

BOOST_AUTO_TEST_CASE(bytes_and_cells_have_limits) {
    BOOST_TEST(refusal("file\n\xFF\n").rfind("elenco.not_utf8", 0) == 0u);
    const std::string cell(elenco_cell_bytes_max, 'x');
    BOOST_TEST(refusal("file,oggetto\na," + cell + "\n") == "accepted");
    BOOST_TEST(is_refused("file,oggetto\na," + cell + "x\n", "elenco.too_long", "2"));
}

BOOST_AUTO_TEST_CASE(only_the_person_of_the_row_fits) {
    const Json found = Json::parse(R"([
        {"id":"1","designation":"Esempi Anna","birth":"2015-04-02"},
        {"id":"2","designation":"ESEMPI ANNA","birth":{"precision":"year","year":2015}},
        {"id":"3","designation":"Esempi Annabella","birth":"2015-04-02"},
        {"id":"4","designation":"Esempi Anna","birth":"2016-01-01"}])");
    ElencoRow row;
    row.surname = "Esempi";
    row.name = "Anna";
    row.birth = "2015-04-02";
    BOOST_TEST(fitting(found, row) == std::vector<std::string>{"1"},
               boost::test_tools::per_element());
    row.birth = "2015";
    BOOST_TEST(fitting(found, row).size() == 2u);
    row.birth = "";
    BOOST_TEST(fitting(found, row).size() == 3u);
    row.birth = "2014-01-01";
    BOOST_TEST(fitting(found, row).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace custode::client
