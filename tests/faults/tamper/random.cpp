#include "archive/base/error.h"
#include "archive/crypto/digest.h"
#include "tests/faults/tamper/verbs.h"

#include <sys/wait.h>
#include <unistd.h>

#include <iostream>
#include <set>

namespace custode::tamper {
namespace {

using Draw = std::array<std::uint8_t, 24>;  // as nonces and salts are

void draw_into(int pipe, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
        Draw draw{};
        crypto::fill_random(draw);
        require(::write(pipe, draw.data(), draw.size()) == static_cast<ssize_t>(draw.size()),
                "a draw can be told");
    }
}

}  // namespace

/// A generator that keeps its state in memory gives a forked child what it gives its parent.
void fork_random(const Arguments& arguments) {
    const auto children = static_cast<unsigned>(std::stoul(arguments.at(0)));
    const auto each = static_cast<unsigned>(std::stoul(arguments.at(1)));
    Draw warm{};
    crypto::fill_random(warm);  // so that there is a state to inherit
    std::set<Draw> drawn{warm};
    std::uint64_t count = 1;
    for (unsigned child = 0; child <= children; ++child) {
        int ends[2] = {-1, -1};
        require(::pipe(ends) == 0, "a pipe can be made");
        const pid_t forked = child == children ? -1 : ::fork();
        if (forked <= 0) draw_into(ends[1], each);
        if (forked == 0) ::_exit(0);
        ::close(ends[1]);
        for (Draw draw{}; ::read(ends[0], draw.data(), draw.size()) > 0; ++count)
            drawn.insert(draw);
        ::close(ends[0]);
        if (forked > 0) ::waitpid(forked, nullptr, 0);
    }
    std::cout << Json{{"drawn", count}, {"distinct", drawn.size()}}.dump() << std::endl;
}

}  // namespace custode::tamper
