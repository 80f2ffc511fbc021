// tests/archive/exchange/pdf_composer_tests.cpp
#include "archive/exchange/pdf_composer.h"

#include "archive/base/error.h"

#include <boost/test/unit_test.hpp>

using namespace custode;
using namespace custode::exchange;

namespace {

const Millis created = *from_rfc3339("2026-11-23T08:15:00.000Z");

auto named(ErrorCode code, const char* name) {
    return [=](const Error& error) { return error.code() == code && error.name() == name; };
}

std::string page(const std::string& body) {
    return "<!DOCTYPE html><html lang=it><meta charset=utf-8><title>Prova</title>"
           "<style>html{font-family:'DejaVu Sans'}</style><body>" +
           body;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pdf_composer_tests)

BOOST_AUTO_TEST_CASE(a_page_becomes_the_same_pdf_a_every_time) {
    const PdfComposer composer;
    const Bytes first = composer.compose(page("<h1>È così</h1>"), created);
    BOOST_TEST(text(first).starts_with("%PDF-1.7"));
    BOOST_TEST(text(first).find("pdfaid:part") != std::string_view::npos);
    BOOST_TEST(text(first).find("FontFile2") != std::string_view::npos);
    BOOST_TEST((composer.compose(page("<h1>È così</h1>"), created) == first));
    BOOST_TEST((composer.compose(page("<h1>E così</h1>"), created) != first));
}

// Should a text ever go in unescaped: what it could embed must not be there.
BOOST_AUTO_TEST_CASE(the_sandbox_shows_no_file_of_the_machine) {
    const PdfComposer composer;
    const auto attached = [&](const std::string& url) {
        const Bytes pdf =
            composer.compose(page("<a rel=attachment href='" + url + "'>x</a>"), created);
        return text(pdf).find("EmbeddedFile") != std::string_view::npos;
    };
    BOOST_TEST(attached("file:///usr/share/common-licenses/BSD"));  // so the probe works
    BOOST_TEST(!attached("file:///etc/passwd"));
    BOOST_TEST(!attached("file:///root/.bashrc"));
    BOOST_TEST(!attached("file:///proc/self/environ"));
}

BOOST_AUTO_TEST_CASE(a_missing_program_is_named) {
    PdfComposer::Options options;
    options.weasyprint = "/nonexistent/weasyprint";
    BOOST_CHECK_EXCEPTION(PdfComposer(options).compose(page(""), created), Error,
                          named(ErrorCode::unsupported, "pdf.composer_missing"));
}

BOOST_AUTO_TEST_CASE(limits_are_kept) {
    PdfComposer::Options options;
    options.page_bytes_max = 10;
    BOOST_CHECK_EXCEPTION(PdfComposer(options).compose(page(""), created), Error,
                          named(ErrorCode::invalid_argument, "pdf.page_too_large"));
    options = {};
    options.pdf_bytes_max = 100;
    BOOST_CHECK_EXCEPTION(PdfComposer(options).compose(page("x"), created), Error,
                          named(ErrorCode::storage, "pdf.composer_failed"));
    options = {};
    options.memory_bytes_max = 64UL * 1024 * 1024;
    BOOST_CHECK_EXCEPTION(PdfComposer(options).compose(page("x"), created), Error,
                          named(ErrorCode::storage, "pdf.composer_failed"));
}

BOOST_AUTO_TEST_CASE(a_refused_sandbox_is_told_from_a_failed_page) {
    PdfComposer::Options options;
    options.bubblewrap = "/usr/bin/false";
    BOOST_CHECK_EXCEPTION(PdfComposer(options).compose(page("x"), created), Error,
                          named(ErrorCode::unsupported, "pdf.sandbox_refused"));
}

BOOST_AUTO_TEST_SUITE_END()
