// What frames cost the main thread by the clock on the wall. A frame is everything that this thread does from one
// picture of the window to the next: reading and decoding, handing events out, layout, painting. Pictures that follow
// faster than a 60 Hz display shows them count as one. Waiting for something to do does not count, being held up by
// other programs does. UI thread.
#pragma once

#include <QApplication>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace bathy::bench {

inline constexpr double kFrameLimitMs = 16.7; // one picture at 60 Hz

double percentile(std::vector<double> values, double share); // 0 of no values
// One line: what, p50, p99, max.
void printTimes(const std::string& what, const std::vector<double>& ms);

// Measures every event that Qt delivers while it is switched on.
class MeteredApplication : public QApplication {
    Q_OBJECT
public:
    using QApplication::QApplication;

    void begin(); // forgets what was measured before
    void end() { m_measuring = false; }

    const std::vector<double>& framesMs() const { return m_frames; }
    // The frame's parts, the dearest first: time within frames in which the part had something to do.
    void printParts() const;

    bool notify(QObject* receiver, QEvent* event) override;

private:
    std::string partOf(const QObject* receiver, const QEvent& event) const;
    void closeFrame();

    bool m_measuring = false;
    std::vector<std::int64_t> m_inner; // of each event being delivered: time that its inner events took, nanoseconds
    double m_frameMs = 0;
    std::int64_t m_frameEndNs = 0; // of the last one
    std::unordered_map<std::string, double> m_frameParts;
    std::vector<double> m_frames;
    std::unordered_map<std::string, std::vector<double>> m_parts;
};

} // namespace bathy::bench
