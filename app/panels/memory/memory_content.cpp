#include "app/panels/memory/memory_content.h"

#include "widgets/common/number_format.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <array>
#include <set>

namespace bathy::panels {
namespace {

using widgets::formatBytes;
using widgets::NumberSource;

constexpr int kForecastSteps = 24;
constexpr std::int64_t kFirstDoubling = 1024;

QString tr(const char* text) {
    return QCoreApplication::translate("MemoryPanel", text);
}

struct Part {
    const char* name;
    const char* explanation;
    telemetry::KvPart part;
};

// In the order in which they are stacked: what stays the same lies lowest.
constexpr std::array kParts{
    Part{
        QT_TRANSLATE_NOOP("MemoryPanel", "Compressor state"),
        QT_TRANSLATE_NOOP(
            "MemoryPanel",
            "Unfinished groups of tokens on their way into compressed entries; stops growing once the first are full."),
        telemetry::KvPart::CompressorState},
    Part{QT_TRANSLATE_NOOP("MemoryPanel", "Window"),
         QT_TRANSLATE_NOOP("MemoryPanel",
                           "The last tokens of every layer, kept whole; stops growing once the window is full."),
         telemetry::KvPart::Window},
    Part{QT_TRANSLATE_NOOP("MemoryPanel", "Draft block"),
         QT_TRANSLATE_NOOP("MemoryPanel", "What the block that guesses tokens ahead remembers of the last ones; held "
                                          "only while it drafts."),
         telemetry::KvPart::Draft},
    Part{QT_TRANSLATE_NOOP("MemoryPanel", "HCA entries"),
         QT_TRANSLATE_NOOP("MemoryPanel", "Heavily compressed attention: one entry for many tokens."),
         telemetry::KvPart::HeavyEntries},
    Part{QT_TRANSLATE_NOOP("MemoryPanel", "Index keys"),
         QT_TRANSLATE_NOOP("MemoryPanel", "Short keys by which sparse layers find what is worth reading."),
         telemetry::KvPart::IndexKeys},
    Part{QT_TRANSLATE_NOOP("MemoryPanel", "CSA entries"),
         QT_TRANSLATE_NOOP("MemoryPanel", "Compressed sparse attention: one entry for a few tokens."),
         telemetry::KvPart::SparseEntries},
    Part{QT_TRANSLATE_NOOP("MemoryPanel", "Checkpoints"),
         QT_TRANSLATE_NOOP("MemoryPanel",
                           "Light states at message boundaries, so that an edit need not read everything again."),
         telemetry::KvPart::Checkpoints},
    Part{QT_TRANSLATE_NOOP("MemoryPanel", "Latents"),
         QT_TRANSLATE_NOOP("MemoryPanel", "Latent attention: one short row a token and layer, shared by all heads."),
         telemetry::KvPart::Latents},
    Part{QT_TRANSLATE_NOOP("MemoryPanel", "Keys and values"),
         QT_TRANSLATE_NOOP("MemoryPanel", "Keys and values of every token, for every key/value head of every layer."),
         telemetry::KvPart::KeysValues},
};

class Builder {
public:
    explicit Builder(MemoryContent& content) : m_content(content) {}

    void add(widgets::BarListData& list, const QString& name, double bytes, double whole, int series,
             NumberSource source, const QString& explanation) {
        list.rows.push_back({name, whole > 0 ? bytes / whole : 0, formatBytes(bytes), series, false, source,
                             name + QStringLiteral(": ") +
                                 tr("%1 bytes").arg(QLocale().toString(static_cast<qulonglong>(bytes))) +
                                 QLatin1Char('\n') + explanation});
        m_content.table.push_back({{list.title, {}},
                                   {name, {}},
                                   {QString::number(static_cast<qulonglong>(bytes)), bytes},
                                   {formatBytes(bytes), bytes},
                                   {widgets::sourceName(source), {}},
                                   {explanation, {}}});
    }

private:
    MemoryContent& m_content;
};

// Each family of models has some of the parts only.
bool hasPart(const std::vector<telemetry::KvEvent>& points, telemetry::KvPart part) {
    return std::any_of(points.begin(), points.end(), [part](const auto& point) { return point.bytes[part] > 0; });
}

void addConversation(MemoryContent& content, const MemoryInput& input, Builder& builder) {
    if (!input.run || !input.run->kv || input.run->kv->points().empty())
        return;
    const auto& points = input.run->kv->points();
    const auto& now = points.back();
    auto& history = content.history;
    history.xTitle = tr("tokens in the conversation");
    for (const auto& point : points)
        history.x.push_back(static_cast<double>(point.tokens));
    if (points.size() == 1) { // a single point has no area: drawn from the start of the conversation
        history.x.insert(history.x.begin(), 0);
    }
    content.parts.title = tr("This conversation: %1 in %2 tokens")
                              .arg(formatBytes(static_cast<double>(now.bytes.total())),
                                   QLocale().toString(static_cast<qlonglong>(now.tokens)));
    for (std::size_t p = 0; p < kParts.size(); ++p) {
        if (!hasPart(points, kParts[p].part))
            continue;
        widgets::AreaSeries area{tr(kParts[p].name), static_cast<int>(p), {}};
        if (points.size() == 1)
            area.values.push_back(0);
        for (const auto& point : points)
            area.values.push_back(static_cast<double>(point.bytes[kParts[p].part]));
        history.areas.push_back(std::move(area));
    }
    // In the list the part that lies highest in the picture stands first.
    for (auto p = kParts.size(); p-- > 0;)
        if (hasPart(points, kParts[p].part))
            builder.add(content.parts, tr(kParts[p].name), static_cast<double>(now.bytes[kParts[p].part]),
                        static_cast<double>(now.bytes.total()), static_cast<int>(p), NumberSource::Measured,
                        tr(kParts[p].explanation));
    if (input.markedToken >= 0)
        history.marker = static_cast<double>(input.markedToken);
    content.historyCaption = tr("The model's memory of this conversation, by part, as it grew token by token. It is "
                                "counted by the engine. %1 are "
                                "set aside for it.")
                                 .arg(formatBytes(static_cast<double>(now.reservedBytes)));
}

void addProcess(MemoryContent& content, const MemoryInput& input, Builder& builder) {
    const auto& process = input.process;
    const bool isMeasured = process.residentBytes > 0;
    const double weights = isMeasured   ? static_cast<double>(process.weightsMappedBytes)
                           : input.card ? static_cast<double>(input.card->weightBytes)
                                        : 0;
    if (weights <= 0)
        return;
    const double scratch = isMeasured   ? static_cast<double>(process.scratchBytes)
                           : input.plan ? static_cast<double>(input.plan->scratchBytes)
                                        : 0;
    const auto latest = input.run && input.run->kv ? input.run->kv->latest() : std::nullopt;
    const double conversation = latest ? static_cast<double>(latest->bytes.total()) : 0;
    const double resident = static_cast<double>(process.residentBytes);
    const double whole = std::max({weights, scratch, conversation, resident});
    const auto source = isMeasured ? NumberSource::Measured : NumberSource::Derived;
    content.process.title = tr("The engine");
    builder.add(content.process, tr("Weights"), weights, whole, 6, source,
                tr("The checkpoint's tensors as they are stored."));
    builder.add(content.process, tr("Scratch"), scratch, whole, 7, source, tr("Room for the numbers of one step."));
    if (conversation > 0)
        builder.add(content.process, tr("This conversation"), conversation, whole, 0, NumberSource::Measured,
                    tr("The sum of the parts."));
    if (isMeasured)
        builder.add(
            content.process, tr("Resident"), resident, whole, 5, NumberSource::Measured,
            tr("What the operating system counts for the engine's process. Weights count once they were read."));
}

QString share(double part, double whole) {
    return QStringLiteral("%1 %").arg(whole > 0 ? part / whole * 100 : 0, 0, 'f', 1);
}

void addForecast(MemoryContent& content, const MemoryInput& input, Builder& builder) {
    if (!input.plan || input.plan->plans.empty())
        return;
    auto plans = input.plan->plans;
    std::sort(plans.begin(), plans.end(), [](const auto& a, const auto& b) { return a.context < b.context; });
    auto& forecast = content.forecast;
    forecast.xTitle = tr("tokens of context");
    const auto name =
        input.card && !input.card->name.empty() ? QString::fromStdString(input.card->name) : tr("This model");
    forecast.curves = {{tr("Plain GQA, 8 heads of 128, bf16"), 4, {}, true},
                       {tr("DeepSeek-V3.2, 61 layers"), 1, {}, true},
                       {name, 0, {}, false}};
    for (const auto& plan : plans) {
        forecast.x.push_back(static_cast<double>(plan.context));
        forecast.curves[0].values.push_back(static_cast<double>(plan.gqaBytes));
        forecast.curves[1].values.push_back(static_cast<double>(plan.v32Bytes));
        forecast.curves[2].values.push_back(static_cast<double>(plan.kv.total()));
    }
    const auto latest = input.run && input.run->kv ? input.run->kv->latest() : std::nullopt;
    if (latest)
        forecast.marker = static_cast<double>(latest->tokens);
    const auto& last = plans.back();
    const double mine = static_cast<double>(last.kv.total());
    const double v32 = static_cast<double>(last.v32Bytes);
    const double gqa = static_cast<double>(last.gqaBytes);
    const double whole = std::max({mine, v32, gqa});
    content.atLimit.title =
        tr("At the limit of %1 tokens").arg(QLocale().toString(static_cast<qlonglong>(last.context)));
    builder.add(content.atLimit, name, mine, whole, 0, NumberSource::Derived,
                tr("Follows exactly from the model's shape and the way its entries are stored."));
    builder.add(content.atLimit, tr("DeepSeek-V3.2, 61 layers"), v32, whole, 1, NumberSource::Estimated,
                tr("The same context in DeepSeek-V3.2 itself: 61 layers, FP8 latents with index keys."));
    builder.add(content.atLimit, tr("Plain GQA"), gqa, whole, 4, NumberSource::Estimated,
                tr("The same context with keys and values of every token: 8 heads of 128, bf16, as many layers."));
    const double available = static_cast<double>(input.plan->memoryAvailableBytes);
    const auto& plan = *input.plan;
    const double needed =
        static_cast<double>(plan.weightBytes + plan.scratchBytes + plan.logitsBytes + plan.programBytes) + mine;
    content.forecastCaption = tr("At %1 tokens a conversation takes %2: %3 of what DeepSeek-V3.2 with its 61 layers "
                                 "and %4 of what plain GQA in as many layers as here would take. ")
                                  .arg(QLocale().toString(static_cast<qlonglong>(last.context)), formatBytes(mine),
                                       share(mine, v32), share(mine, gqa));
    if (available > 0)
        content.forecastCaption += needed <= available
                                       ? tr("With weights and scratch, %1; this machine has %2 free.")
                                             .arg(formatBytes(needed), formatBytes(available))
                                       : tr("With weights and scratch, %1: more than the %2 that are free here.")
                                             .arg(formatBytes(needed), formatBytes(available));
}

} // namespace

MemoryContent memoryContent(const MemoryInput& input) {
    MemoryContent content;
    Builder builder(content);
    addConversation(content, input, builder);
    addProcess(content, input, builder);
    addForecast(content, input, builder);
    return content;
}

std::vector<std::int64_t> forecastContexts(std::int64_t contextLimit) {
    std::set<std::int64_t> contexts;
    if (contextLimit <= 0)
        return {};
    for (int step = 1; step <= kForecastSteps; ++step)
        contexts.insert(std::max<std::int64_t>(1, contextLimit / kForecastSteps * step));
    for (std::int64_t tokens = kFirstDoubling; tokens < contextLimit; tokens *= 2)
        contexts.insert(tokens);
    contexts.insert(contextLimit);
    return {contexts.begin(), contexts.end()};
}

} // namespace bathy::panels
