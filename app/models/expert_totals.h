// How often each expert of each layer was chosen, and with what weight, over some tokens. A plain value.
#pragma once

#include <cstdint>
#include <vector>

namespace bathy::models {

// How evenly a layer's work was spread over its experts.
struct LayerBalance {
    std::uint64_t choices = 0; // all choices in the layer
    double evenness = 0;       // entropy of the shares over its maximum, log(experts); 1 = all alike, 0 = one does all
    double busiestShare = 0;   // of all choices
    int busiest = -1;          // the expert; -1: nothing chosen yet
    int unused = 0;            // experts never chosen
};

class ExpertTotals {
public:
    ExpertTotals() = default;
    ExpertTotals(int layers, int experts) { makeRoom(layers, experts); }

    int layers() const { return m_layers; }
    int experts() const { return m_experts; }

    void makeRoom(int layers, int experts); // grows, keeps what is there
    void add(int layer, int expert, float weight);
    void remove(int layer, int expert, float weight); // what was added before

    std::uint32_t count(int layer, int expert) const { return m_counts[index(layer, expert)]; }
    double weightSum(int layer, int expert) const { return m_weights[index(layer, expert)]; }
    double meanWeight(int layer, int expert) const; // 0 when never chosen
    std::uint64_t layerCount(int layer) const;
    // Share of the layer's choices against an even spread: 1 = exactly its part, 2 = twice. 0 when nothing was chosen.
    double shareAgainstUniform(int layer, int expert) const;
    LayerBalance balance(int layer) const;

private:
    std::size_t index(int layer, int expert) const {
        return static_cast<std::size_t>(layer) * static_cast<std::size_t>(m_experts) + static_cast<std::size_t>(expert);
    }

    int m_layers = 0;
    int m_experts = 0;
    std::vector<std::uint32_t> m_counts;  // [layers, experts]
    std::vector<double> m_weights;        // [layers, experts]
    std::vector<std::uint64_t> m_choices; // [layers]
};

} // namespace bathy::models
