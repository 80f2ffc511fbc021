#include "archive/catalogue/tables_digest.h"

#include "archive/base/codec.h"
#include "archive/crypto/digest.h"

#include <map>

namespace custode::catalogue {
namespace {

/// Name → digest of the opened value, in order of name.
using Opened = std::map<Bytes, Sha256Digest>;

Sha256Digest digest_of(BytesView value) { return crypto::sha256({value}); }

class Walk {
public:
    Walk(const store::ReadTransaction& transaction, const Rows& rows)
        : transaction_(transaction),
          rows_(rows),
          lookup_(rows, [&transaction](store::Table table, BytesView name) -> std::optional<Bytes> {
              const auto found = transaction.find(table, name);
              if (!found) return std::nullopt;
              return copy(*found);
          }) {}

    TablesDigest run() {
        each(table::journal, [](BytesView, BytesView value) { return digest_of(value); });
        each(table::accounts, [this](BytesView name, BytesView value) {
            return digest_of(view(rows_.open_system(table::accounts, name, value)));
        });
        each(table::proposals, [this](BytesView name, BytesView value) {
            return digest_of(view(rows_.open_system(table::proposals, name, value)));
        });
        for (const store::Table table : {table::places, table::locations, table::idempotency,
                                         table::segments, table::counters})
            each(table, [this, table](BytesView name, BytesView value) {
                return digest_of(view(rows_.open_special(table, name, value)));
            });
        dossiers();
        for (const store::Table table :
             {table::dossiers, table::links, table::objects, table::imprints, table::sheets})
            if (opened_[table.index].size() != transaction_.count(table))
                result_.findings.push_back("table " + table_names()[table.index] +
                                           " has rows that nothing leads to");
        for (std::size_t i = 0; i < table_names().size(); ++i)
            if (i != table::head.index) result_.tables.push_back(total(i));
        return std::move(result_);
    }

private:
    template <class Open>
    void each(store::Table table, const Open& open) {
        transaction_.scan(table, {}, [&](BytesView name, BytesView value) {
            attempt(table, [&] { opened_[table.index][copy(name)] = open(name, value); });
            return true;
        });
    }

    /// A row that does not open is a finding; the walk goes on.
    template <class Do>
    void attempt(store::Table table, const Do& what) {
        try {
            what();
        } catch (const std::exception& error) {
            if (result_.findings.size() < 1000)
                result_.findings.push_back("table " + table_names()[table.index] + ": " +
                                           error.what());
        }
    }

    void dossiers() {
        transaction_.scan(table::dossiers, {}, [&](BytesView name, BytesView value) {
            attempt(table::dossiers, [&] {
                const auto entry = id_from<EntryId>(name);
                const auto row = entry ? lookup_.dossier(*entry) : std::nullopt;
                if (!row) throw Error(ErrorCode::corrupt, "vault.row_damaged", "a row has no key");
                opened_[table::dossiers.index][copy(name)] = crypto::sha256(
                    {value.first(104), view(row->facts.dump()), Encoder().u32(row->next).bytes(),
                     Encoder().u32(row->documents).bytes()});
                attempt(table::sheets, [&] {
                    if (const auto sheet = lookup_.sheet(row->keys))
                        opened_[table::sheets.index][rows_.sheet_name(row->keys)] =
                            digest_of(view(sheet->dump()));
                });
                for (std::uint32_t i = 0; i < row->next; ++i)
                    attempt(table::links, [&] { link(*row, i); });
            });
            return true;
        });
    }

    void link(const DossierRow& dossier, std::uint32_t ordinal) {
        const auto link = lookup_.link(dossier.keys, ordinal);
        if (!link) throw Error(ErrorCode::corrupt, "vault.row_damaged", "a link is missing");
        opened_[table::links.index][rows_.link_name(dossier.keys, ordinal)] =
            crypto::sha256({link->wrap, link->document, link->object});
        if (link->unlinked) return;
        const auto keys = lookup_.object_keys(LinkPlace{dossier.keys.entry, ordinal});
        const auto document = keys ? lookup_.document(*keys) : std::nullopt;
        if (!document || document->document != link->document)
            throw Error(ErrorCode::corrupt, "vault.row_damaged", "a link leads to no document");
        opened_[table::objects.index][rows_.object_name(*keys)] =
            digest_of(view(to_json(*document).dump()));
        const auto twin = lookup_.twin_in(dossier.keys, document->sha256);
        if (!twin) throw Error(ErrorCode::corrupt, "vault.row_damaged", "an imprint is missing");
        opened_[table::imprints.index][rows_.imprint_name(dossier.keys, document->sha256)] =
            crypto::sha256({*twin});
    }

    TableDigest total(std::size_t table) const {
        crypto::Sha256 digest;
        for (const auto& [name, value] : opened_[table]) {
            digest.update(Encoder().field(name).bytes());
            digest.update(value);
        }
        return {table_names()[table], opened_[table].size(), digest.finish()};
    }

    const store::ReadTransaction& transaction_;
    const Rows& rows_;
    Lookup lookup_;
    std::array<Opened, 14> opened_;
    TablesDigest result_;
};

}  // namespace

TablesDigest digest_tables(const store::ReadTransaction& transaction, const Rows& rows) {
    return Walk(transaction, rows).run();
}

}  // namespace custode::catalogue
