#include "tests/faults/tamper/raw_catalogue.h"

#include <fstream>

namespace custode::tamper {

crypto::UnsealInput input_of(const std::filesystem::path& keyfile) {
    std::ifstream in(keyfile, std::ios::binary);
    crypto::UnsealInput input;
    input.keyfile = Bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    return input;
}

store::Environment::Options environment_options() {
    store::Environment::Options options;
    options.tables = catalogue::table_names();
    options.allow_any_file_system = true;
    return options;
}

std::map<Bytes, Bytes> RawCatalogue::rows(store::Table table) {
    std::map<Bytes, Bytes> rows;
    const store::ReadTransaction read(environment_);
    read.scan(table, {}, [&](BytesView key, BytesView value) {
        rows[copy(key)] = copy(value);
        return true;
    });
    return rows;
}

void RawCatalogue::put(store::Table table, BytesView key, const Bytes& value) {
    store::Writer(environment_, hooks_, {}).run([&](store::Changes& changes) {
        changes.put(table, key, value);
    });
}

void RawCatalogue::erase(store::Table table, BytesView key) {
    store::Writer(environment_, hooks_, {}).run([&](store::Changes& changes) {
        changes.erase(table, key);
    });
}

}  // namespace custode::tamper
