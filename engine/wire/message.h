// What the fields of a message are told apart by.
#pragma once

#include <concepts>
#include <type_traits>

namespace bathy::wire {

template <class M, class T>
concept Message = std::same_as<std::remove_const_t<M>, T>;

} // namespace bathy::wire
