// tests/faults/tamper/verbs.h
#pragma once

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <vector>

namespace custode::tamper {

/// What the harnesses of tests/faults ask of our own code without starting a process each time:
/// one line of JSON comes in, one goes out.  The harness judges; nothing is judged here.
///
/// custode-tamper VERB ARGUMENT…    exit 0, or 1 with the reason on stderr
using Arguments = std::vector<std::string>;
using Json = nlohmann::json;

/// Answers each line of stdin with one of stdout, until stdin ends.
void each_line(const std::function<Json(const Json&)>& answer);

/// `open`: does a sealed record, or a container of one chunk, open under this key in this place?
void open_sealed(const Arguments& arguments);

/// `swap-sealed SEED RECORDS CHUNKS`: so many random pairs of records and of chunks, each opened in
/// the other's place; tells how many were tried and which opened.
void swap_sealed(const Arguments& arguments);

/// `forge FOLDER EDIT AT OTHER`: rewrites the journal, its tiles and its checkpoint as somebody can
/// who has the log's signing key and no other.
void forge(const Arguments& arguments);

/// `sign-flipped FOLDER`: {"at", "bit"}: journals one event whose row flips there before the
/// commit.
void sign_flipped(const Arguments& arguments);

/// `fork-random CHILDREN EACH`: how many draws of a process and its children were distinct.
void fork_random(const Arguments& arguments);

/// `look FOLDER`: FOLDER/vault with its keyfile in FOLDER/device, edited as asked, looked at and
/// put back.  {"edits": […], "looks": ["offline", "kept", "verify", "read"]} gives an object with
/// what each look saw (readable.h), of "read" the items that differ from the unedited vault.  An
/// edit is {"file", …} with "flip": [at, bit], "cut": size, "append": hex, "put": [at, hex],
/// "from": path, "remove" or "mode"; or {"row": [table, key], "value"}, erased without a value.
void look(const Arguments& arguments);

}  // namespace custode::tamper
