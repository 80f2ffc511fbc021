// tools/bench/load_workers.h
#pragma once

#include "tools/bench/load_plan.h"

#include <string>
#include <vector>

namespace custode::bench {

/// How one request went.
struct Outcome {
    int status = 0;
    double first_byte = 0;  ///< Seconds from the first byte sent to the first received …
    double whole = 0;       ///< … and to the last.
    std::uint64_t sent = 0, received = 0;  ///< Bytes of the bodies.
    std::string body;                      ///< Where the plan keeps it, or it is not as planned.
    std::string failure;                   ///< Empty: all as planned.
};

struct Run {
    double seconds =
        0;  ///< From the first request, all connections being made, to the last answer.
    std::string suite;
    std::vector<Outcome> outcomes;  ///< In the order of the plan.
};

/// Carries the plan out over `connections` kept-alive connections, each taking the next request.
///
/// Errors   std::runtime_error when a connection cannot be made; what goes wrong later is in the
///          outcome of its request.
Run carry_out(const std::vector<PlannedRequest>& plan, const std::string& address,
              const std::string& ca_file, unsigned connections);

}  // namespace custode::bench
