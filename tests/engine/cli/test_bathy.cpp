// The program itself: exit codes, what goes to which stream, and every malformed file of the corpus.
#include "engine/base/text_file.h"
#include "tests/engine/cli/run_bathy.h"
#include "tests/support/scratch_folder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>

using bathy::readTextFile;
using bathy::test::runBathy;
using bathy::test::ScratchFolder;
using nlohmann::json;

namespace {

const std::filesystem::path kFuzz = std::filesystem::path(BATHY_SOURCE_DIR) / "tests" / "fuzz";

json cases() {
    return json::parse(readTextFile(kFuzz / "bad_checkpoints" / "cases.json", 1 << 20).value());
}

// Exactly one error line, at most one hint, nothing else on stderr.
void expectOneError(const std::string& err, const std::string& what) {
    EXPECT_EQ(err.find("bathy: error: "), 0U) << what << ": " << err;
    const auto lines = std::count(err.begin(), err.end(), '\n');
    const bool hint = err.find("\nbathy: hint: ") != std::string::npos;
    EXPECT_EQ(lines, hint ? 2 : 1) << what << ": " << err;
}

} // namespace

TEST(Bathy, usageErrors_exitWithTwo) {
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                      {"nothing"},
                                                      {"info"},
                                                      {"info", "x", "y"},
                                                      {"info", "x", "--bogus"},
                                                      {"synth", "v9", "never-made"},
                                                      {"--threads", "-1", "info", "x"}}) {
        const auto ran = runBathy(arguments);
        EXPECT_EQ(ran.exitCode, 2);
        EXPECT_EQ(ran.out, "");
        expectOneError(ran.err, "usage");
    }
}

TEST(Bathy, helpAndVersion_exitWithZero) {
    EXPECT_NE(runBathy({"--help"}).out.find("info"), std::string::npos);
    EXPECT_EQ(runBathy({"--version"}).out.find("bathy 0."), 0U);
    EXPECT_EQ(runBathy({"info", "--help"}).exitCode, 0);
}

TEST(Bathy, missingModel_exitsWithThreeAndSaysSoInJsonToo) {
    const auto ran = runBathy({"info", "/no/such/model", "--json"});
    EXPECT_EQ(ran.exitCode, 3);
    expectOneError(ran.err, "missing");
    EXPECT_EQ(json::parse(ran.out)["error"]["code"], "not_found");
}

TEST(Bathy, everyRuleForMalformedFiles_hasACase) {
    std::set<std::string> rules;
    for (const auto& kind : cases())
        for (const auto& one : kind)
            rules.insert(one["rule"].get<std::string>());
    for (int rule = 1; rule <= 18; ++rule)
        EXPECT_TRUE(rules.contains("S" + std::to_string(rule))) << rule;
}

TEST(Bathy, aMillionTensors_areRefused) { // S4, too large to be kept as a file
    std::string header = "{";
    for (int i = 0; i <= 1'000'000; ++i)
        header += (i ? ",\"" : "\"") + std::to_string(i) + R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
    header += "}";
    auto length = static_cast<std::uint64_t>(header.size());
    std::string file(reinterpret_cast<const char*>(&length), sizeof length);
    ScratchFolder folder;
    const auto ran = runBathy({"tensors", folder.write("many.safetensors", file + header).string()});
    EXPECT_EQ(ran.exitCode, 3);
    expectOneError(ran.err, "many");
    EXPECT_NE(ran.err.find("more than 1000000 tensors"), std::string::npos) << ran.err;
}

TEST(Bathy, malformedFiles_exitWithThreeAndOneSentence) {
    const auto all = cases()["safetensors"];
    for (const auto& one : all) {
        const auto file = one["file"].get<std::string>();
        const auto ran = runBathy({"tensors", (kFuzz / "corpus" / "safetensors" / file).string()});
        EXPECT_EQ(ran.exitCode, 3) << file;
        EXPECT_EQ(ran.out, "") << file;
        expectOneError(ran.err, file);
        EXPECT_NE(ran.err.find(file), std::string::npos) << ran.err;
    }
}

TEST(Bathy, malformedConfigs_exitWithThreeAndNameTheField) {
    const auto all = cases()["config"];
    for (const auto& one : all) {
        const auto file = one["file"].get<std::string>();
        ScratchFolder folder;
        std::filesystem::copy(kFuzz / "bad_checkpoints" / "good" / "model.safetensors",
                              folder.path() / "model.safetensors");
        std::filesystem::copy(kFuzz / "corpus" / "config" / file, folder.path() / "config.json");
        const auto ran = runBathy({"info", folder.path().string()});
        EXPECT_EQ(ran.exitCode, 3) << file;
        EXPECT_EQ(ran.out, "") << file;
        expectOneError(ran.err, file);
        EXPECT_NE(ran.err.find("config.json"), std::string::npos) << ran.err;
    }
}

TEST(Bathy, malformedFolders_areRefusedByVerify) {
    const auto all = cases()["folders"];
    for (const auto& one : all) {
        const auto folder = one["folder"].get<std::string>();
        const auto ran = runBathy({"verify", (kFuzz / "bad_checkpoints" / folder).string()});
        EXPECT_EQ(ran.exitCode, 3) << folder;
        for (const auto& word : one["words"])
            EXPECT_NE((ran.out + ran.err).find(word.get<std::string>()), std::string::npos)
                << folder << ": " << ran.out << ran.err << " lacks " << word;
    }
    EXPECT_EQ(runBathy({"verify", (kFuzz / "bad_checkpoints" / "good").string()}).exitCode, 0);
}

TEST(Bathy, malformedGguf_exitsWithThreeAndNamesTheField) {
    const auto folder = kFuzz / "bad_gguf";
    const auto all = json::parse(readTextFile(folder / "cases.json", 1 << 20).value());
    const auto expectRefused = [](const char* command, const std::filesystem::path& path, const json& one) {
        const auto ran = runBathy({command, path.string()});
        EXPECT_EQ(ran.exitCode, 3) << path << ": " << ran.out << ran.err;
        for (const auto& word : one["words"])
            EXPECT_NE((ran.out + ran.err).find(word.get<std::string>()), std::string::npos)
                << path << ": " << ran.out << ran.err << " lacks " << word;
    };
    for (const auto& one : all["files"])
        expectRefused("tensors", kFuzz / "corpus" / "gguf" / one["file"].get<std::string>(), one);
    for (const auto& one : all["sets"])
        expectRefused("tensors", folder / one["set"].get<std::string>() / one["open"].get<std::string>(), one);
    ASSERT_GE(all["models"].size(), 45U);
    for (const auto& one : all["models"])
        expectRefused("verify", folder / "models" / one["file"].get<std::string>(), one);
    EXPECT_EQ(runBathy({"verify", (folder / "models" / "good.gguf").string()}).exitCode, 0);
    EXPECT_EQ(runBathy({"info", (folder / "models" / "good.gguf").string()}).exitCode, 0);
}

TEST(Bathy, convert_bundledToGgufAndBack_keepsIdsAndChoices) {
    ScratchFolder folder;
    const auto file = (folder.path() / "bundled.gguf").string();
    const auto back = (folder.path() / "back").string();
    const auto there = runBathy({"convert", "bundled", file, "--to", "gguf", "--dense", "bf16", "--json"});
    ASSERT_EQ(there.exitCode, 0) << there.err;
    const auto report = json::parse(there.out);
    EXPECT_EQ(report["changed"], json::array()); // FP8 with power-of-two scales fits BF16, FP4 is MXFP4
    for (const auto& name : report["left_out"])
        EXPECT_EQ(name.get<std::string>().find("mtp."), 0U) << name;
    EXPECT_EQ(runBathy({"verify", file}).exitCode, 0);
    const auto again = runBathy({"convert", file, back, "--to", "safetensors", "--json"});
    ASSERT_EQ(again.exitCode, 0) << again.err;
    EXPECT_EQ(json::parse(again.out)["lossless"], true);
    EXPECT_EQ(runBathy({"verify", back}).exitCode, 0);

    const auto idsOf = [](const std::string& model) {
        const auto ran = runBathy({"tokenize", model, "--text", "Hello <|User|> 12345, wörld\n", "--json"});
        return json::parse(ran.out)["ids"];
    };
    const auto ids = idsOf("bundled");
    EXPECT_EQ(idsOf(file), ids);
    EXPECT_EQ(idsOf(back), ids);
    const auto choicesOf = [&](const std::string& model) {
        const auto out = (folder.path() / "logits.npy").string();
        const auto ran = runBathy({"logits", model, "--tokens", "0,5,6,7,8,9,10,11,12,13,14,15", "--out", out,
                                   "--precision", "exact", "--json"});
        return json::parse(ran.out)["argmax"];
    };
    const auto choices = choicesOf("bundled");
    EXPECT_EQ(choicesOf(file), choices);
    EXPECT_EQ(choicesOf(back), choices);
    EXPECT_EQ(runBathy({"convert", "bundled", file, "--to", "gguf"}).exitCode, 2); // nothing is overwritten
    EXPECT_EQ(runBathy({"convert", "bundled", file + "2", "--to", "gguf", "--dense", "q9"}).exitCode, 2);
}

TEST(Bathy, logitsPicks_areWhatTheIndexerChoseAndChangeNoBit) {
    constexpr std::int64_t kTokens = 300;
    constexpr std::int64_t kPlaces = 32; // of each of the bundled checkpoint's two sparse layers
    ScratchFolder folder;
    std::string tokens = "0";
    for (int i = 1; i < kTokens; ++i)
        tokens += "," + std::to_string(300 + 7 * i % 1000);
    const auto path = [&](const char* name) { return (folder.path() / name).string(); };
    const auto content = [&](const char* name) { return readTextFile(path(name), 1U << 24U).value(); };
    const auto plain = runBathy({"logits", "bundled", "--tokens", tokens, "--out", path("plain.npy")});
    ASSERT_EQ(plain.exitCode, 0) << plain.err;
    const auto ran = runBathy({"logits", "bundled", "--tokens", tokens, "--out", path("with.npy"), "--picks",
                               path("picks.npy"), "--chunk", "64"});
    ASSERT_EQ(ran.exitCode, 0) << ran.err;
    EXPECT_EQ(content("plain.npy"), content("with.npy"));

    const auto bytes = content("picks.npy");
    ASSERT_NE(bytes.find("'descr': '<i4', 'fortran_order': False, 'shape': (300, 64)"), std::string::npos);
    std::vector<std::int32_t> picks(kTokens * 2 * kPlaces);
    ASSERT_EQ(bytes.size(), 128 + picks.size() * 4);
    std::memcpy(picks.data(), bytes.data() + 128, picks.size() * 4);
    for (std::int64_t t = 0; t < kTokens; ++t)
        for (std::int64_t layer = 0; layer < 2; ++layer) {
            const auto* row = picks.data() + (2 * t + layer) * kPlaces;
            const auto entries = (t + 1) / 4;
            if (entries <= kPlaces) {
                EXPECT_EQ(std::count(row, row + kPlaces, -1), kPlaces) << "nothing to choose at " << t;
                continue;
            }
            EXPECT_GE(row[0], 0);
            EXPECT_LT(row[kPlaces - 1], entries) << t;
            EXPECT_TRUE(std::is_sorted(row, row + kPlaces, std::less_equal<>())) << "each entry once, at " << t;
        }
}

TEST(Bathy, logitsPicks_ofAModelWithoutIndexer_isRefused) {
    ScratchFolder folder;
    const auto path = [&](const char* name) { return (folder.path() / name).string(); };
    auto config = json::parse(
        *readTextFile(std::filesystem::path(BATHY_SOURCE_DIR) / "resources/checkpoints/nano/config.json", 1U << 20U));
    config["compress_ratios"] = {0, 0, 0, 0, 0, 0, 0};
    config.erase("quantization_config");
    std::ofstream(path("config.json")) << config;
    ASSERT_EQ(runBathy({"synth", path("config.json"), path("windowed")}).exitCode, 0);
    const auto ran =
        runBathy({"logits", path("windowed"), "--tokens", "0,1", "--out", path("l.npy"), "--picks", path("p.npy")});
    EXPECT_NE(ran.exitCode, 0);
    EXPECT_NE(ran.err.find("--picks"), std::string::npos) << ran.err;
}

TEST(Bathy, verifyJson_listsProblemsAndExitsWithThree) {
    const auto ran = runBathy({"verify", "--json", (kFuzz / "bad_checkpoints" / "s14_many_differences").string()});
    EXPECT_EQ(ran.exitCode, 3);
    EXPECT_EQ(ran.err, "");
    const auto document = json::parse(ran.out);
    EXPECT_EQ(document["ok"], false);
    EXPECT_EQ(document["problems"].size(), 3U);
}

TEST(Bathy, synthInfoTensors_jsonHasWhatTheContractNames) {
    ScratchFolder folder;
    const auto model = (folder.path() / "flash").string();
    const auto made = runBathy({"synth", "v4-flash", model, "--headers-only", "--json"});
    ASSERT_EQ(made.exitCode, 0) << made.err;
    EXPECT_EQ(json::parse(made.out)["bytes"], 159'609'485'896U);
    EXPECT_EQ(json::parse(made.out)["tensors"], 69'187);

    const auto info = json::parse(runBathy({"info", model, "--json"}).out);
    EXPECT_EQ(info["family"], "deepseek_v4");
    EXPECT_EQ(info["parameters"]["text"], "284.33B/13.27B");
    EXPECT_EQ(info["bytes"]["total"], 159'609'485'896U);
    EXPECT_EQ(info["layers"].size(), 43U);
    EXPECT_EQ(info["layers"][2]["attention"], "compressed_sparse");
    EXPECT_EQ(info["layers"][2]["router"], "hash");
    EXPECT_EQ(info["context_length"], 1'048'576);
    EXPECT_NEAR(info["kv"]["bytes_per_token"].get<double>(), 3514.25, 1e-9);
    EXPECT_EQ(info["kv"]["at"].size(), 3U);
    EXPECT_EQ(info["fit"][0]["device"], "cpu");
    EXPECT_GE(info["fit"].size(), 2U);
    for (const auto& fit : info["fit"])
        EXPECT_EQ(fit["usable"].get<bool>(), fit["reason"].get<std::string>().empty()) << fit;
    EXPECT_TRUE(info["tokenizer"].is_null());
    EXPECT_TRUE(info["chat"].is_null());

    const auto tensors =
        json::parse(runBathy({"tensors", model, "--match", "layers.2.*.ape", "--json"}).out)["tensors"];
    ASSERT_EQ(tensors.size(), 2U);
    EXPECT_EQ(tensors[0]["shape"], json({4, 1024}));
    EXPECT_EQ(tensors[0]["dtype"], "F32");
}

TEST(Bathy, infoOfTheBundledModel_tellsTokenizerAndChatFormat) {
    const auto info = json::parse(runBathy({"info", "bundled", "--json"}).out);
    EXPECT_EQ(info["tokenizer"]["kind"], "byte_level_bpe");
    EXPECT_GT(info["tokenizer"]["vocabulary"], 256);
    EXPECT_EQ(info["chat"]["format"], info["family"]);
    EXPECT_NE(runBathy({"info", "bundled"}).out.find("byte-level BPE"), std::string::npos);
}

TEST(Bathy, verifyHashes_comparesWithWhatIsPublished) {
    ScratchFolder folder;
    std::filesystem::copy(kFuzz / "bad_checkpoints" / "good", folder.path() / "m");
    const auto model = (folder.path() / "m").string();
    const auto hashes = [&] { return json::parse(runBathy({"verify", model, "--hashes", "--json"}).out)["hashes"]; };
    const auto plain = hashes();
    ASSERT_EQ(plain.size(), 2U); // the weights and config.json
    const auto sum = plain[0]["sha256"].get<std::string>();
    EXPECT_EQ(sum.size(), 64U);
    EXPECT_EQ(plain[0]["file"], "model.safetensors");
    EXPECT_EQ(plain[0]["expected"], "");
    EXPECT_FALSE(json::parse(runBathy({"verify", model, "--json"}).out).contains("hashes"));

    std::ofstream(folder.path() / "m" / "SHA256SUMS") << sum << "  model.safetensors\n";
    EXPECT_EQ(hashes()[0]["source"], "SHA256SUMS");
    EXPECT_EQ(runBathy({"verify", model, "--hashes"}).exitCode, 0);

    std::ofstream(folder.path() / "m" / "SHA256SUMS") << std::string(64, '0') << "  model.safetensors\n";
    const auto wrong = runBathy({"verify", model, "--hashes"});
    EXPECT_EQ(wrong.exitCode, 3);
    EXPECT_NE(wrong.out.find("model.safetensors: its SHA-256 is not the published one"), std::string::npos)
        << wrong.out;
    EXPECT_EQ(runBathy({"verify", model}).exitCode, 0);

    // A file of the cache is a link to a blob that is named by its hash.
    std::filesystem::remove(folder.path() / "m" / "SHA256SUMS");
    std::filesystem::rename(folder.path() / "m" / "model.safetensors", folder.path() / sum);
    std::filesystem::create_symlink(folder.path() / sum, folder.path() / "m" / "model.safetensors");
    EXPECT_EQ(hashes()[0]["source"], "Hugging Face cache");
    EXPECT_TRUE(hashes()[0]["ok"]);
}

TEST(Bathy, tensorStats_areOfDecodedValues) {
    ScratchFolder folder;
    const auto model = (folder.path() / "t6").string();
    ASSERT_EQ(runBathy({"synth", "tiny-v4", model}).exitCode, 0);
    const auto stats = [&](const std::string& name, const std::string& path) {
        return json::parse(
            runBathy({"tensors", path, "--match", name, "--stats", "--json"}).out)["tensors"][0]["stats"];
    };
    const auto embed = stats("embed.weight", model); // uniform in [-2, 2)
    EXPECT_EQ(embed["count"], 96 * 64);
    EXPECT_NEAR(embed["std"].get<double>(), 2 / std::sqrt(3.0), 0.02);
    EXPECT_NEAR(embed["max"].get<double>(), 2, 0.01);
    EXPECT_EQ(embed["nan"], 0);
    EXPECT_EQ(stats("*tid2eid", model)["max"], 7);
    const auto bad = (kFuzz / "bad_checkpoints").string();
    const auto weight = stats("layers.0.attn.wq_a.weight", bad + "/s17_scale_negative_f32"); // all 1.0, scale -1
    EXPECT_EQ(weight["min"], -1.0);
    EXPECT_EQ(weight["max"], -1.0);
    EXPECT_EQ(weight["std"], 0.0);
    EXPECT_EQ(stats("layers.0.attn.wq_a.scale", bad + "/s17_scale_nan_e8m0")["nan"], 1);
    EXPECT_TRUE(stats("layers.0.attn.wq_a.weight", bad + "/s17_no_scale").is_null());
}

TEST(Bathy, interrupt_stopsWithin300msAndExitsWith130) {
    ScratchFolder folder;
    // Enough to write for many seconds; stopped early, it removes what it wrote.
    const auto model = folder.path() / "m";
    const auto ran = runBathy({"synth", "v4-flash", model.string(), "--layers", "2", "--experts", "32"},
                              [&](const std::filesystem::path&) { return std::filesystem::exists(model); });
    if (ran.exitCode == 1)
        GTEST_SKIP() << "no room on this disk: " << ran.err;
    EXPECT_EQ(ran.exitCode, 130);
    EXPECT_EQ(ran.err, "");
    EXPECT_FALSE(std::filesystem::exists(model));
    RecordProperty("seconds_to_stop", std::to_string(ran.seconds));
}
