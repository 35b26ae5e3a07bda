// How each program lays out its models. Every function walks one place and adds what it finds; nothing is followed out
// of the place.
#pragma once

#include "engine/library/scan.h"

namespace bathy::library {

// models--org--name/{refs, blobs, snapshots/<commit>}: files of a snapshot are links into blobs of the same repository,
// or plain files where links cannot be made.
void scanHubCache(Scan& scan, const std::filesystem::path& cache);

// manifests/<host>/<namespace>/<model>/<tag> names blobs/sha256-<digest>, one of which is a GGUF file.
void scanOllama(Scan& scan, const std::filesystem::path& models);

// Folders in folders with GGUF or safetensors files: LM Studio (publisher/model/file), Jan (files may lack an ending),
// GPT4All (flat), a user's own.
void scanFolders(Scan& scan, const std::filesystem::path& root);

// What a user's folder turns out to be: one of the above.
void scanAnything(Scan& scan, const std::filesystem::path& folder);

} // namespace bathy::library
