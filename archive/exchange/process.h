// archive/exchange/process.h
#pragma once

#include "archive/base/bytes.h"

#include <chrono>
#include <string>
#include <vector>

namespace custode::exchange {

/// An outside program to run: bytes in through its standard input, bytes out through its standard
/// output, nothing else.  Its standard error goes nowhere: it may repeat content.
struct ProcessOptions {
    std::vector<std::string> arguments;  ///< The first is the program's path; PATH is not asked.
    std::size_t output_bytes_max = 0;
    std::chrono::milliseconds wall_max{0};
};

struct ProcessResult {
    enum class End { exited, signalled, out_of_time, output_too_large };
    End end = End::exited;
    int status = 0;  ///< Exit code or signal number.
    Bytes output;

    bool succeeded() const { return end == End::exited && status == 0; }
};

/// Runs the program to its end or to the first limit, then kills it.
///
/// The child gets an empty environment, no descriptor but 0, 1 and 2, and is started by
/// posix_spawn: a fork would copy the page tables of a process that holds keys.
///
/// Errors    Error(unsupported, "process.cannot_start") when the program is not there;
///           Error(storage, "process.system") when the system has no more descriptors.
/// Threads   Any; each call is its own child.
ProcessResult run_process(const ProcessOptions& options, BytesView input);

}  // namespace custode::exchange
