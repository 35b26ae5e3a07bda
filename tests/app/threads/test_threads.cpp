#include "app/threads/task_thread.h"
#include "app/threads/ui_queue.h"

#include <QTest>
#include <QThread>

#include <memory>
#include <numeric>

namespace bathy::threads {

class ThreadsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tasks_manyOfThem_runInOrderOnTheThread();
    void run_waitsForItAndAllBefore();
    void destructor_doesWhatWasGivenFirst();
    void answers_comeInOrderOnTheThreadThatMadeTheQueue();
    void answers_ofAQueueThatIsGone_neverCome();
    void answer_thatTakesDownTheQueue_isTheLast();
};

void ThreadsTest::tasks_manyOfThem_runInOrderOnTheThread() {
    TaskThread thread;
    std::vector<int> seen;
    QThread* there = nullptr;
    for (int i = 0; i < 500; ++i)
        thread.post([&, i] {
            seen.push_back(i);
            there = QThread::currentThread();
        });
    thread.run([] {});
    std::vector<int> expected(500);
    std::iota(expected.begin(), expected.end(), 0);
    QCOMPARE(seen, expected);
    QVERIFY(there != QThread::currentThread());
}

void ThreadsTest::run_waitsForItAndAllBefore() {
    TaskThread thread;
    int value = 0;
    for (int i = 0; i < 100; ++i) {
        thread.post([&] { ++value; });
        thread.run([&] { value *= 2; });
        QCOMPARE(value % 2, 0);
        value = 1;
    }
}

void ThreadsTest::destructor_doesWhatWasGivenFirst() {
    int done = 0;
    {
        TaskThread thread;
        for (int i = 0; i < 100; ++i)
            thread.post([&] { ++done; });
    }
    QCOMPARE(done, 100);
}

void ThreadsTest::answers_comeInOrderOnTheThreadThatMadeTheQueue() {
    UiQueue answers;
    TaskThread thread;
    std::vector<int> seen;
    for (int i = 0; i < 300; ++i)
        thread.post([&, i] {
            answers.post([&seen, i, here = QThread::currentThread()] {
                QVERIFY(here != QThread::currentThread());
                seen.push_back(i);
            });
        });
    QTRY_COMPARE(seen.size(), 300U);
    std::vector<int> expected(300);
    std::iota(expected.begin(), expected.end(), 0);
    QCOMPARE(seen, expected);
}

void ThreadsTest::answers_ofAQueueThatIsGone_neverCome() {
    auto answers = std::make_unique<UiQueue>();
    bool came = false;
    answers->post([&] { came = true; });
    answers.reset();
    QCoreApplication::processEvents();
    QVERIFY(!came);
}

void ThreadsTest::answer_thatTakesDownTheQueue_isTheLast() {
    auto answers = std::make_unique<UiQueue>();
    int came = 0;
    for (int i = 0; i < 3; ++i)
        answers->post([&] {
            ++came;
            answers.reset();
        });
    QTRY_COMPARE(came, 1);
    QCoreApplication::processEvents();
    QCOMPARE(came, 1);
}

} // namespace bathy::threads

QTEST_GUILESS_MAIN(bathy::threads::ThreadsTest)
#include "test_threads.moc"
