// Sessions kept on disk and brought back. Engine thread.
#pragma once

#include "engine/api/events.h"
#include "engine/runtime/loaded_model.h"
#include "engine/runtime/session.h"
#include "engine/snapshot/store.h"

#include <stop_token>

namespace bathy::runtime {

// Errors: Busy, BadArgument (nothing was read yet), those of snapshot::Store, Cancelled. The session goes on as it was;
// its last token is fed again, and is forgotten where that fails.
Result<api::SnapshotSaved> saveSession(LoadedModel& loaded, Session& session, const api::SaveSnapshot& command,
                                       const std::stop_token& stop, const snapshot::BlockProgress& progress);

// Fills an empty session. Errors: BadArgument (a snapshot of another checkpoint or tokenizer), those of
// snapshot::Store, Cancelled.
Result<api::SessionRestored> restoreSession(LoadedModel& loaded, Session& session, const api::RestoreSession& command,
                                            const std::stop_token& stop, const snapshot::BlockProgress& progress);

// Restores into a session of its own, feeds the last token again and compares. Errors: those of restoreSession.
Result<api::SnapshotVerified> verifySnapshot(LoadedModel& loaded, const api::VerifySnapshot& command,
                                             const std::stop_token& stop, const snapshot::BlockProgress& progress);

// A folder's snapshots, and those that a caller wants to be rid of. Errors: those of snapshot::Store.
Result<api::SnapshotList> listSnapshots(const api::ListSnapshots& command);
Result<api::SnapshotsDeleted> deleteSnapshots(const api::DeleteSnapshots& command);

} // namespace bathy::runtime
