// Result<T>: a value or an Error. The shape of std::expected, so that a later standard library can take its place.
#pragma once

#include "engine/base/error.h"

#include <tl/expected.hpp>
#include <utility>

namespace bathy {

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
public:
    using tl::expected<T, Error>::expected;
    Result(tl::expected<T, Error> value) : tl::expected<T, Error>(std::move(value)) {}
    Result(Error error) : tl::expected<T, Error>(tl::unexpected<Error>(std::move(error))) {}
};

} // namespace bathy

#define BATHY_CONCAT_INNER(a, b) a##b
#define BATHY_CONCAT(a, b) BATHY_CONCAT_INNER(a, b)

// BATHY_TRY(auto x, expr): declares x from the value of expr, or returns its error from the enclosing function.
#define BATHY_TRY(declaration, expression)                                                                             \
    auto BATHY_CONCAT(bathyResult, __LINE__) = (expression);                                                           \
    if (!BATHY_CONCAT(bathyResult, __LINE__))                                                                          \
        return ::tl::unexpected<::bathy::Error>(std::move(BATHY_CONCAT(bathyResult, __LINE__)).error());               \
    declaration = *std::move(BATHY_CONCAT(bathyResult, __LINE__))

// BATHY_CHECK(expr): returns the error of a Result<...> from the enclosing function, ignores its value.
#define BATHY_CHECK(expression)                                                                                        \
    if (auto bathyChecked = (expression); !bathyChecked)                                                               \
    return ::tl::unexpected<::bathy::Error>(std::move(bathyChecked).error())
