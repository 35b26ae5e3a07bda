#include "app/models/run_selection.h"
#include "app/panels/memory/memory_panel.h"
#include "tests/support/sample_run.h"
#include "tests/support/shots.h"
#include "widgets/bars/bar_list_view.h"
#include "widgets/stacked_area/stacked_area_view.h"

#include <QFile>
#include <QImage>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

namespace bathy::panels {

using testing::SampleShape;
using widgets::NumberSource;

class MemoryPanelTest : public QObject {
    Q_OBJECT

    struct Bench {
        SampleShape shape;
        models::RunRecorder runs;
        bridge::Selection selection;
        std::vector<std::vector<std::int64_t>> asked;
        MemoryPanel panel{{runs, selection, [this](std::vector<std::int64_t> contexts) {
                               asked.push_back(contexts);
                               runs.apply(testing::samplePlan(shape, contexts));
                           }}};
        explicit Bench(const SampleShape& s = {}) : shape(s) { models::keepSelectionWithin(runs, selection); }
        void show(QSize size = {560, 720}) {
            runs.applyAll(testing::sampleRun(shape));
            panel.resize(size);
            panel.show();
            QVERIFY(QTest::qWaitForWindowExposed(&panel));
            QTRY_VERIFY(panel.content().hasForecast());
        }
    };

    static double shareSum(const widgets::BarListData& list) {
        double sum = 0;
        for (const auto& row : list.rows)
            sum += row.share;
        return sum;
    }

private Q_SLOTS:
    void empty_saysWhatWouldFillIt() {
        Bench bench;
        bench.panel.show();
        QVERIFY(bench.panel.isEmpty());
        QVERIFY(bench.asked.empty());
    }

    void plan_isAskedForOncePerModel() {
        Bench bench;
        bench.show();
        QCOMPARE(bench.asked.size(), std::size_t{1});
        QCOMPARE(bench.asked[0].back(), std::int64_t{1} << 20);
        bench.selection.selectToken(3);
        QTest::qWait(100);
        QCOMPARE(bench.asked.size(), std::size_t{1});
        bench.runs.apply(api::ModelLoaded{{}, testing::sampleCard(testing::flashShape()), 1});
        QTRY_COMPARE(bench.asked.size(), std::size_t{2});
    }

    void parts_addUpToTheWhole_andAreMeasured() {
        Bench bench;
        bench.show();
        const auto& content = bench.panel.content();
        QCOMPARE(content.parts.rows.size(), std::size_t{5}); // of this family, and no checkpoint was kept
        QVERIFY(std::abs(shareSum(content.parts) - 1) < 1e-9);
        for (const auto& row : content.parts.rows)
            QCOMPARE(*row.source, NumberSource::Measured);
        const auto kv = *bench.runs.snapshot()->kv->latest();
        double top = 0;
        for (const auto& area : content.history.areas)
            top += area.values.back();
        QCOMPARE(top, static_cast<double>(kv.bytes.total()));
        QCOMPARE(content.history.x.back(), 144.0);
    }

    void forecast_comparesWithOthers_andSaysWhatItIs() {
        Bench bench(testing::flashShape());
        bench.show();
        const auto& content = bench.panel.content();
        QCOMPARE(content.forecast.curves.size(), std::size_t{3});
        QCOMPARE(*content.atLimit.rows[0].source, NumberSource::Derived);
        QCOMPARE(*content.atLimit.rows[1].source, NumberSource::Estimated);
        QCOMPARE(*content.atLimit.rows[2].source, NumberSource::Estimated);
        QVERIFY(content.atLimit.rows[0].share < content.atLimit.rows[1].share);
        QVERIFY(content.atLimit.rows[1].share < content.atLimit.rows[2].share);
        QVERIFY(content.forecastCaption.contains(QStringLiteral("1,048,576")));
    }

    void everyNumberOfTheTable_saysWhereItComesFrom() {
        Bench bench;
        bench.show();
        QCOMPARE(bench.panel.content().table.size(), std::size_t{12});
        for (const auto& row : bench.panel.content().table) {
            QCOMPARE(row.size(), std::size_t{6});
            QVERIFY(row[4].text == QStringLiteral("measured") || row[4].text == QStringLiteral("derived") ||
                    row[4].text == QStringLiteral("estimated"));
            QVERIFY(!row[5].text.isEmpty());
        }
    }

    void beforeTheEngineMeasured_weightsAreDerived() {
        MemoryInput input;
        input.card = std::make_shared<api::ModelCard>(testing::sampleCard({}));
        const auto content = memoryContent(input);
        QCOMPARE(content.process.rows.size(), std::size_t{2});
        QCOMPARE(*content.process.rows[0].source, NumberSource::Derived);
        QVERIFY(!content.hasHistory() && !content.hasForecast());
        QVERIFY(memoryContent({}).table.empty());
    }

    void onePoint_stillMakesAnArea() {
        SampleShape shape;
        models::RunRecorder runs;
        shape.prompt = 1;
        shape.generated = 0;
        runs.applyAll(testing::sampleRun(shape));
        MemoryInput input;
        input.run = runs.snapshot();
        const auto history = memoryContent(input).history;
        QCOMPARE(history.x, (std::vector<double>{0, 1}));
        for (const auto& area : history.areas)
            QCOMPARE(area.values.size(), history.x.size());
    }

    void contexts_ascendAndEndAtTheLimit() {
        const auto contexts = forecastContexts(100'000);
        QVERIFY(std::is_sorted(contexts.begin(), contexts.end()));
        QCOMPARE(contexts.back(), std::int64_t{100'000});
        QVERIFY(contexts.front() > 0 && contexts.size() < 64);
        QVERIFY(forecastContexts(0).empty());
        QCOMPARE(forecastContexts(3).back(), std::int64_t{3});
    }

    void exports_canBeReadBack() {
        Bench bench;
        bench.show();
        QTemporaryDir folder;
        const auto png = folder.filePath(QStringLiteral("m.png"));
        const auto svg = folder.filePath(QStringLiteral("m.svg"));
        QCOMPARE(bench.panel.exportTo(png, InspectorPanel::Format::Png), QString());
        QVERIFY(!QImage(png).isNull());
        QCOMPARE(bench.panel.exportTo(svg, InspectorPanel::Format::Svg), QString());
        QFile file(svg);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QXmlStreamReader xml(&file);
        int shapes = 0;
        while (!xml.atEnd()) {
            xml.readNext();
            shapes += xml.isStartElement() && xml.name() != QLatin1String("g");
        }
        QVERIFY(!xml.hasError());
        QVERIFY(shapes > 30);
        QCOMPARE(bench.panel.tableText().count(QLatin1Char('\n')), 13);
    }

    void pictures() {
        Bench tall(testing::flashShape());
        tall.shape.generated = 700;
        tall.show({440, 720});
        testing::saveShots(tall.panel, QStringLiteral("memory-conversation"));
        tall.panel.setView(MemoryView::Forecast);
        testing::saveShots(tall.panel, QStringLiteral("memory-forecast"));
        tall.panel.resize(640, 460);
        tall.panel.setLogarithmic(true);
        testing::saveShots(tall.panel, QStringLiteral("memory-forecast-log"));
        Bench flat;
        flat.show({640, 380});
        testing::saveShots(flat.panel, QStringLiteral("memory-flat"));
        flat.panel.setTableShown(true);
        testing::saveShots(flat.panel, QStringLiteral("memory-table"));
    }
};

} // namespace bathy::panels

QTEST_MAIN(bathy::panels::MemoryPanelTest)
#include "test_memory_panel.moc"
