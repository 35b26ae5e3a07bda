#include "widgets/colour/colour_scale.h"

#include <cmath>
#include <gtest/gtest.h>

namespace bathy::widgets {
namespace {

double luminance(QRgb rgb) { // WCAG relative luminance
    const auto linear = [](int c) {
        const double v = c / 255.0;
        return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(qRed(rgb)) + 0.7152 * linear(qGreen(rgb)) + 0.0722 * linear(qBlue(rgb));
}

TEST(ColourRamp, Sequential_lightnessRunsOneWayInBothThemes) {
    for (const bool dark : {false, true}) {
        const auto& ramp = ColourRamp::sequential(dark);
        for (int i = 1; i <= 100; ++i) {
            const double before = luminance(ramp.at((i - 1) / 100.0));
            const double after = luminance(ramp.at(i / 100.0));
            if (dark)
                EXPECT_GT(after, before - 1e-4) << i;
            else
                EXPECT_LT(after, before + 1e-4) << i;
        }
        const double ends = (std::max(luminance(ramp.at(0)), luminance(ramp.at(1))) + 0.05) /
                            (std::min(luminance(ramp.at(0)), luminance(ramp.at(1))) + 0.05);
        EXPECT_GT(ends, 7) << "most and least must differ plainly";
    }
}

TEST(ColourRamp, Ink_isReadableOnEveryColour) {
    for (const bool dark : {false, true})
        for (int i = 0; i <= 100; ++i) {
            const auto& ramp = ColourRamp::sequential(dark);
            const double ground = luminance(ramp.at(i / 100.0)) + 0.05;
            const double ink = luminance(ramp.inkAt(i / 100.0).rgb()) + 0.05;
            EXPECT_GE(std::max(ground, ink) / std::min(ground, ink), 4.5) << dark << ' ' << i;
        }
}

TEST(ColourRamp, At_outsideAndNotANumber_isClamped) {
    const auto& ramp = ColourRamp::sequential(false);
    EXPECT_EQ(ramp.at(-3), ramp.at(0));
    EXPECT_EQ(ramp.at(7), ramp.at(1));
    EXPECT_EQ(ramp.at(NAN), ramp.at(0));
}

TEST(ColourScale, Linear_sharesAndInverse) {
    const ColourScale scale({10, 30}, ScaleKind::Linear);
    EXPECT_DOUBLE_EQ(scale.share(20), 0.5);
    EXPECT_DOUBLE_EQ(scale.share(5), 0);
    EXPECT_DOUBLE_EQ(scale.share(99), 1);
    EXPECT_DOUBLE_EQ(scale.valueAt(0.25), 15);
}

TEST(ColourScale, Logarithmic_decadesAreEvenAndZeroIsLowest) {
    const ColourScale scale({1, 10000}, ScaleKind::Logarithmic);
    EXPECT_DOUBLE_EQ(scale.share(100), 0.5);
    EXPECT_DOUBLE_EQ(scale.share(0), 0);
    EXPECT_NEAR(scale.valueAt(0.75), 1000, 1e-9);
    const ColourScale fromZero({0, 1000}, ScaleKind::Logarithmic);
    EXPECT_DOUBLE_EQ(fromZero.share(1), 0);
    EXPECT_DOUBLE_EQ(fromZero.share(1000), 1);
    EXPECT_EQ(fromZero.valueAt(0), 0);
}

TEST(ColourScale, EmptyRange_neverDividesByZero) {
    const ColourScale scale({0, 0}, ScaleKind::Linear);
    EXPECT_EQ(scale.share(0), 0);
    EXPECT_EQ(scale.share(1), 1);
    EXPECT_TRUE(scale.ticks(5).empty());
    EXPECT_EQ(ColourScale({0, 0}, ScaleKind::Logarithmic).share(NAN), 0);
}

TEST(ColourScale, Ticks_areRoundAndFew) {
    EXPECT_EQ(ColourScale({0, 43}, ScaleKind::Linear).ticks(5), (std::vector<double>{0, 20, 40}));
    EXPECT_EQ(ColourScale({1, 1000}, ScaleKind::Logarithmic).ticks(5), (std::vector<double>{1, 10, 100, 1000}));
    EXPECT_LE(ColourScale({1e-9, 1e9}, ScaleKind::Logarithmic).ticks(6).size(), 6U);
}

} // namespace
} // namespace bathy::widgets
