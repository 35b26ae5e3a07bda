// The transcript for screen readers: a list with one item a message, read as who and what. UI thread.
#pragma once

namespace bathy::panels {

// Once for the program, before the first transcript is looked at; more calls do nothing.
void installTranscriptAccessibility();

} // namespace bathy::panels
