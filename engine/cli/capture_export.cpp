#include "engine/cli/capture_export.h"

#include <map>

namespace bathy::cli {

namespace {

// Texts of tokens as they were told, for readable tables.
using Texts = std::map<std::int32_t, std::string>;

std::vector<std::string> columnsOf(std::string_view what) {
    if (what == "tokens")
        return {"generation",          "position", "phase",   "token", "text",    "rank",   "probability",
                "sampled_probability", "entropy",  "time_ns", "guess", "guessed", "gain_ns"};
    if (what == "routing")
        return {"generation", "position", "token", "layer", "rank", "expert", "weight"};
    if (what == "spans")
        return {"kind", "layer", "tokens", "begin_ns", "duration_ns"};
    if (what == "kv")
        return {"session",          "tokens",      "window",  "csa_entries", "index_keys", "hca_entries",
                "compressor_state", "checkpoints", "latents", "keys_values", "draft_block", "reserved"};
    return {};
}

const char* guessName(telemetry::GuessOutcome guess) {
    switch (guess) {
    case telemetry::GuessOutcome::None:
        break;
    case telemetry::GuessOutcome::Right:
        return "right";
    case telemetry::GuessOutcome::Wrong:
        return "wrong";
    }
    return "";
}

class RowWriter {
public:
    RowWriter(std::string_view what, const Texts& texts, std::vector<std::vector<Json>>& rows)
        : m_what(what), m_texts(texts), m_rows(rows) {}

    void operator()(const telemetry::TokenEvent& e) {
        if (m_what != "tokens")
            return;
        const bool generated = e.phase == telemetry::TokenPhase::Generated;
        const auto text = m_texts.find(raw(e.token));
        const bool guessed = e.guess != telemetry::GuessOutcome::None;
        const auto number = [&](auto value) { return generated ? Json(value) : Json(); };
        m_rows.push_back({raw(e.generation), raw(e.position), generated ? "generated" : "prompt", raw(e.token),
                          text == m_texts.end() ? "" : text->second, number(e.rank), number(e.probability),
                          number(e.sampledProbability), number(e.entropy), number(e.timeNs), guessName(e.guess),
                          guessed ? Json(raw(e.guessed)) : Json(), number(e.gainNs)});
    }
    void operator()(const telemetry::RoutingEvent& e) {
        if (m_what != "routing")
            return;
        for (std::size_t i = 0; i < e.count; ++i)
            m_rows.push_back(
                {raw(e.generation), raw(e.position), raw(e.token), raw(e.layer), i, e.expert[i], e.weight[i]});
    }
    void operator()(const telemetry::SpanEvent& e) {
        if (m_what == "spans")
            m_rows.push_back({spanKindName(e.kind), raw(e.layer), e.tokens, e.beginNs, e.durationNs});
    }
    void operator()(const telemetry::KvEvent& e) {
        using telemetry::KvPart;
        if (m_what == "kv")
            m_rows.push_back({raw(e.session), e.tokens, e.bytes[KvPart::Window], e.bytes[KvPart::SparseEntries],
                              e.bytes[KvPart::IndexKeys], e.bytes[KvPart::HeavyEntries],
                              e.bytes[KvPart::CompressorState], e.bytes[KvPart::Checkpoints], e.bytes[KvPart::Latents],
                              e.bytes[KvPart::KeysValues], e.bytes[KvPart::Draft], e.reservedBytes});
    }
    void operator()(const telemetry::MemoryEvent& /*e*/) {}
    void operator()(const telemetry::DropEvent& /*e*/) {}

private:
    std::string_view m_what;
    const Texts& m_texts;
    std::vector<std::vector<Json>>& m_rows;
};

std::string csvField(const Json& value) {
    if (value.is_null())
        return "";
    if (!value.is_string())
        return value.dump();
    const auto& text = value.get_ref<const std::string&>();
    if (text.find_first_of("\",\r\n") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char c : text)
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + "\"";
}

} // namespace

std::string_view spanKindName(telemetry::SpanKind kind) {
    using telemetry::SpanKind;
    switch (kind) {
    case SpanKind::Step:
        return "step";
    case SpanKind::Embed:
        return "embed";
    case SpanKind::HyperConnection:
        return "hyper_connection";
    case SpanKind::Attention:
        return "attention";
    case SpanKind::QueryPath:
        return "query_path";
    case SpanKind::WindowKv:
        return "window_kv";
    case SpanKind::Compressor:
        return "compressor";
    case SpanKind::Indexer:
        return "indexer";
    case SpanKind::AttentionCore:
        return "attention_core";
    case SpanKind::OutputProjection:
        return "output_projection";
    case SpanKind::Router:
        return "router";
    case SpanKind::Experts:
        return "experts";
    case SpanKind::Head:
        return "head";
    case SpanKind::Sampler:
        return "sampler";
    case SpanKind::Draft:
        return "draft";
    }
    return "unknown";
}

Result<ExportTable> exportTable(const wire::CaptureReader& reader, std::string_view what) {
    ExportTable table{columnsOf(what), {}};
    if (table.columns.empty())
        return Error(ErrorCode::BadArgument, "a capture has no " + std::string(what),
                     "tokens, routing, spans and kv can be had");
    Texts texts;
    RowWriter writer(what, texts, table.rows);
    for (std::size_t i = 0; i < reader.eventCount(); ++i) {
        BATHY_TRY(const auto event, reader.read(i));
        if (const auto* told = std::get_if<api::TokenTexts>(&event))
            for (std::size_t t = 0; t < std::min(told->tokens.size(), told->texts.size()); ++t)
                texts[raw(told->tokens[t])] = told->texts[t];
        if (const auto* batch = std::get_if<api::Records>(&event))
            for (const auto& record : batch->records)
                std::visit(writer, record);
    }
    return table;
}

Result<int> writeCsv(Io& io, const ExportTable& table) {
    const auto join = [](const auto& cells, const auto& text) {
        std::string line;
        for (std::size_t i = 0; i < cells.size(); ++i)
            line += (i ? "," : "") + text(cells[i]);
        return line + "\r\n";
    };
    io.write(join(table.columns, [](const std::string& column) { return column; }));
    for (const auto& row : table.rows)
        io.write(join(row, csvField));
    return 0;
}

Result<int> writeJsonRows(Io& io, const ExportTable& table) {
    auto list = Json::array();
    for (const auto& row : table.rows) {
        Json object;
        for (std::size_t i = 0; i < row.size(); ++i)
            object[table.columns[i]] = row[i];
        list.push_back(std::move(object));
    }
    if (io.json())
        io.document(list);
    else
        io.line(list.dump(2, ' ', false, Json::error_handler_t::replace));
    return 0;
}

} // namespace bathy::cli
