#include "app/models/plain_table.h"
#include "app/models/run_selection.h"
#include "app/models/run_token_table.h"
#include "app/models/token_display.h"
#include "app/panels/tokens/token_card.h"
#include "app/panels/tokens/token_facts.h"
#include "app/panels/tokens/tokens_panel.h"
#include "tests/support/sample_run.h"
#include "tests/support/shots.h"
#include "widgets/segments/segment_rows_view.h"
#include "widgets/token_strip/token_strip_view.h"

#include <QAbstractItemModelTester>
#include <QFile>
#include <QImage>
#include <QScrollBar>
#include <QTemporaryDir>
#include <QTest>

namespace bathy::panels {

using telemetry::TokenPhase;
using testing::SampleShape;

class TokensPanelTest : public QObject {
    Q_OBJECT

    struct Bench {
        models::RunRecorder runs;
        bridge::Selection selection;
        TokensPanel panel{{runs, selection, {}}};
        Bench() { models::keepSelectionWithin(runs, selection); }
        void show(const SampleShape& shape = {}, QSize size = {560, 720}) {
            runs.applyAll(testing::sampleRun(shape));
            panel.resize(size);
            panel.show();
            QVERIFY(QTest::qWaitForWindowExposed(&panel));
        }
        widgets::TokenStripView* strip() { return panel.findChild<widgets::TokenStripView*>(); }
        TokenCard* card() { return panel.findChild<TokenCard*>(); }
        QPoint centreOf(int index) {
            return strip()->layoutInUse().rectOf(index).center().toPoint() -
                   QPoint(0, strip()->verticalScrollBar()->value());
        }
    };

private Q_SLOTS:
    void visibleText_showsWhatCannotBeSeen() {
        using models::visibleText;
        QCOMPARE(visibleText(" deep"), QStringLiteral("·deep"));
        QCOMPARE(visibleText("a\n\tb"), QStringLiteral("a⏎⇥b"));
        QCOMPARE(visibleText("\xC3\xAF"), QStringLiteral("ï"));
        QCOMPARE(visibleText("\xF0\x9F"), QStringLiteral("‹F0 9F›"));
        QCOMPARE(visibleText(""), QStringLiteral("∅"));
        QCOMPARE(visibleText(std::string_view("\0", 1)), QStringLiteral("‹U+0000›"));
        QCOMPARE(visibleText("<｜User｜>"), QStringLiteral("<|User|>"));
    }

    void specialName_onlyOfWholeSpecialTokens() {
        using models::specialName;
        QCOMPARE(specialName("<｜User｜>"), QStringLiteral("User"));
        QCOMPARE(specialName("<｜begin▁of▁sentence｜>"), QStringLiteral("begin of sentence"));
        for (const auto* other :
             {"", "User", "<｜｜>", "<｜>", "<｜User｜> ", "<|User|>", "<think>", "<｜\x01｜>", "<｜\xF0"})
            QVERIFY2(specialName(other).isEmpty(), other);
    }

    void card_callsSpecialTokensByName() {
        Bench bench;
        bench.show();
        const auto token = bench.runs.snapshot()->token(30)->token;
        bench.runs.apply(api::TokenTexts{{token}, {"<｜end▁of▁sentence｜>"}});
        QTRY_COMPARE(tokenText(*bench.runs.snapshot(), token), QStringLiteral("<end of sentence>"));
    }

    void empty_saysWhatWouldFillIt() {
        Bench bench;
        bench.panel.show();
        QVERIFY(bench.panel.isEmpty());
    }

    void click_shiftClick_andDrag_select() {
        Bench bench;
        bench.show();
        bench.strip()->verticalScrollBar()->setValue(0);
        QTest::mouseClick(bench.strip()->viewport(), Qt::LeftButton, {}, bench.centreOf(3));
        QCOMPARE(bench.selection.state().tokens, (bridge::TokenRange{27, 28}));
        QTest::mouseClick(bench.strip()->viewport(), Qt::LeftButton, Qt::ShiftModifier, bench.centreOf(6));
        QCOMPARE(bench.selection.state().tokens, (bridge::TokenRange{27, 31}));
        QTest::mousePress(bench.strip()->viewport(), Qt::LeftButton, {}, bench.centreOf(5));
        QTest::mouseMove(bench.strip()->viewport(), bench.centreOf(2));
        QTest::mouseRelease(bench.strip()->viewport(), Qt::LeftButton, {}, bench.centreOf(2));
        QCOMPARE(bench.selection.state().tokens, (bridge::TokenRange{26, 30}));
    }

    void guesses_areTintedCountedAndNamed() {
        Bench bench;
        bench.show();
        bench.panel.setTint(TokenTint::Guess);
        const auto run = bench.runs.snapshot();
        TokenStripContent strip;
        const auto items = strip.make(run, {24, 32}, TokenTint::Guess)->items;
        QVERIFY(std::isnan(items[0].value));
        QCOMPARE(items[1].value, kRightGuess);
        QCOMPARE(items[7].value, kWrongGuess);
        QCOMPARE(guessSummary(*run, {24, 32}), QStringLiteral("3 of 4 guesses were right; 5.50 ms won."));
        QCOMPARE(guessSummary(*run, {0, 24}), QStringLiteral("Nothing was guessed ahead."));
        QVERIFY(tokenTip(*run, 25).contains(QStringLiteral("right, 2.00 ms won")));
        QVERIFY(tokenTip(*run, 31).contains(QStringLiteral("0.50 ms lost")));
        bench.selection.selectToken(31);
        const auto& facts = bench.card()->facts().facts;
        QVERIFY(std::any_of(facts.begin(), facts.end(), [](const auto& fact) {
            return fact.first == QStringLiteral("Guessed ahead") && fact.second.startsWith(QStringLiteral("wrong"));
        }));
        testing::saveShots(bench.panel, QStringLiteral("tokens-guesses"));
    }

    void keys_moveAndExtend() {
        Bench bench;
        bench.show();
        bench.selection.selectToken(50);
        QTest::keyClick(bench.strip(), Qt::Key_Right);
        QCOMPARE(bench.selection.state().tokens, (bridge::TokenRange{51, 52}));
        QTest::keyClick(bench.strip(), Qt::Key_Right, Qt::ShiftModifier);
        QCOMPARE(bench.selection.state().tokens, (bridge::TokenRange{51, 53}));
        QTest::keyClick(bench.strip(), Qt::Key_Home);
        QCOMPARE(bench.selection.state().tokens, (bridge::TokenRange{24, 25}));
        QTest::keyClick(bench.strip(), Qt::Key_Escape);
        QVERIFY(bench.selection.state().tokens.isEmpty());
    }

    void card_showsTheSelectedToken() {
        Bench bench;
        bench.show();
        bench.selection.selectToken(30);
        const auto& facts = bench.card()->facts();
        QCOMPARE(facts.tokens, (bridge::TokenRange{30, 31}));
        QCOMPARE(facts.before.rows.size(), std::size_t{10});
        QCOMPARE(facts.after.rows.size(), std::size_t{4});
        QCOMPARE(facts.experts.rows.size(), std::size_t{6});
        QVERIFY(facts.experts.rows[0].hatched && !facts.experts.rows[3].hatched);
        const auto* row = bench.runs.snapshot()->token(30);
        for (const auto& [name, value] : facts.facts)
            if (name == QStringLiteral("Id"))
                QCOMPARE(value, QString::number(raw(row->token)));
        int emphasised = 0;
        for (const auto& bar : facts.before.rows)
            emphasised += bar.emphasised;
        QCOMPARE(emphasised, 1);
    }

    void card_ofSeveralTokens_hasPerplexityAndSpeed() {
        Bench bench;
        bench.show();
        bench.selection.selectTokens({40, 61});
        const auto& facts = bench.card()->facts().facts;
        const auto valueOf = [&facts](const char* name) {
            for (const auto& [key, value] : facts)
                if (key == QString::fromLatin1(name))
                    return value;
            return QString();
        };
        QCOMPARE(valueOf("Tokens"), QStringLiteral("21"));
        QCOMPARE(valueOf("Speed"), QStringLiteral("200.0 tokens/s"));
        QVERIFY(valueOf("Perplexity").toDouble() >= 1);
    }

    void card_newestTokenWithoutRouting_saysWhy() {
        Bench bench;
        bench.show();
        auto records = testing::sampleToken({}, GenerationId{1}, SessionId{1}, 144, TokenPhase::Generated);
        records.resize(1); // the token alone
        bench.runs.apply(api::Records{records});
        QTRY_COMPARE(bench.card()->facts().tokens, (bridge::TokenRange{144, 145}));
        QVERIFY(!bench.card()->facts().expertsMissing.isEmpty());
    }

    void expert_clicked_isSelectedEverywhere() {
        Bench bench;
        bench.show({}, {1200, 420});
        bench.selection.selectToken(30);
        auto* experts = bench.panel.findChild<widgets::SegmentRowsView*>();
        const auto layout = experts->layoutFor(experts->width());
        const auto& box = layout.boxes[5];
        QTest::mouseClick(experts, Qt::LeftButton, {}, box.rect.center().toPoint());
        QCOMPARE(bench.selection.state().layer, LayerId{box.row});
        QVERIFY(bench.selection.state().expert.has_value());
    }

    void strip_grows_withoutBeingMadeAnew() {
        TokenStripContent content;
        models::RunRecorder runs;
        SampleShape shape;
        shape.generated = 600;
        runs.applyAll(testing::sampleRun(shape));
        const auto before = content.make(runs.snapshot(), {24, 624}, TokenTint::Probability);
        runs.apply(
            api::Records{testing::sampleToken(shape, GenerationId{1}, SessionId{1}, 624, TokenPhase::Generated)});
        const auto grown = content.make(runs.snapshot(), {24, 625}, TokenTint::Probability);
        TokenStripContent other;
        const auto fresh = other.make(runs.snapshot(), {24, 625}, TokenTint::Probability);
        QCOMPARE(grown->items.size(), fresh->items.size());
        QCOMPARE(before->items.size() + 1, grown->items.size());
        for (std::size_t i = 0; i < grown->items.size(); ++i) {
            QCOMPARE(grown->items[i].position, fresh->items[i].position);
            QCOMPARE(grown->items[i].value, fresh->items[i].value);
            QCOMPARE((*grown->glyphs)[static_cast<std::size_t>(grown->items[i].glyph)].text,
                     (*fresh->glyphs)[static_cast<std::size_t>(fresh->items[i].glyph)].text);
        }
    }

    void textThatComesLate_replacesTheNumber() {
        TokenStripContent content;
        models::RunRecorder runs;
        api::GenerationStarted started;
        started.generation = GenerationId{1};
        started.session = SessionId{1};
        runs.apply(started);
        runs.apply(api::Records{testing::sampleToken({}, GenerationId{1}, SessionId{1}, 0, TokenPhase::Generated)});
        const auto glyph = [&] {
            const auto strip = content.make(runs.snapshot(), {0, 1}, TokenTint::Entropy);
            return (*strip->glyphs)[static_cast<std::size_t>(strip->items[0].glyph)].text;
        };
        QCOMPARE(glyph(), QStringLiteral("#0"));
        runs.apply(api::TokenTexts{{TokenId{0}}, {"Sea"}});
        QCOMPARE(glyph(), QStringLiteral("Sea"));
    }

    void tables_holdToTheModelRules() {
        models::RunRecorder runs;
        runs.applyAll(testing::sampleRun({}));
        models::TokenTableModel tokens;
        models::PlainTableModel plain({QStringLiteral("a"), QStringLiteral("b")}, nullptr);
        QAbstractItemModelTester first(&tokens, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QAbstractItemModelTester second(&plain, QAbstractItemModelTester::FailureReportingMode::QtTest);
        tokens.setTokens(runs.snapshot(), {0, 100});
        tokens.setTokens(runs.snapshot(), {0, 144});
        QCOMPARE(tokens.rowCount(), 144);
        QCOMPARE(tokens.index(0, models::TokenTableModel::Kind).data().toString(), QStringLiteral("prompt"));
        QCOMPARE(tokens.index(1, models::TokenTableModel::Text).data().toString(), QStringLiteral("·deep"));
        tokens.setTokens(nullptr, {});
        QCOMPARE(tokens.rowCount(), 0);
        plain.setRows({{{QStringLiteral("x"), {}}, {QStringLiteral("2"), 2}}});
        plain.setRows({{{QStringLiteral("y"), {}}, {QStringLiteral("3"), 3}}});
        plain.setRows({});
        QCOMPARE(plain.rowCount(), 0);
    }

    void exports_canBeReadBack() {
        Bench bench;
        bench.show();
        QTemporaryDir folder;
        const auto png = folder.filePath(QStringLiteral("t.png"));
        QCOMPARE(bench.panel.exportTo(png, InspectorPanel::Format::Png), QString());
        QVERIFY(!QImage(png).isNull());
        QCOMPARE(bench.panel.exportTo(folder.filePath(QStringLiteral("t.svg")), InspectorPanel::Format::Svg),
                 QString());
        const auto csv = folder.filePath(QStringLiteral("t.csv"));
        QCOMPARE(bench.panel.exportTo(csv, InspectorPanel::Format::Csv), QString());
        QFile file(csv);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(QString::fromUtf8(file.readAll()).count(QStringLiteral("\r\n")), 121);
    }

    void pictures() {
        Bench tall;
        tall.show();
        tall.selection.selectToken(30);
        testing::saveShots(tall.panel, QStringLiteral("tokens-tall"));
        Bench wide;
        wide.show(testing::flashShape(), {1400, 360});
        wide.selection.selectToken(80);
        wide.panel.setTint(TokenTint::Entropy);
        testing::saveShots(wide.panel, QStringLiteral("tokens-wide"));
        tall.panel.resize(780, 300);
        testing::saveShots(tall.panel, QStringLiteral("tokens-dock"));
        tall.panel.resize(560, 720);
        tall.selection.selectTokens({40, 60});
        tall.panel.setScope(TokenScope::Conversation);
        testing::saveShots(tall.panel, QStringLiteral("tokens-range"));
    }
};

} // namespace bathy::panels

QTEST_MAIN(bathy::panels::TokensPanelTest)
#include "test_tokens_panel.moc"
