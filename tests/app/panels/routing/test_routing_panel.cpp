#include "app/models/expert_bans.h"
#include "app/models/run_routing_table.h"
#include "app/models/run_selection.h"
#include "app/panels/routing/ban_bar.h"
#include "app/panels/routing/routing_panel.h"
#include "tests/support/sample_run.h"
#include "tests/support/shots.h"
#include "widgets/heatmap/heatmap_view.h"

#include <QAbstractItemModelTester>
#include <QContextMenuEvent>
#include <QFile>
#include <QImage>
#include <QMenu>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QXmlStreamReader>

namespace bathy::panels {

using testing::SampleShape;

class RoutingPanelTest : public QObject {
    Q_OBJECT

    struct Bench {
        models::RunRecorder runs;
        bridge::Selection selection;
        models::ExpertBans bans;
        RoutingPanel panel{{runs, selection, {}, &bans}};
        Bench() { models::keepSelectionWithin(runs, selection); }
        void show(const SampleShape& shape, QSize size = {640, 420}) {
            runs.applyAll(testing::sampleRun(shape));
            panel.resize(size);
            panel.show();
            QVERIFY(QTest::qWaitForWindowExposed(&panel));
        }
    };

private Q_SLOTS:
    void empty_saysWhatWouldFillIt() {
        Bench bench;
        bench.panel.show();
        QVERIFY(bench.panel.isEmpty());
    }

    void modelWithoutExperts_saysWhyThereIsNoMap() {
        Bench bench;
        auto card = testing::sampleCard({});
        card.routedExperts = 0;
        bench.runs.apply(api::ModelLoaded{{}, card, 1});
        bench.panel.show();
        QTRY_VERIFY(bench.panel.emptyText().contains(QLatin1String("no experts")));
        QVERIFY(bench.panel.isEmpty());
    }

    void answer_countsOnlyItsTokens() {
        Bench bench;
        bench.show({});
        QVERIFY(!bench.panel.isEmpty());
        const auto& content = bench.panel.content();
        QCOMPARE(content.tokens, (bridge::TokenRange{24, 144}));
        QCOMPARE(content.totals->layerCount(0), std::uint64_t{240});
        QCOMPARE(content.map->rows, 6);
        QCOMPARE(content.map->columns, 16);
        QVERIFY(content.map->rowInfo[1].hatched);
        QVERIFY(!content.map->rowInfo[2].hatched);
    }

    void knockOut_bySelection_isStruckOutAndComesBackByItsChip() {
        Bench bench;
        bench.show({});
        auto* bar = bench.panel.findChild<BanBar*>();
        QVERIFY(bar && !bar->button()->isEnabled());
        bench.selection.selectExpert(LayerId{3}, ExpertId{5});
        QVERIFY(bar->button()->isEnabled());
        QTest::mouseClick(bar->button(), Qt::LeftButton);
        const ExpertRef first{LayerId{3}, ExpertId{5}}, second{LayerId{2}, ExpertId{9}};
        QCOMPARE(bench.bans.list(), std::vector{first});
        bench.bans.add(second);
        bench.bans.add(second);
        QCOMPARE(bench.bans.list(), (std::vector{second, first}));
        QCOMPARE(bench.panel.content().map->crossed, (std::vector<widgets::HeatmapCell>{{2, 9}, {3, 5}}));
        QVERIFY(routingCaption(bench.panel.content()).contains(QStringLiteral("Struck out")));
        QCOMPARE(bar->chips().size(), 2);
        QVERIFY(bar->button()->text().contains(QStringLiteral("back in")));
        testing::saveShots(bench.panel, QStringLiteral("routing-knocked-out"));
        QTest::mouseClick(bar->chips().at(0), Qt::LeftButton);
        QCOMPARE(bench.bans.list(), std::vector{first});
        QTest::mouseClick(bar->button(), Qt::LeftButton);
        QVERIFY(bench.bans.list().empty() && bar->chips().isEmpty());
        QVERIFY(bench.panel.content().map->crossed.empty());
    }

    void contextMenu_ofACell_knocksItOut() {
        Bench bench;
        bench.show({});
        auto* map = bench.panel.findChild<widgets::HeatmapView*>();
        const auto at = map->layoutInUse().rectOf({4, 7}).center();
        QContextMenuEvent event(QContextMenuEvent::Mouse, at, map->mapToGlobal(at));
        QApplication::sendEvent(map, &event);
        auto* menu = bench.panel.findChild<QMenu*>();
        QVERIFY(menu);
        menu->actions().first()->trigger();
        QCOMPARE(bench.bans.list(), (std::vector{ExpertRef{LayerId{4}, ExpertId{7}}}));
        menu->close();
    }

    void selectedToken_showsItsWeights() {
        Bench bench;
        bench.show({});
        bench.panel.setScope(RoutingScope::SelectedTokens);
        bench.selection.selectToken(30);
        const auto& content = bench.panel.content();
        const auto chosen = content.run->routing(30, 3);
        QCOMPARE(content.map->value(3, chosen[0].expert), chosen[0].weight);
        int coloured = 0;
        for (int expert = 0; expert < 16; ++expert)
            coloured += content.map->value(3, expert) > 0;
        QCOMPARE(coloured, 2);
        QVERIFY(describeExpert(content, 3, chosen[0].expert).contains(QStringLiteral("chosen, weight")));
    }

    void conversation_isTheRecordersOwnSum() {
        Bench bench;
        bench.show({});
        bench.panel.setScope(RoutingScope::Conversation);
        QCOMPARE(bench.panel.content().totals, bench.runs.snapshot()->totals);
    }

    void liveTokens_appearWithoutBeingAskedFor() {
        Bench bench;
        bench.show({});
        const auto before = bench.panel.content().totals->layerCount(2);
        bench.runs.apply(api::Records{
            testing::sampleToken({}, GenerationId{1}, SessionId{1}, 144, telemetry::TokenPhase::Generated)});
        QTRY_COMPARE(bench.panel.content().totals->layerCount(2), before + 2);
    }

    void hidden_countsNothing() {
        Bench bench;
        bench.show({});
        bench.panel.hide();
        const auto before = bench.panel.content().run;
        bench.runs.apply(api::Records{
            testing::sampleToken({}, GenerationId{1}, SessionId{1}, 144, telemetry::TokenPhase::Generated)});
        QTest::qWait(150);
        QCOMPARE(bench.panel.content().run, before);
        bench.panel.show();
        QTRY_VERIFY(bench.panel.content().run != before);
    }

    void locked_keepsTokensAndSelection() {
        Bench bench;
        bench.show({});
        bench.panel.setScope(RoutingScope::SelectedTokens);
        bench.selection.selectToken(30);
        bench.panel.setLocked(true);
        bench.selection.selectToken(60);
        bench.runs.apply(api::Records{
            testing::sampleToken({}, GenerationId{1}, SessionId{1}, 144, telemetry::TokenPhase::Generated)});
        QTest::qWait(100);
        QCOMPARE(bench.panel.content().tokens, (bridge::TokenRange{30, 31}));
        bench.panel.setLocked(false);
        QCOMPARE(bench.panel.content().tokens, (bridge::TokenRange{60, 61}));
    }

    void lockedCopy_staysWhereItWas() {
        Bench bench;
        bench.show({});
        bench.panel.setScope(RoutingScope::SelectedTokens);
        bench.selection.selectToken(30);
        auto* copy = qobject_cast<RoutingPanel*>(bench.panel.openLockedCopy());
        QVERIFY(copy && copy->isLocked());
        bench.selection.selectToken(60);
        QCOMPARE(copy->content().tokens, (bridge::TokenRange{30, 31}));
        QCOMPARE(bench.panel.content().tokens, (bridge::TokenRange{60, 61}));
        delete copy;
    }

    void click_selectsLayerAndExpert() {
        Bench bench;
        bench.show({});
        auto* map = bench.panel.findChild<widgets::HeatmapView*>();
        QTest::mouseClick(map, Qt::LeftButton, {}, map->layoutInUse().rectOf({4, 7}).center());
        QCOMPARE(bench.selection.state().layer, LayerId{4});
        QCOMPARE(bench.selection.state().expert, ExpertId{7});
        QTest::keyClick(map, Qt::Key_Right);
        QTest::keyClick(map, Qt::Key_Up);
        QTest::keyClick(map, Qt::Key_Return);
        QCOMPARE(bench.selection.state().layer, LayerId{3});
        QCOMPARE(bench.selection.state().expert, ExpertId{8});
        QVERIFY(map->accessibleDescription().contains(QStringLiteral("Layer 3, expert 8")));
        QTest::keyClick(map, Qt::Key_Escape);
        QVERIFY(!bench.selection.state().layer);
    }

    void tables_holdToTheModelRules() {
        models::RunRecorder runs;
        runs.applyAll(testing::sampleRun({}));
        models::ExpertTableModel experts;
        models::LayerBalanceModel balances;
        QAbstractItemModelTester first(&experts, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QAbstractItemModelTester second(&balances, QAbstractItemModelTester::FailureReportingMode::QtTest);
        for (const bool filled : {true, true, false, true}) {
            const auto run = filled ? runs.snapshot() : nullptr;
            experts.setTotals(run, run ? run->totals : nullptr);
            balances.setTotals(run, run ? run->totals : nullptr);
            QCOMPARE(experts.rowCount(), filled ? 96 : 0);
            QCOMPARE(balances.rowCount(), filled ? 6 : 0);
        }
        QCOMPARE(experts.index(1, 1).data().toString(), QStringLiteral("hash"));
        double share = 0;
        for (int row = 0; row < 16; ++row)
            share += experts.index(row, models::ExpertTableModel::Share).data(Qt::UserRole).toDouble();
        QVERIFY(std::abs(share - 1) < 1e-9);
    }

    void exports_canBeReadBack() {
        Bench bench;
        bench.show({});
        QTemporaryDir folder;
        const auto path = [&folder](const char* name) { return folder.filePath(QString::fromLatin1(name)); };
        QCOMPARE(bench.panel.exportTo(path("a.png"), InspectorPanel::Format::Png), QString());
        const QImage image(path("a.png"));
        QVERIFY(image.width() >= 960);
        QCOMPARE(bench.panel.exportTo(path("a.svg"), InspectorPanel::Format::Svg), QString());
        QFile svg(path("a.svg"));
        QVERIFY(svg.open(QIODevice::ReadOnly));
        QXmlStreamReader xml(&svg);
        int shapes = 0;
        while (!xml.atEnd()) {
            xml.readNext();
            shapes +=
                xml.isStartElement() && (xml.name() == QLatin1String("rect") || xml.name() == QLatin1String("path"));
        }
        QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
        QVERIFY(shapes > 60);
        QCOMPARE(bench.panel.exportTo(path("a.csv"), InspectorPanel::Format::Csv), QString());
        QFile csv(path("a.csv"));
        QVERIFY(csv.open(QIODevice::ReadOnly));
        const auto lines = QString::fromUtf8(csv.readAll()).split(QStringLiteral("\r\n"), Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 97);
        QCOMPARE(lines[1].split(QLatin1Char(',')).size(), 7);
        QVERIFY(!bench.panel.exportTo(path("no/such/folder.png"), InspectorPanel::Format::Png).isEmpty());
        QCOMPARE(bench.panel.tableText().count(QLatin1Char('\n')), 97);
    }

    void pictures() {
        Bench small;
        small.show({}, {480, 640});
        testing::saveShots(small.panel, QStringLiteral("routing-small"));
        Bench flash;
        flash.show(testing::flashShape(), {640, 560});
        flash.selection.selectExpert(LayerId{12}, ExpertId{87});
        testing::saveShots(flash.panel, QStringLiteral("routing-flash"));
        Bench pro;
        pro.show(testing::proShape(), {1000, 640});
        pro.panel.setLogarithmic(true);
        testing::saveShots(pro.panel, QStringLiteral("routing-pro-log"));
        small.panel.setScope(RoutingScope::SelectedTokens);
        small.selection.selectToken(40);
        testing::saveShots(small.panel, QStringLiteral("routing-token"));
        small.panel.setTableShown(true);
        testing::saveShots(small.panel, QStringLiteral("routing-table"));
    }
};

} // namespace bathy::panels

QTEST_MAIN(bathy::panels::RoutingPanelTest)
#include "test_routing_panel.moc"
