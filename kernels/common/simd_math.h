// Functions over the lanes of Avx2 or Avx512.
#pragma once

namespace bathy::kernels {

// e^x to about one unit in the last place: x = n ln 2 + r, |r| <= ln 2 / 2, Taylor series of e^r to r^7 (remainder
// below 6e-9). Minus infinity gives 0, above 88.7 infinity, NaN stays NaN. Results below 2^-126 are flushed to 0.
template <class V>
inline typename V::F expLanes(typename V::F x) {
    using F = typename V::F;
    const F lowest = V::set1(-87.33654f);
    const F clamped = V::max(lowest, V::min(V::set1(89.0f), x));
    const F n = V::roundToInteger(V::mul(clamped, V::set1(1.44269504f)));
    F r = V::fma(n, V::set1(-0.693359375f), clamped); // ln 2 in two parts, the first exact in few bits
    r = V::fma(n, V::set1(2.12194440e-4f), r);
    F p = V::set1(1.0f / 5040);
    p = V::fma(p, r, V::set1(1.0f / 720));
    p = V::fma(p, r, V::set1(1.0f / 120));
    p = V::fma(p, r, V::set1(1.0f / 24));
    p = V::fma(p, r, V::set1(1.0f / 6));
    p = V::fma(p, r, V::set1(0.5f));
    p = V::fma(p, r, V::set1(1.0f));
    p = V::fma(p, r, V::set1(1.0f));
    return V::zeroWhereLess(V::scaleByPowerOfTwo(p, n), x, lowest);
}

// The sum of the lanes, by the same tree as V::sums.
template <class V>
inline float sumLanes(typename V::F v) {
    return _mm_cvtss_f32(V::sums(v, v, v, v));
}

} // namespace bathy::kernels
