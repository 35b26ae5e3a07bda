// Checks that a single-owner object stays with one thread. The first check binds it. Costs nothing without assertions.
#pragma once

#include <cassert>
#include <thread>

namespace bathy {

class ThreadOwner {
public:
    void check() const {
#ifdef BATHY_ASSERTIONS
        if (m_owner == std::thread::id())
            m_owner = std::this_thread::get_id();
        assert(m_owner == std::this_thread::get_id() && "used from another thread than its owner's");
#endif
    }

private:
#ifdef BATHY_ASSERTIONS
    mutable std::thread::id m_owner;
#endif
};

} // namespace bathy
