// The experts that the shown conversation goes without: knocked out by the user, to see what they were good for. Takes
// effect with the next answer. UI thread.
#pragma once

#include "engine/base/ids.h"

#include <QObject>
#include <QString>

#include <vector>

namespace bathy::models {

QString expertName(ExpertRef expert);                      // "3:17", layer and expert as on the command line
QString bannedText(const std::vector<ExpertRef>& experts); // "3:17, 4:2, 4:9 and 5 more"

class ExpertBans : public QObject {
    Q_OBJECT
public:
    explicit ExpertBans(QObject* parent = nullptr) : QObject(parent) {}

    const std::vector<ExpertRef>& list() const { return m_list; } // ascending, none twice
    bool contains(ExpertRef expert) const;

    void set(std::vector<ExpertRef> experts);
    void add(ExpertRef expert);
    void remove(ExpertRef expert);

Q_SIGNALS:
    void changed();

private:
    std::vector<ExpertRef> m_list;
};

} // namespace bathy::models
