#include "app/panels/models/plan_content.h"

#include "widgets/common/number_format.h"
#include "widgets/common/number_source.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace bathy::panels {
namespace {

using widgets::formatBytes;
using widgets::NumberSource;

QString tr(const char* text) {
    return QCoreApplication::translate("PlanContent", text);
}

double toDouble(std::uint64_t bytes) {
    return static_cast<double>(bytes);
}

class Builder {
public:
    explicit Builder(PlanContent& content) : m_content(content) {}

    void row(const QString& name, double bytes, double least, NumberSource source) {
        m_content.rows.push_back(
            {{name, {}}, {formatBytes(bytes), bytes}, {formatBytes(least), least}, {widgets::sourceName(source), {}}});
    }
    void part(const QString& name, double bytes, double least, int series) {
        if (bytes <= 0)
            return;
        m_content.bar.parts.push_back({name, bytes, series});
        m_least += least;
        row(name, bytes, least, NumberSource::Derived);
    }
    double least() const { return m_least; }

private:
    PlanContent& m_content;
    double m_least = 0;
};

QString missing(double needed, const widgets::BudgetBarData& bar) {
    return formatBytes(std::max(0.0, needed - bar.usable()));
}

QString verdictOf(const widgets::BudgetBarData& bar, double least) {
    const auto memory = tr("%1 are available, %2 of them kept back for other programs.")
                            .arg(formatBytes(bar.available), formatBytes(bar.reserve));
    const double needed = bar.needed();
    if (needed <= bar.usable())
        return tr("Fits: %1 are needed, %2").arg(formatBytes(needed), memory);
    if (least <= bar.usable())
        return tr("Fits in part: %1 are needed, %2 %3 are missing, so experts are read from the disk again and again; "
                  "one token needs %4.")
            .arg(formatBytes(needed), memory, missing(needed, bar), formatBytes(least));
    return tr("Does not fit: %1 are needed, %2 %3 are missing. One token alone needs %4, and of that %5 are missing: "
              "opening it is refused.")
        .arg(formatBytes(needed), memory, missing(needed, bar), formatBytes(least), missing(least, bar));
}

QString actualOf(double predicted, double measured) {
    return tr("Predicted %1, measured %2: %3 % of the prediction. Weights count once they were read, a conversation as "
              "far as it has come.")
        .arg(formatBytes(predicted), formatBytes(measured), QLocale().toString(measured / predicted * 100, 'f', 1));
}

} // namespace

PlanContent planContent(const PlanInput& input) {
    const auto& plan = input.plan;
    PlanContent content;
    content.bar.available = toDouble(plan.memoryAvailableBytes);
    content.bar.reserve = std::min(toDouble(plan.reserveBytes), content.bar.available);
    content.bar.total = toDouble(plan.memoryTotalBytes);
    content.bar.measured = toDouble(input.residentBytes);
    Builder builder(content);
    int series = 0;
    for (const auto& kind : plan.weights)
        builder.part(tr("Weights: %1").arg(QString::fromStdString(kind.kind)), toDouble(kind.bytes),
                     toDouble(kind.leastBytes), series++);
    if (!plan.plans.empty()) {
        const auto& at = plan.plans.front();
        const auto conversation = toDouble(at.kv.total());
        builder.part(tr("Conversation of %1 tokens").arg(QLocale().toString(static_cast<qlonglong>(at.context))),
                     conversation, conversation, series++);
        builder.part(tr("Work space of a step"), toDouble(at.scratchBytes), toDouble(at.scratchBytes), series++);
    }
    const auto rest = toDouble(plan.logitsBytes + plan.programBytes);
    builder.part(tr("Logits and the program itself"), rest, rest, series);
    const double needed = content.bar.needed();
    builder.row(tr("Together"), needed, builder.least(), NumberSource::Derived);
    if (input.residentBytes > 0) {
        builder.row(tr("Resident now"), content.bar.measured, content.bar.measured, NumberSource::Measured);
        content.actual = actualOf(needed, content.bar.measured);
    }
    content.verdict = verdictOf(content.bar, builder.least());
    content.fits = needed <= content.bar.usable();
    content.bar.spoken = content.verdict;
    return content;
}

} // namespace bathy::panels
