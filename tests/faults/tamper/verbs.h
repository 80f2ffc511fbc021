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

}  // namespace custode::tamper
