// The attention panel over a scripted engine: who is asked, what is shown, where clicks lead.
#include "app/models/run_selection.h"
#include "app/panels/attention/attention_panel.h"
#include "tests/support/chat_stack.h"
#include "tests/support/shots.h"
#include "widgets/minimap/minimap_view.h"
#include "widgets/token_strip/token_strip_view.h"

#include <QLabel>
#include <QListWidget>
#include <QScrollBar>
#include <QTemporaryDir>

namespace bathy::panels {

using models::EvidencePart;
using tests::waitFor;

class AttentionPanelTest : public QObject {
    Q_OBJECT

    tests::ScriptedStacks m_stacks;

    struct Bench {
        std::unique_ptr<tests::ChatStack> stack;
        models::RunRecorder runs;
        bridge::Selection selection;
        models::EvidencePresenter presenter;
        AttentionPanel panel;
        int asked = 0;

        explicit Bench(std::unique_ptr<tests::ChatStack> given)
            : stack(std::move(given)), presenter(stack->link, stack->pump),
              panel({runs, selection, {}, nullptr, &presenter}) {
            models::keepSelectionWithin(runs, selection);
            QObject::connect(&stack->pump, &bridge::EventPump::eventsReady, &panel,
                             [this](const bridge::EventBatch& batch) { runs.applyAll(*batch); });
            QObject::connect(&stack->chat, &models::ChatPresenter::sessionShown, &panel,
                             [this](quint64 session) { runs.setCurrent(SessionId(session)); });
            QObject::connect(&presenter, &models::EvidencePresenter::answered, &panel, [this] { ++asked; });
            panel.resize(560, 640);
            panel.show();
        }
        bool answer() {
            return stack->load() && tests::ask(*stack, QStringLiteral("the sea is deep and wide ").repeated(40));
        }
        QListWidget* list() { return panel.findChild<QListWidget*>(); }
        widgets::TokenStripView* strip() { return panel.findChild<widgets::TokenStripView*>(); }
    };
    std::unique_ptr<Bench> bench(const QString& arguments = QStringLiteral("--tokens 30 --rate 2000")) {
        return std::make_unique<Bench>(m_stacks.make(arguments));
    }

private Q_SLOTS:
    void empty_saysWhatWouldFillIt() {
        auto b = bench();
        QVERIFY(b->panel.isEmpty());
        QVERIFY(b->panel.emptyText().contains(QStringLiteral("Ask the model")));
    }

    void finishedAnswer_showsWhatItsLastTokenWasReadFrom() {
        auto b = bench();
        QVERIFY(b->answer());
        QVERIFY(waitFor([&] { return !b->panel.isEmpty(); }));
        const auto& evidence = b->panel.evidence();
        QCOMPARE(evidence.layers, 2);
        QCOMPARE(evidence.position, b->runs.snapshot()->lastAnswer()->end - 2);
        QVERIFY(evidence.passages.size() >= 2);
        QCOMPARE(b->list()->count(), static_cast<int>(evidence.passages.size()));
        QVERIFY(b->list()->item(0)->text().startsWith(QStringLiteral("25.0 %   …")));
        testing::saveShots(b->panel, QStringLiteral("attention"));
    }

    void selectedToken_isAskedAbout_andClicksSelect() {
        auto b = bench();
        QVERIFY(b->answer());
        QVERIFY(waitFor([&] { return !b->panel.isEmpty(); }));
        b->selection.selectToken(40); // of the prompt: it looks back itself
        QVERIFY(waitFor([&] { return b->panel.evidence().position == 40; }));
        const auto first = b->runs.snapshot()->lastAnswer()->begin;
        b->selection.selectToken(first + 3);
        QVERIFY(waitFor([&] { return b->panel.evidence().position == first + 2; }));
        const int before = b->asked;
        b->selection.selectToken(first + 3); // the same
        QTest::qWait(50);
        QCOMPARE(b->asked, before);
        b->strip()->verticalScrollBar()->setValue(0);
        QTest::mouseClick(b->strip()->viewport(), Qt::LeftButton, {},
                          b->strip()->layoutInUse().rectOf(5).center().toPoint());
        QCOMPARE(b->selection.state().tokens, (bridge::TokenRange{5, 6}));
    }

    void passage_clicked_isInSight() {
        auto b = bench();
        QVERIFY(b->answer());
        QVERIFY(waitFor([&] { return b->list()->count() >= 2; }));
        b->panel.resize(560, 300);
        QTest::qWait(20);
        for (int row = 0; row < 2; ++row) {
            b->list()->setCurrentRow(row);
            const auto [begin, end] = b->strip()->visiblePositions();
            const auto& passage = b->panel.evidence().passages[static_cast<std::size_t>(row)];
            QVERIFY(begin <= passage.begin + 8 && passage.begin < end);
        }
        auto* map = b->panel.findChild<widgets::MinimapView*>();
        QTest::mouseClick(map, Qt::LeftButton, {}, {20, 0});
        QCOMPARE(b->strip()->visiblePositions().first, 0);
    }

    void parts_countWhatTheySay() {
        auto b = bench();
        QVERIFY(b->answer());
        QVERIFY(waitFor([&] { return !b->panel.isEmpty(); }));
        b->panel.setPart(EvidencePart::Window);
        QCOMPARE(b->panel.evidence().layers, 4);
        QVERIFY(std::abs(b->panel.evidence().counted - 0.5) < 1e-6);
        b->panel.setPart(EvidencePart::Compressed);
        QCOMPARE(b->panel.evidence().layers, 1);
        QVERIFY(!b->panel.isEmpty());
        const auto text = b->panel.tableText();
        QVERIFY(text.contains(QStringLiteral("Share")));
    }

    void whileTheAnswerGoesOn_nobodyIsAsked_unlessATokenIsSelected() {
        auto b = bench(QStringLiteral("--tokens 100000 --rate 300"));
        QVERIFY(b->stack->load());
        b->stack->chat.send(QStringLiteral("the sea is deep and wide ").repeated(40));
        QVERIFY(waitFor([&] { return b->stack->last().content.size() > 100; }));
        QCOMPARE(b->asked, 0);
        b->selection.selectToken(60);
        QVERIFY(waitFor([&] { return b->asked == 1; }));
        b->stack->chat.stop();
        QVERIFY(b->stack->waitIdle());
    }

    void sessionThatTheEngineHasNot_isExplained() {
        auto b = bench();
        QVERIFY(b->answer());
        QVERIFY(waitFor([&] { return !b->panel.isEmpty(); }));
        b->stack->model.restart();
        QVERIFY(waitFor([&] { return b->stack->model.state() == models::ModelPresenter::State::Loaded; }));
        QVERIFY(waitFor([&] { return b->panel.isEmpty(); }));
    }

    void lockedCopy_keepsWhatItShows() {
        auto b = bench();
        QVERIFY(b->answer());
        QVERIFY(waitFor([&] { return !b->panel.isEmpty(); }));
        auto* copy = static_cast<AttentionPanel*>(b->panel.openLockedCopy());
        QVERIFY(waitFor([&] { return !copy->isEmpty(); }));
        const auto position = copy->evidence().position;
        b->selection.selectToken(40);
        QVERIFY(waitFor([&] { return b->panel.evidence().position == 40; }));
        QCOMPARE(copy->evidence().position, position);
        delete copy;
    }
};

} // namespace bathy::panels

QTEST_MAIN(bathy::panels::AttentionPanelTest)
#include "test_attention_panel.moc"
