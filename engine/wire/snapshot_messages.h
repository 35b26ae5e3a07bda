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

} // namespace bathy::wire
