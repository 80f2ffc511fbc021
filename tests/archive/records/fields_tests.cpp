#include "archive/records/fields.h"

#include "tests/archive/records/refusals.h"

using namespace custode;
using namespace custode::records;
using custode::tests::refusal;

namespace {

std::string reading_text(const Json& json, TextRule rule = {.characters_max = 5}) {
    return refusal([&] {
        Fields fields(json);
        (void)fields.text("name", rule);
        fields.finish();
    });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fields_tests)

BOOST_AUTO_TEST_CASE(a_text_within_its_rule_is_accepted) {
    BOOST_TEST(reading_text({{"name", "èèèèè"}}) == "accepted");
    BOOST_TEST(reading_text({{"name", "a\tb\n"}}, {.characters_max = 5, .lines = true}) ==
               "accepted");
    BOOST_TEST(reading_text({{"name", "日本"}}) == "accepted");
}

BOOST_AUTO_TEST_CASE(every_refusal_names_the_field_and_never_the_value) {
    BOOST_TEST(reading_text(Json::object()) == "field.missing: field 'name' is missing");
    BOOST_TEST(reading_text({{"name", ""}}) == "field.invalid: field 'name' is empty");
    BOOST_TEST(reading_text({{"name", "èèèèèè"}}) == "field.invalid: field 'name' is too long");
    BOOST_TEST(reading_text({{"name", nullptr}}) == "field.invalid: field 'name' is not a text");
    for (const Json& wrong : {Json(1), Json(1.5), Json(true), Json::array(), Json::object()})
        BOOST_TEST(reading_text({{"name", wrong}}) == "field.invalid: field 'name' is not a text");
    for (const char* wrong : {"a\x01", "a\n", "a\x7F", "a\u0085", "a\u202E", "a\u2028", "a\u2066"})
        BOOST_TEST(reading_text({{"name", wrong}}) ==
                   "field.invalid: field 'name' holds a control character");
    BOOST_TEST(reading_text({{"name", std::string("a\0b", 3)}}) ==
               "field.invalid: field 'name' holds a control character");
    BOOST_TEST(reading_text({{"name", "a\xC3"}}) == "field.invalid: field 'name' is not UTF-8");
}

BOOST_AUTO_TEST_CASE(a_field_that_nobody_asked_for_is_refused) {
    BOOST_TEST(reading_text({{"name", "a"}, {"nome", "b"}}) ==
               "field.unknown: field 'nome' is not one of this form");
    BOOST_TEST(reading_text({{"name", "a"}, {"Anna Bianchi", "b"}}) ==
               "field.unknown: field '?' is not one of this form");
}

BOOST_AUTO_TEST_CASE(what_is_not_an_object_or_too_wide_is_refused) {
    for (const Json& wrong : {Json(1), Json("a"), Json::array(), Json()})
        BOOST_TEST(refusal([&] { Fields fields(wrong); }) ==
                   "field.invalid: field '(the whole)' is not an object");
    Json wide = Json::object();
    for (std::size_t i = 0; i <= Fields::members_max; ++i) wide["f" + std::to_string(i)] = 1;
    BOOST_TEST(refusal([&] { Fields fields(wide, "x"); }) ==
               "field.invalid: field 'x' has too many members");
}

BOOST_AUTO_TEST_CASE(days_must_exist) {
    const auto reading = [](const char* day) {
        return refusal([&] {
            const Json json{{"d", day}};
            Fields fields(json);
            (void)fields.maybe_day("d");
        });
    };
    BOOST_TEST(reading("2024-02-29") == "accepted");
    for (const char* wrong : {"2025-02-29", "2025-13-01", "2025-04-31", "25-04-01", "01/04/2025",
                              "2025-4-1", "", "2025-04-01T", "0000-00-00"})
        BOOST_TEST(tests::begins(reading(wrong), "field.invalid: field 'd' is not a day"), wrong);
}

BOOST_AUTO_TEST_CASE(numbers_are_whole_and_in_range) {
    const auto reading = [](const Json& number) {
        return refusal([&] {
            const Json json{{"n", number}};
            Fields fields(json);
            (void)fields.number("n", 1, 10);
        });
    };
    BOOST_TEST(reading(1) == "accepted");
    BOOST_TEST(reading(10U) == "accepted");
    for (const Json& wrong :
         {Json(0), Json(11), Json(-1), Json(1.0), Json("1"), Json(true), Json(1e300)})
        BOOST_TEST(tests::begins(reading(wrong), "field.invalid: field 'n' is "), wrong.dump());
}

BOOST_AUTO_TEST_CASE(the_path_leads_to_the_item_of_a_list) {
    const Json json{{"list", {"ok", 7}}};
    BOOST_TEST(refusal([&] {
                   Fields fields(json, "top");
                   (void)fields.list("list", 2, [](const Json& item, const std::string& path) {
                       return text_item(item, path, {.characters_max = 3});
                   });
               }) == "field.invalid: field 'top.list[1]' is not a text");
    BOOST_TEST(refusal([&] {
                   Fields fields(json, "top");
                   (void)fields.list("list", 1, [](const Json&, const std::string&) { return 0; });
               }) == "field.invalid: field 'top.list' has too many items");
}

BOOST_AUTO_TEST_CASE(file_names_are_refused_by_name) {
    const auto naming = [](std::string_view name) {
        return refusal([&] { check_file_name(name); });
    };
    for (const std::string& right :
         {std::string("decreto n. 5 (copia).pdf.p7m"), std::string("così è.pdf"),
          std::string("..a"), std::string("..."), std::string(" "), std::string(255, 'x')})
        BOOST_TEST(naming(right) == "accepted", right);
    std::string wide;
    for (int i = 0; i < 255; ++i) wide += "\xF0\x9F\x93\x84";  // 255 characters, 1020 bytes
    BOOST_TEST(naming(wide) == "accepted");
    for (const std::string& wrong :
         {std::string(), std::string(256, 'x'), std::string(10'000, 'x'), std::string("a\nb.pdf"),
          std::string("a\0b", 3), std::string("../etc/passwd"), std::string("a/b"),
          std::string(".."), std::string("."), std::string("\xFF.pdf"),
          std::string("a\u202Efdp.exe"), wide + "aaaaa"})
        BOOST_TEST(tests::begins(naming(wrong), "file_name.invalid: "));
}

BOOST_AUTO_TEST_SUITE_END()
