// The printed golden values of spec 9.3: residual streams after every layer, logits, argmax.
#include "tests/engine/model/model_fixture.h"

#include <cmath>
#include <map>
#include <numeric>

namespace bathy::model::test {
namespace {

using bathy::test::readGoldenCase;

struct StreamValues {
    int after; // layer; -1: the embedding
    std::vector<double> stream0;
    std::vector<double> stream3;
    double l1; // over all tokens
};

class LastStreams final : public StreamSink {
public:
    void onStreams(LayerId after, Position, std::span<const float> streams) override {
        m_streams[raw(after)].assign(streams.begin(), streams.end());
    }
    void check(const StreamValues& expected, std::size_t hiddenSize) {
        const auto& all = m_streams.at(expected.after);
        const auto* last = all.data() + all.size() - 4 * hiddenSize;
        for (std::size_t c = 0; c < 4; ++c) {
            EXPECT_NEAR(last[c], expected.stream0[c], 2e-5) << "after layer " << expected.after;
            EXPECT_NEAR(last[3 * hiddenSize + c], expected.stream3[c], 2e-5) << "after layer " << expected.after;
        }
        const auto sum = std::accumulate(all.begin(), all.end(), 0.0,
                                         [](double s, float v) { return s + std::fabs(static_cast<double>(v)); });
        EXPECT_NEAR(sum / expected.l1, 1, 1e-6) << "after layer " << expected.after;
    }

private:
    std::map<int, std::vector<float>> m_streams;
};

Logits runWith(LoadedCase& loaded, std::span<const TokenId> tokens, StreamSink& streams) {
    Logits logits(tokens.size() * static_cast<std::size_t>(loaded.model().vocabularySize()));
    ForwardOptions options;
    options.logitsAt = LogitsAt::All;
    options.logits = logits;
    options.streams = &streams;
    const auto state = loaded.newState();
    EXPECT_TRUE(loaded.model().forward(*state, tokens, options));
    return logits;
}

struct LogitValues {
    std::size_t token;
    std::vector<double> first; // logits[0:6]
    int argmax;
};

void checkLogits(const Logits& logits, const std::vector<LogitValues>& expected, double l1) {
    for (const auto& row : expected) {
        const auto* ours = logits.data() + row.token * 96;
        for (std::size_t i = 0; i < 6; ++i)
            EXPECT_NEAR(ours[i], row.first[i], 2e-4) << "token " << row.token;
        EXPECT_EQ(argmaxOf(ours, 1, 96)[0], row.argmax) << "token " << row.token;
    }
    const auto sum = std::accumulate(logits.begin(), logits.end(), 0.0,
                                     [](double s, float v) { return s + std::fabs(static_cast<double>(v)); });
    EXPECT_NEAR(sum / l1, 1, 1e-6);
}

TEST(GoldenValues, Of_t6) {
    const auto golden = readGoldenCase("v4_tiny/t6");
    LoadedCase loaded(golden.configJson, golden.rule);
    LastStreams streams;
    const auto logits = runWith(loaded, golden.tokens, streams);
    const std::vector<double> embedding{1.197500, -1.698840, 1.074605, .933353};
    for (const auto& expected : std::vector<StreamValues>{
             {-1, embedding, embedding, 17503.351749},
             {0, {.401929, -1.532604, .236606, .831175}, {-.527113, -.866438, .244475, 1.938819}, 21284.065295},
             {1, {-.305227, -1.321601, .326840, 1.227230}, {-.452639, -1.322356, .640990, 1.238558}, 24317.653455},
             {2, {-.206052, -1.125743, .523502, 1.662713}, {.053910, -1.061252, .470939, 1.793093}, 27268.699720},
             {3, {.294334, -.063754, 1.486009, 2.694974}, {.209739, -.380311, 1.431857, 2.403125}, 29927.709834},
             {4, {.140036, -.646378, .275299, 1.018388}, {.555149, .579553, 2.066405, .968381}, 31922.296342},
             {5, {-.525936, .401620, 1.323378, 1.541640}, {.273099, .373051, 1.027704, 2.011718}, 35070.287296}})
        streams.check(expected, 64);
    checkLogits(logits,
                {{0, {-.063255, .730074, .570750, -.497532, -.227563, -1.064068}, 19},
                 {3, {-.272978, 2.062634, .152554, 2.058372, 1.068472, -.429533}, 19},
                 {8, {.816431, -.745944, -.585173, 1.341784, .919040, 1.726189}, 93},
                 {40, {-2.659673, 1.437709, -.398199, -1.357631, -.206666, -.286656}, 42},
                 {69, {-.188921, -.761299, 1.777617, 2.004303, -.224696, -.800963}, 19}},
                5896.312677);
    const std::vector<int> sequence{19, 87, 19, 19, 72, 59, 93, 41, 93, 85, 19, 0,  88, 0,  76, 2,  47, 88,
                                    0,  43, 4,  41, 60, 82, 88, 59, 88, 88, 63, 35, 83, 18, 86, 45, 47, 18,
                                    94, 10, 57, 47, 42, 84, 87, 47, 78, 41, 84, 37, 59, 88, 1,  18, 23, 32,
                                    1,  29, 2,  83, 0,  12, 19, 73, 58, 35, 2,  28, 31, 2,  20, 19};
    EXPECT_EQ(argmaxOf(logits.data(), 70, 96), sequence);
}

TEST(GoldenValues, Of_t6b) {
    const auto golden = readGoldenCase("v4_tiny/t6b");
    LoadedCase loaded(golden.configJson, golden.rule);
    LastStreams streams;
    const auto logits = runWith(loaded, golden.tokens, streams);
    for (const auto& expected : std::vector<StreamValues>{
             {0, {1.263768, -1.129328, .555481, -1.359823}, {1.505747, -1.322646, .350053, -1.285240}, 91296.294212},
             {1, {1.211894, -.841214, .807243, .423390}, {.953084, -1.393303, .717500, .380318}, 105170.775673},
             {2, {1.070329, -1.660918, 1.727153, .167018}, {1.138928, -1.413247, 1.386327, .164377}, 119945.086483},
             {3, {.893847, -1.209269, 1.979973, .103481}, {.301496, -.074504, 2.922611, -.196790}, 131140.250867},
             {4, {.146720, -.773102, 2.441373, .280086}, {-.410806, .176253, 2.881078, .205278}, 143948.072730},
             {5, {-.128083, -1.920093, 3.153793, 3.015746}, {.026957, -1.291588, 3.312445, 2.313397}, 157344.800276}})
        streams.check(expected, 64);
    checkLogits(logits,
                {{126, {-1.520478, 1.204973, -3.317686, .760261, -1.198817, 1.041237}, 86},
                 {127, {-1.812674, .913992, -.948990, .911509, -2.148067, -1.010079}, 41},
                 {128, {-.086518, -.674886, -.787110, 1.489951, .012944, 1.002826}, 46},
                 {255, {.536961, -.718228, 2.406270, -1.409534, 1.323201, -.202957}, 28},
                 {256, {.632707, .274262, .489494, .277437, -1.098668, .045768}, 41},
                 {299, {.993597, .732033, .117431, .022954, .752604, .228688}, 52}},
                25223.263396);
}

} // namespace
} // namespace bathy::model::test
