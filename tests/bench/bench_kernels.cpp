// How fast weights are read: GB/s of stored bytes for each form against the machine's own read bandwidth, measured in
// the same run by the same threads. Not part of the tests; see HACKING.md.
#include "engine/ops/attention.h"
#include "engine/ops/experts.h"
#include "engine/ops/indexer.h"
#include "engine/ops/linear.h"
#include "tests/kernels/random_weight.h"

#include <benchmark/benchmark.h>

#include <map>
#include <memory>

namespace bathy {
namespace {

// Larger than any cache we expect, so that every pass comes from memory.
constexpr std::int64_t kColdBytes = std::int64_t{192} << 20;

struct Setup {
    explicit Setup(int threads) : pool(threads) {}
    ThreadPool pool;
    ops::Scratch scratch;
    ops::Context context{pool, scratch, device::detectCpuFeatures().bestLevel()};
};

// One for each number of threads; 0: as many as there are cores.
Setup& setup(int threads = 0) {
    static std::map<int, Setup> instances;
    return instances.try_emplace(threads, threads).first->second;
}

// Random bytes are as good as random weights: no form decodes faster for some values. Codes of NaN and scales so small
// that processors stumble over the products are avoided.
std::vector<std::byte> randomBytes(std::int64_t count) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(count));
    std::mt19937_64 engine(1);
    for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
        const std::uint64_t word = (engine() & 0x3b3b3b3b3b3b3b3bu) | 0x4040404040404040u;
        std::memcpy(bytes.data() + i, &word, 8);
    }
    return bytes;
}

const std::vector<std::byte>& coldBytes() {
    static const auto bytes = randomBytes(kColdBytes);
    return bytes;
}

void report(benchmark::State& state, std::int64_t bytes, std::int64_t flops) {
    state.SetBytesProcessed(state.iterations() * bytes);
    state.counters["GB/s"] =
        benchmark::Counter(static_cast<double>(bytes) * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
    if (flops > 0)
        state.counters["GFLOP/s"] =
            benchmark::Counter(static_cast<double>(flops) * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

void readBandwidth(benchmark::State& state) {
    const auto& bytes = coldBytes();
    auto& pool = setup(static_cast<int>(state.range(0))).pool;
    for (auto _ : state) {
        std::vector<std::uint64_t> sums(static_cast<std::size_t>(pool.threadCount()) * 8);
        pool.parallelFor(bytes.size() / 64, 1, [&](std::size_t begin, std::size_t end, int worker) {
            std::uint64_t sum[8] = {};
            for (auto i = begin; i < end; ++i) {
                std::uint64_t line[8];
                std::memcpy(line, bytes.data() + 64 * i, 64);
                for (int k = 0; k < 8; ++k)
                    sum[k] += line[k];
            }
            for (std::size_t k = 0; k < 8; ++k)
                sums[static_cast<std::size_t>(worker) * 8 + k] = sum[k];
        });
        benchmark::DoNotOptimize(sums.data());
    }
    report(state, kColdBytes, 0);
}
BENCHMARK(readBandwidth)->ArgName("threads")->Arg(0)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

// A matrix of `cols` inputs whose stored bytes fill `bytes`.
ops::WeightView matrix(DType dtype, std::int64_t cols, std::int64_t bytes) {
    static const auto scales = [] {
        std::vector<std::byte> result(std::size_t{32} << 20, std::byte{120});
        return result;
    }();
    ops::WeightView view;
    view.dtype = dtype;
    view.cols = cols;
    view.rowBytes = static_cast<std::int64_t>(dtypeBytes(dtype, static_cast<std::uint64_t>(cols)));
    view.rows = bytes / view.rowBytes;
    view.data = coldBytes().data();
    view.blockCols = cols;
    if (dtype == DType::F8E4M3)
        view.blockRows = view.blockCols = 128;
    if (dtype == DType::F4E2M1)
        view.blockCols = 32;
    if (dtype == DType::F8E4M3 || dtype == DType::F4E2M1)
        view.scale = scales.data();
    return view;
}

void linearBench(benchmark::State& state, DType dtype) {
    const auto tokens = state.range(0);
    const auto view = matrix(dtype, 4096, tokens > 1 ? std::int64_t{8} << 20 : kColdBytes);
    auto& s = setup();
    const auto x = test::Random(1).normals(tokens * view.cols);
    std::vector<float> y(static_cast<std::size_t>(tokens * view.rows));
    for (auto _ : state) {
        ops::linear(s.context, view, x.data(), tokens, y.data());
        benchmark::DoNotOptimize(y.data());
    }
    report(state, ops::weightBytes(view), 2 * view.rows * view.cols * tokens);
}
BENCHMARK_CAPTURE(linearBench, f32, DType::F32)->Arg(1)->Arg(64)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(linearBench, bf16, DType::BF16)->Arg(1)->Arg(64)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(linearBench, f16, DType::F16)->Arg(1)->Arg(64)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(linearBench, f8, DType::F8E4M3)
    ->Arg(1)
    ->Arg(4)
    ->Arg(64)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(linearBench, f4, DType::F4E2M1)
    ->Arg(1)
    ->Arg(4)
    ->Arg(64)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// GGUF blocks: decoded to floats (exact) or multiplied as integers with activations rounded to bytes (fast).
void blocksBench(benchmark::State& state, DType dtype, Precision precision) {
    const auto tokens = state.range(0);
    const auto view = matrix(dtype, 4096, tokens > 1 ? std::int64_t{8} << 20 : kColdBytes);
    auto context = setup(static_cast<int>(state.range(1))).context;
    context.precision = precision;
    const auto x = test::Random(1).normals(tokens * view.cols);
    std::vector<float> y(static_cast<std::size_t>(tokens * view.rows));
    for (auto _ : state) {
        ops::linear(context, view, x.data(), tokens, y.data());
        benchmark::DoNotOptimize(y.data());
    }
    report(state, ops::weightBytes(view), 2 * view.rows * view.cols * tokens);
}

int registerBlocks() {
    for (const auto dtype :
         {DType::Q8_0, DType::Q4_0, DType::Q4_1, DType::Q5_0, DType::Q5_1, DType::Q2_K, DType::Q3_K, DType::Q4_K,
          DType::Q5_K, DType::Q6_K, DType::IQ2_XXS, DType::IQ4_NL, DType::IQ4_XS, DType::MXFP4, DType::NVFP4})
        for (const auto precision : {Precision::Exact, Precision::Fast}) {
            const auto name =
                "blocksBench/" + std::string(dtypeName(dtype)) + (precision == Precision::Fast ? "/fast" : "/exact");
            benchmark::RegisterBenchmark(name.c_str(), blocksBench, dtype, precision)
                ->ArgNames({"tokens", "threads"})
                ->Args({1, 1})
                ->Args({1, 2})
                ->Args({64, 2})
                ->UseRealTime()
                ->Unit(benchmark::kMillisecond);
        }
    return 0;
}
[[maybe_unused]] const int kRegistered = registerBlocks();

// One V4-Flash attention core at decode: 128 window rows and 512 picked entries in the 584-byte form.
void attentionBench(benchmark::State& state) {
    constexpr std::int64_t kHeads = 64;
    const kernels::KvRowLayout layout{kernels::KvRowFormat::Packed, 512, 64};
    const auto tokens = state.range(0);
    const auto rows = state.range(1);
    const auto values = test::Random(2).normals(512);
    std::vector<std::byte> bytes(static_cast<std::size_t>(rows * 584));
    for (std::int64_t r = 0; r < rows; ++r)
        kernels::packKvRow(layout, values.data(), bytes.data() + r * 584);
    const ops::KvRows store{layout, bytes.data(), 584};
    const ops::KvPick pick{&store, nullptr, 0, rows};
    const auto q = test::Random(3).normals(tokens * kHeads * 512, 0.1f);
    std::vector<float> out(q.size());
    std::vector<ops::AttentionToken> list;
    for (std::int64_t t = 0; t < tokens; ++t)
        list.push_back({q.data() + t * kHeads * 512, out.data() + t * kHeads * 512, {&pick, 1}, nullptr});
    for (auto _ : state) {
        ops::attention(setup().context, {kHeads, 512, 0.044f, nullptr}, list);
        benchmark::DoNotOptimize(out.data());
    }
    report(state, tokens * rows * 584, 4 * tokens * kHeads * 512 * rows);
}
BENCHMARK(attentionBench)
    ->Args({1, 640})
    ->Args({1, 8320})
    ->Args({32, 640})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// Indexer of one V4-Flash CSA layer over range(0) entries.
void indexerBench(benchmark::State& state) {
    const auto count = state.range(0);
    std::vector<std::byte> bytes(static_cast<std::size_t>(count * 68));
    const auto values = test::Random(4).normals(128);
    for (std::int64_t s = 0; s < count; ++s)
        kernels::packIndexKey(kernels::IndexKeyFormat::Fp4, 128, values.data(), bytes.data() + s * 68);
    const ops::IndexKeys keys{kernels::IndexKeyFormat::Fp4, 128, bytes.data(), 68, count};
    const auto q = test::Random(5).normals(64 * 128);
    const auto weights = test::Random(6).normals(64);
    std::vector<std::int32_t> picks(512);
    std::int32_t picked = 0;
    for (auto _ : state) {
        ops::indexSelect(setup().context, keys, {1, 64, q.data(), weights.data(), &count}, 512, picks.data(), &picked);
        benchmark::DoNotOptimize(picks.data());
    }
    report(state, count * 68, 2 * count * 64 * 128);
}
BENCHMARK(indexerBench)->Arg(1024)->Arg(32768)->UseRealTime()->Unit(benchmark::kMillisecond);

// The mixture of one V4-Flash layer with 8 experts in memory, 6 of them chosen: three F4 matrices each, F8 shared
// expert.
void expertsBench(benchmark::State& state) {
    const auto tokens = state.range(0);
    const auto slice = [](DType dtype, std::int64_t rows, std::int64_t cols, std::int64_t offset) {
        auto view = matrix(dtype, cols, 0);
        view.rows = rows;
        view.data += offset;
        return view;
    };
    constexpr std::int64_t kMatrix = 2048 * 4096 / 2;
    std::vector<ops::ExpertWeights> experts;
    for (std::int64_t e = 0; e < 8; ++e)
        experts.push_back({slice(DType::F4E2M1, 2048, 4096, 3 * e * kMatrix),
                           slice(DType::F4E2M1, 4096, 2048, (3 * e + 1) * kMatrix),
                           slice(DType::F4E2M1, 2048, 4096, (3 * e + 2) * kMatrix)});
    const ops::ExpertWeights shared{slice(DType::F8E4M3, 2048, 4096, 24 * kMatrix),
                                    slice(DType::F8E4M3, 4096, 2048, 26 * kMatrix),
                                    slice(DType::F8E4M3, 2048, 4096, 28 * kMatrix)};
    const auto x = test::Random(7).normals(tokens * 4096);
    std::vector<float> y(x.size());
    std::vector<std::int32_t> chosen;
    const std::vector<float> weights(static_cast<std::size_t>(tokens * 6), 0.25f);
    for (std::int64_t t = 0; t < tokens; ++t)
        for (std::int64_t i = 0; i < 6; ++i)
            chosen.push_back(static_cast<std::int32_t>((t + i) % 8));
    ops::ExpertsJob job{experts, &shared, 10.0f, tokens, 6, chosen.data(), weights.data(), x.data(), y.data()};
    for (auto _ : state) {
        ops::runExperts(setup().context, job);
        benchmark::DoNotOptimize(y.data());
    }
    const auto active = std::min<std::int64_t>(8, tokens + 5);
    const auto bytes = active * 3 * kMatrix * 17 / 16 + 3 * 2 * kMatrix;
    report(state, bytes, 2 * tokens * 7 * 3 * 2048 * 4096);
}
BENCHMARK(expertsBench)->Arg(1)->Arg(64)->UseRealTime()->Unit(benchmark::kMillisecond);

} // namespace
} // namespace bathy

BENCHMARK_MAIN();
