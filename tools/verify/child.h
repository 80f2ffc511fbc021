// tools/verify/child.h
#pragma once

#include <functional>
#include <string>

namespace custode::verify {

/// Runs `work` in a child process and gives its lines to `read`, in order.
///
/// @returns false when the child did not end by itself with success: a crash while reading
/// @throws Error(storage, "verify.child") when there can be no child
bool in_child(const std::function<void(const std::function<void(const std::string&)>& tell)>& work,
              const std::function<void(const std::string&)>& read);

}  // namespace custode::verify
