// custode-proofs FOLDER: a log of the product's making, grown and questioned line by line, and its
// judgement of proofs that somebody else hands it.  JSON lines in, JSON lines out.
//
//   {"grow": [HEX160…]}                  the entries are appended             {"size", "root"}
//   {"inclusion": [INDEX, SIZE]}         a proof                              {"path"}
//   {"consistency": [OLD, NEW]}          a proof                              {"path"}
//   {"checkpoint": true}                 of the present size                  {"note", "key"}
//   {"receipt": [INDEX, STATEMENT, SALT]}  under the newest checkpoint        {"receipt"}
//   {"publish": true}                    tiles into the folder                {}
//   {"rebuilt": true}                    damaged tiles, mended from the log   {"tiles"}
//   {"judge": {"index", "size", "leaf", "path", "root"}}                      {"holds"}
//   {"judge": {"old_size", "old_root", "new_size", "new_root", "path"}}       {"holds"}
//   {"judge": {"note"}}  {"judge": {"receipt"}}                               {"holds"}
#include "archive/base/encoding.h"
#include "archive/base/error.h"
#include "archive/proof/tiles.h"
#include "tests/archive/proof/signing.h"

#include <nlohmann/json.hpp>

#include <iostream>

using namespace custode;
using namespace custode::proof;
using Json = nlohmann::json;

namespace {

Hash hash_of(const Json& hex) {
    const auto bytes = from_hex(hex.get<std::string>());
    require(bytes && bytes->size() == Hash::bytes_count, "a hash is 64 hexadecimal digits");
    Hash hash;
    std::copy(bytes->begin(), bytes->end(), hash.bytes.begin());
    return hash;
}

std::vector<Hash> path_of(const Json& list) {
    std::vector<Hash> path;
    for (const Json& item : list) path.push_back(hash_of(item));
    return path;
}

Json shown(const std::vector<Hash>& path) {
    Json list = Json::array();
    for (const Hash& hash : path) list.push_back(to_hex(hash));
    return {{"path", std::move(list)}};
}

std::uint64_t number(const Json& json, const char* name) {
    return json.at(name).get<std::uint64_t>();
}

class Log {
public:
    explicit Log(std::filesystem::path folder)
        : folder_(std::move(folder)), log_("custode.example/0b1e55ed") {
        reopen();
    }

    Json answer(const Json& asked) {
        if (asked.contains("grow")) return grow(asked.at("grow"));
        if (asked.contains("inclusion"))
            return shown(store_->inclusion(asked.at("inclusion")[0], asked.at("inclusion")[1]));
        if (asked.contains("consistency"))
            return shown(
                store_->consistency(asked.at("consistency")[0], asked.at("consistency")[1]));
        if (asked.contains("checkpoint"))
            return {{"note", log_.checkpoint(store_->size(), store_->root())},
                    {"key", log_.key.text()}};
        if (asked.contains("receipt")) return receipt(asked.at("receipt"));
        if (asked.contains("rebuilt")) return rebuilt();
        if (asked.contains("judge")) return {{"holds", holds(asked.at("judge"))}};
        store_->publish(log_.checkpoint(store_->size(), store_->root()));
        return Json::object();
    }

private:
    void reopen() {
        const Hash root = store_ ? store_->root() : empty_root();
        store_ = std::make_unique<TileStore>(folder_, entries_.size(), root,
                                             [this](std::uint64_t at) { return entries_.at(at); });
    }

    Json grow(const Json& entries) {
        for (const Json& hex : entries) {
            const auto bytes = from_hex(hex.get<std::string>());
            const auto entry = bytes ? LeafEntry::parse(*bytes) : std::nullopt;
            require(entry.has_value(), "an entry has 160 bytes");
            entries_.push_back(*entry);
            store_->append(*entry);
        }
        return {{"size", store_->size()}, {"root", to_hex(store_->root())}};
    }

    Json receipt(const Json& of) const {
        Receipt receipt;
        receipt.index = of[0];
        receipt.statement = of[1].get<std::string>();
        receipt.salt = hash_of(of[2]).bytes;
        receipt.leaf = entries_.at(receipt.index);
        receipt.path = store_->inclusion(receipt.index, store_->size());
        receipt.checkpoint = log_.checkpoint(store_->size(), store_->root());
        receipt.key = log_.key;
        return {{"receipt", receipt.json()}};
    }

    /// A second opening of the same log, over whatever lies in the folder by now.
    Json rebuilt() {
        reopen();
        store_->repair();
        return {{"tiles", store_->rebuilt()}};
    }

    bool holds(const Json& judged) const {
        if (judged.contains("receipt")) {
            const auto receipt = Receipt::parse(judged.at("receipt").get<std::string>());
            return receipt && !check(*receipt, log_.key);
        }
        if (judged.contains("note"))
            return open_checkpoint(judged.at("note").get<std::string>(), log_.key).has_value();
        const std::vector<Hash> path = path_of(judged.at("path"));
        if (judged.contains("leaf"))
            return verify_inclusion(number(judged, "index"), number(judged, "size"),
                                    hash_of(judged.at("leaf")), path, hash_of(judged.at("root")));
        return verify_consistency(number(judged, "old_size"), hash_of(judged.at("old_root")),
                                  number(judged, "new_size"), hash_of(judged.at("new_root")), path);
    }

    std::filesystem::path folder_;
    testing::TestLog log_;
    std::vector<LeafEntry> entries_;
    std::unique_ptr<TileStore> store_;
};

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) return std::cerr << "usage: custode-proofs FOLDER\n", 2;
    try {
        Log log(arguments[1]);
        for (std::string line; std::getline(std::cin, line);)
            std::cout << log.answer(Json::parse(line)).dump() << std::endl;
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "custode-proofs: " << error.what() << "\n";
        return 1;
    }
}
