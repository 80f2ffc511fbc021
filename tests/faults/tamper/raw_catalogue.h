// tests/faults/tamper/raw_catalogue.h
#pragma once

#include "archive/catalogue/tables.h"
#include "archive/crypto/keys.h"
#include "archive/store/writer.h"

#include <filesystem>
#include <map>

namespace custode::tamper {

crypto::UnsealInput input_of(const std::filesystem::path& keyfile);
store::Environment::Options environment_options();

/// Rows of a closed catalogue, changed without keeping its head: what somebody with the file can
/// do.
class RawCatalogue {
public:
    explicit RawCatalogue(const std::filesystem::path& vault)
        : environment_(vault / "catalogue.mdb", environment_options()) {}

    std::map<Bytes, Bytes> rows(store::Table table);
    void put(store::Table table, BytesView key, const Bytes& value);
    void erase(store::Table table, BytesView key);

private:
    struct NoHooks final : store::GroupHooks {
        Blake2Digest row_digest(store::Table, BytesView, BytesView) override { return {}; }
        void before_commit(store::Changes&, const std::vector<store::TableSum>&) override {}
        void after_commit() override {}
        void rolled_back() override {}
        void verify_after_failure() override {}
    };

    store::Environment environment_;
    NoHooks hooks_;
};

}  // namespace custode::tamper
