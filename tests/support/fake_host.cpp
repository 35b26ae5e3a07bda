// Stands in for `bathy host --stdio` in tests of the desktop: speaks the same frames, but what it answers is scripted,
// so that a test knows every byte that must arrive. Token i of an answer reads " w<i>".
//
// Model paths: "broken" fails, "endless" loads until it is cancelled, "mute" has no tokenizer, anything else loads.
// Arguments: --rate TOKENS_PER_SECOND, --tokens LENGTH_OF_ANSWERS, --die-after TOKENS (the process aborts),
// --reasoning TOKENS (that many first tokens are reasoning), --garbage (sends what is no frame), --snapshots WHAT
// ("kept": snapshots are saved, listed and deleted, as little files that hold their number of tokens and their name;
// "refused": the disk is full; without it nobody answers a request to save). A session that is restored from one reuses
// as many tokens as it says. For measurements: --shape flash|nano answers Markdown with all records of a model of that
// shape, --prompt TOKENS says how long its prompt is, whatever was asked.
#include "engine/wire/wire.h"
#include "tests/support/sample_run.h"
#include "tests/support/sample_text.h"

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>

namespace {

using namespace bathy;
using Clock = std::chrono::steady_clock;

struct Script {
    double rate = 200;
    std::int64_t tokens = 50;
    std::int64_t dieAfter = -1;
    std::int64_t reasoning = 0;
    std::int64_t prompt = 0;
    std::string snapshots;
    std::optional<testing::SampleShape> shape;
};

constexpr std::int64_t kPrefillChunk = 512;
constexpr std::size_t kTokenBytes = 5;

class Host {
public:
    explicit Host(Script script) : m_script(script) {
        write(wire::encode(wire::Hello{wire::kProtocolVersion, wire::Role::Host, "test"}));
    }

    void run() {
        for (;;) {
            pollfd input{STDIN_FILENO, POLLIN, 0};
            ::poll(&input, 1, waitMs());
            if (input.revents != 0 && !readCommands())
                return;
            if (m_generate && m_prefilled < m_prompt)
                prefill();
            else if (m_generate && Clock::now() >= m_nextToken)
                step();
        }
    }

private:
    int waitMs() const {
        if (!m_generate)
            return -1;
        if (m_prefilled < m_prompt)
            return 0;
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(m_nextToken - Clock::now()).count();
        return static_cast<int>(std::max<long long>(0, left));
    }

    bool readCommands() {
        std::uint8_t buffer[65536];
        const auto got = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (got <= 0)
            return false;
        m_decoder.feed({buffer, static_cast<std::size_t>(got)});
        for (;;) {
            auto command = m_decoder.next();
            if (!command || !command->has_value())
                return command.has_value();
            if (std::holds_alternative<api::Shutdown>(**command))
                return false;
            std::visit([this](const auto& c) { on(c); }, **command);
        }
    }

    void on(const api::LoadModel& command) {
        const auto& path = command.options.path;
        if (path == "broken")
            return send(api::Failed{command.request,
                                    Error(ErrorCode::BadFile, "header of model.safetensors is longer than the file")});
        send(api::Progress{command.request, api::Stage::Load, 50, 100, 1000, 0.05});
        if (path == "endless") {
            m_endlessLoad = command.request;
            return;
        }
        api::ModelLoaded loaded{command.request, {}, 0.1};
        auto& card = loaded.card;
        card.name = "Scripted";
        card.path = path;
        card.family = "deepseek_v4";
        card.fingerprint = "0123456789abcdef";
        card.description = "A stand-in that answers by script.";
        card.parametersTotal = 13'400'000;
        card.parametersActive = 4'100'000;
        card.weightBytes = 27'000'000;
        card.bytesByDtype = {{"F8_E4M3", 9'000'000}, {"MXFP4", 14'000'000}, {"BF16", 4'000'000}};
        card.contextLength = 8192;
        card.routedExperts = 16;
        card.expertsPerToken = 2;
        card.layers = {{api::AttentionKind::SlidingWindow, 0, api::RouterKind::Hash},
                       {api::AttentionKind::CompressedSparse, 4, api::RouterKind::Hash},
                       {api::AttentionKind::HeavilyCompressed, 128, api::RouterKind::Learned},
                       {api::AttentionKind::CompressedSparse, 4, api::RouterKind::Learned}};
        card.kv = {{"packed", 431, 120'000}};
        card.memoryTotalBytes = 8ULL << 30;
        card.memoryAvailableBytes = 5ULL << 30;
        card.fits = true;
        card.hasTokenizer = path != "mute";
        card.chatFormat = card.hasTokenizer ? "deepseek_v4" : "";
        if (path == "cool")
            card.sampling.temperature = 0.6F;
        card.effortsMissingReason = "This checkpoint does not bring the sentences for other efforts.";
        if (m_script.shape) {
            const auto name = card.name;
            card = testing::sampleCard(*m_script.shape);
            card.name = name;
            card.hasTokenizer = true;
            card.chatFormat = "deepseek_v4";
        }
        send(loaded);
    }
    void on(const api::UnloadModel& command) { send(api::ModelUnloaded{command.request}); }
    void on(const api::OpenSession& command) {
        send(api::SessionOpened{command.request, command.session, KvFormat::Packed, 8192});
    }
    // Two places of the prompt, near its beginning and in its middle, are read again and again.
    void on(const api::Probe& command) {
        if (!m_held.contains(raw(command.session)))
            return send(api::Failed{command.request, Error(ErrorCode::BadArgument, "no session has this id")});
        api::ProbeAnswer answer;
        answer.request = command.request;
        answer.tag = command.tag;
        answer.kind = command.kind;
        answer.position = command.position;
        const auto middle = raw(command.position) / 8;
        for (int layer = 0; layer < 4; ++layer) {
            api::LayerMass mass;
            mass.layer = LayerId{layer};
            mass.window = {0.25F, 0.25F};
            mass.sink = 0.0625F;
            if (layer == 1 || layer == 3)
                mass.entries = {{middle, middle * 4, middle * 4 + 4, 0.25F}, {1, 4, 8, 0.125F}};
            answer.layers.push_back(std::move(mass));
        }
        send(answer);
    }
    void on(const api::CloseSession& command) { send(api::SessionClosed{command.request, command.session}); }
    void on(const api::EncodePrompt& command) {
        api::PromptEncoded encoded{command.request, {}, {}, {}};
        if (const auto* text = std::get_if<api::TextPrompt>(&command.prompt))
            encoded.tokens.resize(text->text.size() / 4);
        send(encoded);
    }
    void on(const api::Generate& command) {
        m_generate = command;
        m_done = 0;
        m_prompt = 0;
        if (const auto* chat = std::get_if<api::ChatPrompt>(&command.prompt))
            for (const auto& message : chat->messages)
                m_prompt += static_cast<std::int64_t>(message.content.size() / 4 + 3);
        else if (const auto* given = std::get_if<api::TokenPrompt>(&command.prompt))
            m_prompt = static_cast<std::int64_t>(given->tokens.size());
        if (m_script.shape) {
            m_prompt = m_script.prompt;
            sendSampleTexts();
        }
        m_prefilled = m_script.shape ? 0 : m_prompt;
        m_begin = Clock::now();
        const auto reused = std::min(m_held[raw(command.session)], m_prompt);
        send(api::GenerationStarted{
            command.request, command.generation, command.session, m_prompt, reused, 42, {}, command.bannedExperts});
        if (!m_script.shape)
            sendPrompt();
        m_nextToken = m_begin;
    }
    void on(const api::Cancel& command) {
        if (m_generate && m_generate->request == command.target)
            finish(api::FinishReason::Cancelled);
        if (m_endlessLoad == command.target)
            send(api::Failed{*std::exchange(m_endlessLoad, std::nullopt), cancelled()});
    }
    void on(const api::SaveSnapshot& command) {
        if (m_script.snapshots.empty())
            return;
        if (m_script.snapshots == "refused")
            return send(api::Failed{command.request, Error(ErrorCode::Io, "no space left on device")});
        const auto tokens = m_held[raw(command.session)];
        auto id = std::to_string(1'000'000'000'000'000 + tokens);
        std::filesystem::create_directories(command.folder);
        const auto file = fileOf(command.folder, id);
        std::ofstream(file) << tokens << ' ' << command.name;
        send(api::SnapshotSaved{command.request, command.session, std::move(id), file, tokens, 100, 100, 0.01});
    }
    void on(const api::RestoreSession& command) {
        std::ifstream file(command.file);
        std::int64_t tokens = 0;
        if (!file)
            return send(api::Failed{command.request, Error(ErrorCode::NotFound, command.file + " is not there")});
        if (!(file >> tokens))
            return send(api::Failed{command.request, Error(ErrorCode::BadFile, command.file + " breaks off")});
        m_held[raw(command.session)] = tokens;
        send(api::SessionRestored{
            command.request, command.session, {}, KvFormat::Packed, 8192, tokens, heldTokens(tokens), 100, 0.01});
    }
    void on(const api::VerifySnapshot& command) { send(api::SnapshotVerified{command.request, 40, true, 0, 0.01}); }
    void on(const api::ListSnapshots& command) {
        api::SnapshotList list{command.request, {}, 0};
        std::error_code none;
        for (const auto& entry : std::filesystem::directory_iterator(command.folder, none)) {
            std::ifstream file(entry.path());
            api::SnapshotEntry found;
            file >> found.tokens;
            std::getline(file >> std::ws, found.name);
            found.id = entry.path().stem();
            found.file = entry.path();
            found.model = "Scripted";
            found.fingerprint = "0123456789abcdef";
            found.bytes = 100;
            list.bytes += found.bytes;
            list.snapshots.push_back(std::move(found));
        }
        send(list);
    }
    void on(const api::DeleteSnapshots& command) {
        api::SnapshotsDeleted deleted{command.request, {}, 0};
        std::error_code none;
        const auto left = [&] {
            const auto files = std::filesystem::directory_iterator(command.folder, none);
            return none ? 0U : 100U * static_cast<unsigned>(std::distance(files, {}));
        };
        for (const auto& id : command.ids)
            if (left() > command.keepBytes && std::filesystem::remove(fileOf(command.folder, id), none))
                deleted.ids.push_back(id);
        deleted.bytes = left();
        send(deleted);
    }
    template <class Other>
    void on(const Other&) {}

    static std::string fileOf(const std::string& folder, const std::string& id) {
        return folder + "/" + id + ".snapshot";
    }

    void sendProgress() {
        send(api::Progress{m_generate->request, api::Stage::Prefill, static_cast<std::uint64_t>(m_prefilled),
                           static_cast<std::uint64_t>(m_prompt), 500, 0});
    }

    static std::vector<TokenId> heldTokens(std::int64_t count) {
        std::vector<TokenId> held;
        for (std::int64_t position = 0; position < count; ++position)
            held.push_back(TokenId(static_cast<std::int32_t>(1000 + position)));
        return held;
    }

    // Token i of a prompt has the id 1000 + i.
    void sendPrompt() {
        api::Records records;
        for (std::int64_t position = 0; position < m_prompt; ++position) {
            telemetry::TokenEvent token;
            token.generation = m_generate->generation;
            token.position = Position(position);
            token.token = TokenId(static_cast<std::int32_t>(1000 + position));
            token.phase = telemetry::TokenPhase::Prompt;
            records.records.emplace_back(token);
        }
        send(records);
        sendProgress();
    }

    void sendSampleTexts() {
        for (const auto& event : testing::sampleRun({}))
            if (std::holds_alternative<api::TokenTexts>(event))
                send(event);
    }

    void prefill() {
        const auto end = std::min(m_prefilled + kPrefillChunk, m_prompt);
        for (; m_prefilled < end; ++m_prefilled)
            sendSampleToken(m_prefilled, telemetry::TokenPhase::Prompt);
        sendProgress();
        m_nextToken = Clock::now();
    }

    void sendSampleToken(std::int64_t position, telemetry::TokenPhase phase) {
        send(api::Records{
            testing::sampleToken(*m_script.shape, m_generate->generation, m_generate->session, position, phase)});
    }

    std::string textOf(std::int64_t token) {
        if (!m_script.shape)
            return " w" + std::to_string(token);
        const auto begin = static_cast<std::size_t>(token) * kTokenBytes;
        while (m_markdown.size() < begin + kTokenBytes)
            m_markdown += testing::sampleSection(m_sections++);
        return m_markdown.substr(begin, kTokenBytes);
    }
    std::string textOf(std::int64_t from, std::int64_t to) {
        std::string text;
        for (auto token = from; token < to; ++token)
            text += textOf(token);
        return text;
    }

    void step() {
        if (m_done == m_script.dieAfter)
            std::abort();
        if (m_script.shape)
            sendSampleToken(m_prompt + m_done, telemetry::TokenPhase::Generated);
        else
            sendToken();
        send(api::TextDelta{m_generate->generation, Position(m_prompt + m_done), m_done < m_script.reasoning,
                            textOf(m_done)});
        ++m_done;
        m_nextToken += std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / m_script.rate));
        if (m_done >= m_script.tokens)
            finish(api::FinishReason::EndToken);
        else if (m_done == m_generate->sampling.maxTokens)
            finish(api::FinishReason::MaxTokens);
    }

    void sendToken() {
        const auto position = Position(m_prompt + m_done);
        telemetry::TokenEvent token;
        token.generation = m_generate->generation;
        token.position = position;
        token.token = TokenId(static_cast<std::int32_t>(m_done));
        token.probability = 0.5F;
        telemetry::RoutingEvent routing;
        routing.generation = m_generate->generation;
        routing.position = position;
        routing.layer = LayerId(2);
        routing.count = 2;
        routing.expert = {3, 5};
        routing.weight = {0.75F, 0.25F};
        send(api::TokenTexts{{token.token}, {textOf(m_done)}});
        send(api::Records{{token, routing}});
    }

    void finish(api::FinishReason reason) {
        api::GenerationFinished finished;
        finished.request = m_generate->request;
        finished.generation = m_generate->generation;
        finished.reason = reason;
        finished.promptTokens = m_prompt;
        finished.generatedTokens = m_done;
        finished.reusedTokens = std::min(m_held[raw(m_generate->session)], m_prompt);
        m_held[raw(m_generate->session)] = m_prompt + m_done;
        finished.prefillSeconds = 0.01;
        finished.decodeSeconds = std::chrono::duration<double>(Clock::now() - m_begin).count();
        finished.firstTokenSeconds = 0.02;
        const auto cut = std::min(m_done, m_script.reasoning);
        finished.reasoning = textOf(0, cut);
        finished.text = textOf(cut, m_done);
        m_generate.reset();
        send(finished);
    }

    void send(const api::Event& event) { write(wire::encode(event)); }
    static void write(const Result<wire::Bytes>& frame) {
        if (!frame)
            std::abort();
        for (std::size_t at = 0; at < frame->size();) {
            const auto put = ::write(STDOUT_FILENO, frame->data() + at, frame->size() - at);
            if (put <= 0)
                std::exit(0); // nobody listens any more
            at += static_cast<std::size_t>(put);
        }
    }

    Script m_script;
    wire::CommandDecoder m_decoder;
    std::optional<api::Generate> m_generate;
    std::optional<api::RequestId> m_endlessLoad;
    std::map<std::uint64_t, std::int64_t> m_held; // tokens, by session
    std::int64_t m_done = 0, m_prompt = 0, m_prefilled = 0;
    std::string m_markdown;
    int m_sections = 0;
    Clock::time_point m_begin, m_nextToken;
};

} // namespace

int main(int argc, char** argv) {
    Script script;
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        if (name == "--garbage") {
            (void)!::write(STDOUT_FILENO, "this is no frame at all", 23);
            ::pause();
        }
        if (i + 1 >= argc)
            break;
        if (name == "--rate")
            script.rate = std::atof(argv[++i]);
        else if (name == "--tokens")
            script.tokens = std::atoll(argv[++i]);
        else if (name == "--die-after")
            script.dieAfter = std::atoll(argv[++i]);
        else if (name == "--reasoning")
            script.reasoning = std::atoll(argv[++i]);
        else if (name == "--snapshots")
            script.snapshots = argv[++i];
        else if (name == "--prompt")
            script.prompt = std::atoll(argv[++i]);
        else if (name == "--shape")
            script.shape = std::strcmp(argv[++i], "flash") == 0 ? testing::flashShape() : testing::SampleShape{};
    }
    Host(script).run();
    return 0;
}
