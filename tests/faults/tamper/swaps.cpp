#include "archive/base/error.h"
#include "archive/crypto/digest.h"
#include "archive/crypto/object.h"
#include "archive/crypto/record.h"
#include "tests/faults/tamper/verbs.h"

#include <array>
#include <iostream>
#include <random>

namespace custode::tamper {
namespace {

constexpr std::size_t keys_count = 4;
constexpr std::size_t objects_count = 6;
constexpr std::size_t chunks_each = 3;

using Dice = std::mt19937_64;

Bytes random_bytes(Dice& dice, std::size_t size) {
    Bytes bytes(size);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(dice());
    return bytes;
}

/// A place where a record lies, and the record that was sealed for it.
struct Place {
    std::size_t key = 0;
    std::size_t vault = 0;
    std::string table;
    Bytes row, key_id;
    std::uint32_t type = 0, version = 1, epoch = 0;
    Bytes sealed;

    crypto::RecordContext context(const std::array<VaultId, 2>& vaults) const {
        return {vaults[vault], table, row, type, version, key_id, epoch};
    }
    auto what() const { return std::tie(key, vault, table, row, key_id, type, version, epoch); }
};

/// Places that differ in one or a few parts only, so that each part of the context has to count.
class Records {
public:
    explicit Records(Dice& dice) : dice_(dice) {
        for (crypto::SealingKey& key : keys_) key = crypto::SealingKey::random();
        for (VaultId& vault : vaults_) vault = crypto::random_id<VaultId>();
        for (std::size_t i = 0; i < places_count; ++i) places_.push_back(place());
    }

    Json swap(std::uint64_t pairs) {
        std::uint64_t tried = 0;
        Json opened = Json::array();
        while (tried < pairs) {
            const Place& from = any();
            const Place& to = any();
            if (from.what() == to.what()) continue;
            ++tried;
            if (crypto::open_record(keys_[to.key], to.context(vaults_), from.sealed) &&
                opened.size() < 5)
                opened.push_back("a record of " + told(from) + " opened as one of " + told(to));
        }
        return {{"tried", tried}, {"opened", opened}};
    }

private:
    static constexpr std::size_t places_count = 2'000;

    const Place& any() { return places_[dice_() % places_.size()]; }
    static std::string told(const Place& place) {
        return place.table + " key " + std::to_string(place.key) + " type " +
               std::to_string(place.type);
    }

    Place place() {
        static const std::array<std::string, 6> tables = {
            "journal.header", "journal.payload", "wrap", "objects", "links", "accounts"};
        Place place;
        place.key = dice_() % keys_count;
        place.vault = dice_() % 2;
        place.table = tables[dice_() % tables.size()];
        place.row = Bytes(8, static_cast<std::uint8_t>(dice_() % 4));
        place.key_id = Bytes(16, static_cast<std::uint8_t>(dice_() % 2));
        place.type = static_cast<std::uint32_t>(dice_() % 3);
        place.version = 1 + static_cast<std::uint32_t>(dice_() % 2);
        place.epoch = static_cast<std::uint32_t>(dice_() % 2);
        place.sealed =
            crypto::seal_record(keys_[place.key], place.context(vaults_), random_bytes(dice_, 32));
        return place;
    }

    Dice& dice_;
    std::array<crypto::SealingKey, keys_count> keys_{};
    std::array<VaultId, 2> vaults_{};
    std::vector<Place> places_;
};

/// Objects of equal length, some under one key, each of full chunks and a last short one.
class Objects {
public:
    explicit Objects(Dice& dice) : dice_(dice), vault_(crypto::random_id<VaultId>()) {
        for (std::size_t i = 0; i < objects_count; ++i) {
            if (i % 2 == 0) key_.push_back(crypto::ObjectKey::random());
            ids_.push_back(crypto::random_id<ObjectId>());
            crypto::ObjectSealer sealer(key_[i / 2], context(i));
            Bytes container;
            sealer.update(random_bytes(dice_, plain_bytes), container);
            sealer.finish(container);
            containers_.push_back(std::move(container));
            openers_.push_back(opener(i, i));
        }
    }

    /// Chunks change places within an object and between objects, and whole containers too.
    Json swap(std::uint64_t pairs) {
        std::uint64_t tried = 0;
        Json opened = Json::array();
        while (tried < pairs) {
            const std::size_t from = dice_() % objects_count, to = dice_() % objects_count;
            const std::uint64_t a = dice_() % chunks_each, b = dice_() % chunks_each;
            if (from == to && a == b) continue;
            ++tried;
            const bool is_opened =
                tried % 4 == 0 && from != to ? moved(from, to) : swapped(from, a, to, b);
            if (is_opened && opened.size() < 5)
                opened.push_back("chunk " + std::to_string(a) + " of object " +
                                 std::to_string(from) + " opened as chunk " + std::to_string(b) +
                                 " of object " + std::to_string(to));
        }
        return {{"tried", tried}, {"opened", opened}};
    }

private:
    static constexpr std::size_t plain_bytes =
        (chunks_each - 1) * crypto::chunk_plain_bytes + 1'000;

    crypto::ObjectContext context(std::size_t i) const { return {vault_, ids_[i], 1, "original"}; }

    std::unique_ptr<crypto::ObjectOpener> opener(std::size_t container, std::size_t as) const {
        return std::make_unique<crypto::ObjectOpener>(
            key_[as / 2], context(as),
            BytesView(containers_[container]).first(crypto::object_head_bytes), plain_bytes);
    }

    /// The chunk a of one object in place b of another.  A full one and the last differ in size.
    bool swapped(std::size_t from, std::uint64_t a, std::size_t to, std::uint64_t b) const try {
        const auto& source = *openers_[from];
        openers_[to]->open_chunk(b,
                                 BytesView(containers_[from])
                                     .subspan(source.chunk_offset(a), source.chunk_sealed_size(a)));
        return true;
    } catch (const Error&) {
        return false;
    }

    /// The whole container, head and all, under another object's name.
    bool moved(std::size_t from, std::size_t to) const try {
        opener(from, to)->open_chunk(
            0, BytesView(containers_[from])
                   .subspan(crypto::object_head_bytes, crypto::chunk_sealed_bytes));
        return true;
    } catch (const Error&) {
        return false;
    }

    Dice& dice_;
    VaultId vault_;
    std::vector<crypto::ObjectKey> key_;
    std::vector<ObjectId> ids_;
    std::vector<Bytes> containers_;
    std::vector<std::unique_ptr<crypto::ObjectOpener>> openers_;
};

}  // namespace

void swap_sealed(const Arguments& arguments) {
    Dice dice(std::stoull(arguments.at(0)));
    Json told = {{"records", Records(dice).swap(std::stoull(arguments.at(1)))},
                 {"chunks", Objects(dice).swap(std::stoull(arguments.at(2)))}};
    std::cout << told.dump() << std::endl;
}

}  // namespace custode::tamper
