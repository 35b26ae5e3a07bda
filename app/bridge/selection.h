// The one current token: what every inspection panel looks at. None keeps its own; a locked panel keeps a copy of the
// state. UI thread.
#pragma once

#include "engine/base/ids.h"

#include <QObject>

#include <cstdint>
#include <optional>

namespace bathy::bridge {

// Positions [begin, end) of a conversation. Empty: nothing is selected, panels show the newest token.
struct TokenRange {
    std::int64_t begin = 0;
    std::int64_t end = 0;

    bool isEmpty() const { return end <= begin; }
    std::int64_t size() const { return isEmpty() ? 0 : end - begin; }
    bool contains(std::int64_t position) const { return position >= begin && position < end; }
    friend bool operator==(const TokenRange&, const TokenRange&) = default;
};

struct SelectionState {
    SessionId session{};          // the conversation; 0: none yet
    TokenRange tokens;            // the newest token when empty
    std::optional<LayerId> layer; // set together with expert, or alone
    std::optional<ExpertId> expert;
    friend bool operator==(const SelectionState&, const SelectionState&) = default;
};

class Selection : public QObject {
    Q_OBJECT
public:
    explicit Selection(QObject* parent = nullptr) : QObject(parent) {}

    const SelectionState& state() const { return m_state; }

    void setSession(SessionId session); // another conversation: tokens are deselected, layer and expert stay
    // How many tokens the conversation has; selections are cut to it.
    void setTokenCount(std::int64_t count);
    std::int64_t tokenCount() const { return m_tokenCount; }

    void selectTokens(TokenRange range);
    void selectToken(std::int64_t position) { selectTokens({position, position + 1}); }
    void extendTo(std::int64_t position); // the range from its fixed end (where it was started) to this token
    void followNewest() { selectTokens({}); }
    void selectExpert(std::optional<LayerId> layer, std::optional<ExpertId> expert);

    // To the token before or after; from "newest", left goes to the newest token itself.
    void step(int by);

Q_SIGNALS:
    void changed(const bathy::bridge::SelectionState& state);

private:
    void set(const SelectionState& state);

    SelectionState m_state;
    std::int64_t m_tokenCount = 0;
    std::int64_t m_anchor = 0; // the end of a range that stays when it is extended
};

} // namespace bathy::bridge
