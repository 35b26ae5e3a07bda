// Tokens of a conversation as the strip shows them. Remembers what it made: tokens that were there before are not made
// again. UI thread.
#pragma once

#include "app/bridge/selection.h"
#include "app/models/run_data.h"
#include "app/panels/common/token_glyphs.h"

namespace bathy::panels {

enum class TokenScope { Answer, Conversation };
enum class TokenTint { Probability, Entropy, Guess };

inline constexpr float kRightGuess = 0.45F;
inline constexpr float kWrongGuess = 1;

// Which positions a scope means; empty when there are none.
bridge::TokenRange stripRange(const models::RunData& run, const bridge::SelectionState& selected, TokenScope scope);

class TokenStripContent {
public:
    // Improbable tokens stand out: the value is 1 - probability. Prompt tokens have none. Of guesses, wrong ones stand
    // out: kRightGuess and kWrongGuess; tokens that were not guessed have none.
    std::shared_ptr<const widgets::TokenStripData> make(const models::RunDataPtr& run, bridge::TokenRange range,
                                                        TokenTint tint);
    double largestValue() const { return m_largest; } // of those made last

private:
    TokenGlyphs m_glyphs;
    std::shared_ptr<const widgets::TokenStripData> m_last;
    models::RunDataPtr m_run;
    TokenTint m_tint = TokenTint::Probability;
    double m_largest = 0;
};

} // namespace bathy::panels
