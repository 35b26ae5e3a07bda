#include "app/bridge/selection.h"

#include <gtest/gtest.h>

namespace bathy::bridge {
namespace {

struct SelectionTest : ::testing::Test {
    SelectionTest() {
        selection.setSession(SessionId{1});
        selection.setTokenCount(10);
        QObject::connect(&selection, &Selection::changed, &selection, [this] { ++signalCount; });
    }
    Selection selection;
    int signalCount = 0;
};

TEST_F(SelectionTest, SelectTokens_beyondTheEnd_isCut) {
    selection.selectTokens({7, 99});
    EXPECT_EQ(selection.state().tokens, (TokenRange{7, 10}));
    selection.selectTokens({-5, 2});
    EXPECT_EQ(selection.state().tokens, (TokenRange{0, 2}));
    selection.selectTokens({20, 30});
    EXPECT_TRUE(selection.state().tokens.isEmpty());
}

TEST_F(SelectionTest, SelectTokens_same_saysNothing) {
    selection.selectToken(3);
    selection.selectToken(3);
    EXPECT_EQ(signalCount, 1);
}

TEST_F(SelectionTest, ExtendTo_bothWays_keepsTheAnchor) {
    selection.selectToken(5);
    selection.extendTo(8);
    EXPECT_EQ(selection.state().tokens, (TokenRange{5, 9}));
    selection.extendTo(2);
    EXPECT_EQ(selection.state().tokens, (TokenRange{2, 6}));
    selection.extendTo(6);
    EXPECT_EQ(selection.state().tokens, (TokenRange{5, 7}));
}

TEST_F(SelectionTest, Step_fromNewest_takesTheLastTokenAndStopsAtBothEnds) {
    selection.step(-1);
    EXPECT_EQ(selection.state().tokens, (TokenRange{9, 10}));
    selection.step(+1);
    EXPECT_EQ(selection.state().tokens, (TokenRange{9, 10}));
    selection.step(-1);
    EXPECT_EQ(selection.state().tokens, (TokenRange{8, 9}));
    selection.step(-100);
    EXPECT_EQ(selection.state().tokens, (TokenRange{0, 1}));
}

TEST_F(SelectionTest, Step_fromRange_leavesAtItsEdge) {
    selection.selectTokens({3, 6});
    selection.step(+1);
    EXPECT_EQ(selection.state().tokens, (TokenRange{6, 7}));
    selection.selectTokens({3, 6});
    selection.step(-1);
    EXPECT_EQ(selection.state().tokens, (TokenRange{2, 3}));
}

TEST_F(SelectionTest, SetTokenCount_shorterConversation_cutsTheSelection) {
    selection.selectTokens({6, 9});
    selection.setTokenCount(7);
    EXPECT_EQ(selection.state().tokens, (TokenRange{6, 7}));
    selection.setTokenCount(2);
    EXPECT_TRUE(selection.state().tokens.isEmpty());
}

TEST_F(SelectionTest, SetSession_another_keepsTheExpertAndDropsTheTokens) {
    selection.selectToken(3);
    selection.selectExpert(LayerId{2}, ExpertId{5});
    selection.setSession(SessionId{2});
    EXPECT_TRUE(selection.state().tokens.isEmpty());
    EXPECT_EQ(selection.state().expert, ExpertId{5});
    selection.selectExpert(std::nullopt, ExpertId{5});
    EXPECT_FALSE(selection.state().expert) << "an expert without a layer means nothing";
}

} // namespace
} // namespace bathy::bridge
