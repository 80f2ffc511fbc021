#include "tests/faults/tamper/verbs.h"

#include <exception>
#include <iostream>
#include <map>

namespace custode::tamper {

void each_line(const std::function<Json(const Json&)>& answer) {
    for (std::string line; std::getline(std::cin, line);)
        std::cout << answer(Json::parse(line)).dump(-1, ' ', true) << std::endl;
}

}  // namespace custode::tamper

int main(int argc, char** argv) {
    namespace tamper = custode::tamper;
    using Verb = void (*)(const tamper::Arguments&);
    static const std::map<std::string, Verb> verbs = {
        {"forge", tamper::forge},
        {"fork-random", tamper::fork_random},
        {"look", tamper::look},
        {"open", tamper::open_sealed},
        {"sign-flipped", tamper::sign_flipped},
        {"swap-sealed", tamper::swap_sealed},
    };
    const tamper::Arguments arguments(argv + 1, argv + argc);
    const auto verb = arguments.empty() ? verbs.end() : verbs.find(arguments.front());
    if (verb == verbs.end()) {
        std::cerr << "custode-tamper: name a verb of tests/faults/tamper/verbs.h\n";
        return 1;
    }
    try {
        verb->second({arguments.begin() + 1, arguments.end()});
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "custode-tamper " << arguments.front() << ": " << error.what() << "\n";
        return 1;
    }
}
