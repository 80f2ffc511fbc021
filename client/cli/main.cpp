#include "client/cli/command.h"

int main(int count, char** arguments) { return custode::client::run(count, arguments); }
