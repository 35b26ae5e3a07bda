// The fields of the messages about snapshots.
#pragma once

#include "engine/api/commands.h"
#include "engine/api/events.h"
#include "engine/wire/message.h"

namespace bathy::wire {

template <class A, Message<api::SaveSnapshot> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("session", m.session);
    a("folder", m.folder);
    a("name", m.name);
}
template <class A, Message<api::RestoreSession> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("session", m.session);
    a("options", m.options);
    a("file", m.file);
}
template <class A, Message<api::VerifySnapshot> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("file", m.file);
}
template <class A, Message<api::ListSnapshots> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("folder", m.folder);
}
template <class A, Message<api::DeleteSnapshots> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("folder", m.folder);
    a("ids", m.ids);
    a("keep_bytes", m.keepBytes);
}
template <class A, Message<api::SnapshotSaved> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("session", m.session);
    a("id", m.id);
    a("file", m.file);
    a("tokens", m.tokens);
    a("bytes", m.bytes);
    a("new_bytes", m.newBytes);
    a("seconds", m.seconds);
}
template <class A, Message<api::SessionRestored> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("session", m.session);
    a("precision", m.precision);
    a("kv_format", m.kvFormat);
    a("context_limit", m.contextLimit);
    a("tokens", m.tokens);
    a("held", m.held);
    a("bytes", m.bytes);
    a("seconds", m.seconds);
}
template <class A, Message<api::SnapshotVerified> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("tokens", m.tokens);
    a("same", m.same);
    a("largest_difference", m.largestDifference);
    a("seconds", m.seconds);
}
template <class A, Message<api::SnapshotEntry> M>
void fields(A& a, M& m) {
    a("id", m.id);
    a("file", m.file);
    a("name", m.name);
    a("model", m.model);
    a("fingerprint", m.fingerprint);
    a("tokens", m.tokens);
    a("bytes", m.bytes);
    a("created_at", m.createdAt);
    a("problem", m.problem);
}
template <class A, Message<api::SnapshotList> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("snapshots", m.snapshots);
    a("bytes", m.bytes);
}
template <class A, Message<api::SnapshotsDeleted> M>
void fields(A& a, M& m) {
    a("request", m.request);
    a("ids", m.ids);
    a("bytes", m.bytes);
}

} // namespace bathy::wire
