#include "archive/base/codec.h"
#include "tests/archive/vault_support.h"

using namespace custode;
using namespace custode::testing;
using catalogue::LinkPlace;
namespace table = custode::catalogue::table;

namespace {

/// Two dossiers with two documents each.
struct TwoDossiers : OpenWorld {
    std::vector<DossierId> dossiers;
    std::vector<DocumentId> documents;

    TwoDossiers() {
        for (const char* name : {"Prima", "Seconda"}) {
            dossiers.push_back(open_dossier("archivista", name));
            for (unsigned i = 0; i < 2; ++i)
                documents.push_back(
                    file("archivista", dossiers.back(),
                         content_of(500, static_cast<unsigned>(documents.size() + 1)))
                        .document);
        }
    }
    EntryId entry(std::size_t dossier) {
        return ledger().memory().dossier(dossiers[dossier])->entry;
    }
    Bytes link_name(std::size_t dossier, std::uint32_t ordinal) {
        return ledger().read([&](const catalogue::Lookup& rows) {
            return rows.rows().link_name(rows.dossier(entry(dossier))->keys, ordinal);
        });
    }
    Bytes object_name(std::size_t dossier, std::uint32_t ordinal) {
        return ledger().read([&](const catalogue::Lookup& rows) {
            return rows.rows().object_name(*rows.object_keys(LinkPlace{entry(dossier), ordinal}));
        });
    }
    /// Reads one document through its link; the name of the error, or nothing.
    std::string fault(std::size_t dossier, std::uint32_t ordinal) {
        try {
            return ledger().read([&](const catalogue::Lookup& rows) {
                const auto keys = rows.object_keys(LinkPlace{entry(dossier), ordinal});
                return keys && rows.document(*keys) ? std::string() : std::string("missing");
            });
        } catch (const Error& error) {
            return error.name();
        }
    }
};

void swap_rows(const std::filesystem::path& vault, store::Table in, const Bytes& one,
               const Bytes& other) {
    Tamperer tamperer(vault);
    const auto rows = tamperer.rows(in);
    tamperer.put(in, one, rows.at(other));
    tamperer.put(in, other, rows.at(one));
}

Bytes with_wrap_of(const Bytes& row, const Bytes& other) {
    Bytes mixed = row;
    std::ranges::copy(BytesView(other).first(104), mixed.begin());
    return mixed;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rows_tests)

BOOST_FIXTURE_TEST_CASE(no_row_is_named_by_what_it_is_about, TwoDossiers) {
    std::vector<Bytes> ids;
    for (const DossierId& id : dossiers) ids.push_back(copy(id));
    for (const DocumentId& id : documents) ids.push_back(copy(id));
    for (const auto& state : ledger().memory().accounts()) {
        ids.push_back(copy(state.account.id));
        ids.push_back(copy(view(state.account.name)));
    }
    for (unsigned i = 1; i <= 4; ++i) ids.push_back(copy(sha256_of(content_of(500, i))));
    close();
    const Tamperer all(vault);
    for (unsigned i = 0; i < catalogue::table_names().size(); ++i)
        for (const auto& [name, value] : all.rows(store::Table{i}))
            for (const Bytes& id : ids) {
                BOOST_TEST(
                    (std::search(name.begin(), name.end(), id.begin(), id.end()) == name.end()));
                BOOST_TEST(
                    (std::search(value.begin(), value.end(), id.begin(), id.end()) == value.end()));
            }
    // And no name stands in two tables, or twice under two dossiers: nothing tells rows belong
    // together.  (A dossier's row is named by its pseudonym, as in headers of the journal.)
    std::map<Bytes, int> seen;
    for (const store::Table one : {table::accounts, table::links, table::objects, table::places,
                                   table::imprints, table::locations, table::counters})
        for (const auto& [name, value] : all.rows(one)) ++seen[name];
    for (const auto& [name, times] : seen) BOOST_TEST(times == 1);
}

BOOST_FIXTURE_TEST_CASE(a_shared_document_stands_under_unrelated_names, TwoDossiers) {
    const Bytes bytes = content_of(700, 99);
    file("archivista", dossiers[0], bytes, "", {dossiers[1]});
    BOOST_TEST((link_name(0, 2) != link_name(1, 2)));
    BOOST_TEST((object_name(0, 2) == object_name(1, 2)));  // one document, two ways to it
    BOOST_TEST(fault(0, 2).empty());
    BOOST_TEST(fault(1, 2).empty());
    const auto of = [&](std::size_t dossier) {
        return ledger().read([&](const catalogue::Lookup& rows) {
            const auto keys = rows.dossier(entry(dossier))->keys;
            return rows.rows().imprint_name(keys, sha256_of(bytes));
        });
    };
    BOOST_TEST((of(0) != of(1)));
}

BOOST_FIXTURE_TEST_CASE(the_chain_from_dossier_to_document_fits_together, TwoDossiers) {
    for (std::size_t dossier = 0; dossier < 2; ++dossier)
        for (std::uint32_t ordinal = 0; ordinal < 2; ++ordinal)
            ledger().read([&](const catalogue::Lookup& rows) {
                const auto row = rows.dossier(entry(dossier));
                const auto link = rows.link(row->keys, ordinal);
                BOOST_REQUIRE(link.has_value());
                BOOST_TEST((link->document == documents[dossier * 2 + ordinal]));
                BOOST_TEST((link->object == rows.rows().object_of(link->document)));
                const auto place = rows.place(link->object);
                BOOST_REQUIRE(place.has_value());
                BOOST_TEST((place->document == link->document));
                BOOST_TEST((place->links == std::vector<LinkPlace>{{entry(dossier), ordinal}}));
                const auto document = rows.document(*rows.object_keys(place->links[0]));
                BOOST_REQUIRE(document.has_value());
                BOOST_TEST((document->document == link->document));
                BOOST_TEST(rows.extents(document->blob).has_value());
                BOOST_TEST((rows.twin_in(row->keys, document->sha256) == document->document));
            });
    BOOST_TEST(fault(0, 2) == "missing");
}

BOOST_FIXTURE_TEST_CASE(rows_that_changed_places_are_refused, TwoDossiers) {
    const Bytes links[] = {link_name(0, 0), link_name(0, 1), link_name(1, 0)};
    const Bytes objects[] = {object_name(0, 0), object_name(0, 1)};
    for (const auto& [one, other] :
         {std::pair{links[0], links[1]}, std::pair{links[0], links[2]}}) {
        close();
        swap_rows(vault, table::links, one, other);
        open();
        BOOST_TEST(fault(0, 0) == "vault.row_damaged");
        close();
        swap_rows(vault, table::links, one, other);
        open();
        BOOST_TEST(fault(0, 0).empty());
    }
    close();
    swap_rows(vault, table::objects, objects[0], objects[1]);
    open();
    BOOST_TEST(fault(0, 0) == "vault.row_damaged");
    BOOST_TEST(fault(0, 1) == "vault.row_damaged");
    BOOST_TEST(fault(1, 0).empty());
}

BOOST_FIXTURE_TEST_CASE(a_wrap_under_another_link_is_refused, TwoDossiers) {
    const Bytes own = link_name(0, 0);
    const Bytes neighbour = link_name(0, 1);
    const Bytes stranger = link_name(1, 0);
    close();
    const auto rows = Tamperer(vault).rows(table::links);
    for (const Bytes& other : {neighbour, stranger}) {
        Tamperer(vault).put(table::links, own, with_wrap_of(rows.at(own), rows.at(other)));
        open();
        BOOST_TEST(fault(0, 0) == "vault.row_damaged");
        close();
    }
    // A link made to look unlinked: the head's sum tells, and nothing is shown through it.
    Bytes tombstone = with_wrap_of(rows.at(own), Bytes(104, 0));
    Tamperer(vault).put(table::links, own, tombstone);
    open();
    BOOST_TEST(fault(0, 0) == "missing");
    BOOST_TEST(!digests().findings.empty());
}

BOOST_FIXTURE_TEST_CASE(a_row_put_into_another_table_is_refused, TwoDossiers) {
    const ObjectId object = ledger().rows().object_of(documents[0]);
    close();
    const auto counters = Tamperer(vault).rows(table::counters);
    // Sealed by the same key.
    Tamperer(vault).put(table::places, object, counters.begin()->second);
    open();
    BOOST_CHECK_EXCEPTION(
        ledger().read([&](const catalogue::Lookup& rows) { return rows.place(object); }), Error,
        is_error(ErrorCode::corrupt, "vault.row_damaged"));
}

BOOST_FIXTURE_TEST_CASE(authority_tables_put_back_are_refused_at_unsealing, TwoDossiers) {
    close();
    std::map<unsigned, Tamperer::Rows> yesterday;
    const store::Table authority[] = {table::accounts, table::dossiers, table::counters,
                                      table::segments};
    for (const store::Table one : authority) yesterday[one.index] = Tamperer(vault).rows(one);
    open();
    open_dossier("archivista", "Terza");
    file("archivista", dossiers[0], content_of(500, 50));
    BOOST_CHECK_THROW(parts->sessions.login("legale", "sbagliata di sicuro"), Error);
    close();
    for (const store::Table one : authority) {
        const std::string name = catalogue::table_names()[one.index];
        const auto today = Tamperer(vault).rows(one);
        // One row of yesterday, one row gone.
        const auto changed = std::find_if(today.begin(), today.end(), [&](const auto& row) {
            const auto& old = yesterday[one.index];
            return old.contains(row.first) && old.at(row.first) != row.second;
        });
        BOOST_REQUIRE_MESSAGE(changed != today.end(), name);
        const auto& [key, value] = *changed;
        Tamperer(vault).put(one, key, yesterday[one.index].at(key));
        BOOST_CHECK_EXCEPTION(open(), Error, is_error(ErrorCode::corrupt, "vault.rows_missing"));
        Tamperer(vault).erase(one, key);
        BOOST_CHECK_EXCEPTION(open(), Error, is_error(ErrorCode::corrupt, "vault.rows_missing"));
        Tamperer(vault).put(one, key, value);
        open();
        BOOST_TEST(documents_in("archivista", dossiers[0]).size() == 3U);
        close();
    }
}

// How far a segment is named decides what of it is dropped as a tail that nobody was promised.  A
// row put back must not have acknowledged documents cut off.
BOOST_FIXTURE_TEST_CASE(no_row_put_back_cuts_a_segment_short, TwoDossiers) {
    BOOST_TEST(ledger().read([](const catalogue::Lookup& rows) { return rows.named_end(1); }) > 0U);
    const Bytes name = ledger().rows().segment_end_name(1);
    const Bytes sealed_end =
        ledger().rows().seal_special(table::segments, name, text(big_endian(0)));
    close();
    const auto file = vault / "segments" / "000001.seg";
    const auto bytes = std::filesystem::file_size(file);
    const Bytes good = Tamperer(vault).rows(table::segments).at(name);
    Tamperer(vault).erase(table::segments, name);
    BOOST_CHECK_THROW(open(), Error);
    Tamperer(vault).put(table::segments, name, sealed_end);
    BOOST_CHECK_THROW(open(), Error);
    BOOST_TEST(std::filesystem::file_size(file) == bytes);
    Tamperer(vault).put(table::segments, name, good);
    open();
    BOOST_TEST((read("archivista", documents[3]) == content_of(500, 4)));
}

BOOST_FIXTURE_TEST_CASE(what_was_appended_and_never_named_is_dropped, TwoDossiers) {
    const auto named =
        ledger().read([](const catalogue::Lookup& rows) { return rows.named_end(1); });
    {
        const Bytes bytes = content_of(3U << 20U, 77);
        auto begun = begin("archivista", dossiers[0], request(bytes));
        std::get<std::unique_ptr<acts::Filing::Upload>>(begun)->write(bytes);
    }
    const auto file = vault / "segments" / "000001.seg";
    BOOST_TEST(std::filesystem::file_size(file) > named + (1U << 20U));
    BOOST_TEST(
        (ledger().read([](const catalogue::Lookup& rows) { return rows.named_end(1); }) == named));
    reopen();
    BOOST_TEST(std::filesystem::file_size(file) == named);
    for (std::size_t i = 0; i < documents.size(); ++i)
        BOOST_TEST(
            (read("archivista", documents[i]) == content_of(500, static_cast<unsigned>(i + 1))));
}

BOOST_AUTO_TEST_SUITE_END()
