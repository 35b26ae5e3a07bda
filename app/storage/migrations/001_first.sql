-- Conversations are trees: regenerating an answer or editing a question adds a sibling, never overwrites.
-- Times are milliseconds since 1970, UTC. Ids are made by the program and grow with time.

CREATE TABLE conversations (
    id         INTEGER PRIMARY KEY,
    title      TEXT    NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    settings   TEXT    NOT NULL DEFAULT '{}', -- JSON: sampling, thinking, system text
    deleted_ms INTEGER                        -- set while deletion can still be undone
);

CREATE TABLE messages (
    id              INTEGER PRIMARY KEY,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    parent_id       INTEGER REFERENCES messages (id) ON DELETE CASCADE,
    role            TEXT    NOT NULL CHECK (role IN ('system', 'user', 'assistant')),
    content         TEXT    NOT NULL DEFAULT '',
    reasoning       TEXT    NOT NULL DEFAULT '',
    state           TEXT    NOT NULL CHECK (state IN ('done', 'streaming', 'stopped', 'interrupted', 'failed')),
    created_ms      INTEGER NOT NULL,
    is_active       INTEGER NOT NULL DEFAULT 1, -- the one of its siblings that is shown
    deleted_ms      INTEGER
);

CREATE INDEX messages_by_conversation ON messages (conversation_id, id);
CREATE INDEX messages_by_parent ON messages (parent_id);

-- What was known of an answer when it ended, and what is needed to make it again.
CREATE TABLE answers (
    message_id          INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    generation          INTEGER NOT NULL DEFAULT 0,  -- the id its events carry
    model_name          TEXT    NOT NULL DEFAULT '',
    model_fingerprint   TEXT    NOT NULL DEFAULT '',
    settings            TEXT    NOT NULL DEFAULT '{}',
    seed                TEXT    NOT NULL DEFAULT '0', -- unsigned 64 bit, as decimal digits
    finish              TEXT    NOT NULL DEFAULT '',
    note                TEXT    NOT NULL DEFAULT '', -- why it ended, when that needs words
    prompt_tokens       INTEGER NOT NULL DEFAULT 0,
    reused_tokens       INTEGER NOT NULL DEFAULT 0,
    generated_tokens    INTEGER NOT NULL DEFAULT 0,
    prefill_seconds     REAL    NOT NULL DEFAULT 0,
    decode_seconds      REAL    NOT NULL DEFAULT 0,
    first_token_seconds REAL    NOT NULL DEFAULT 0
);

-- An answer as it streams, a piece at a time. `text` and `reasoning` move into the message when it ends; token ids
-- (int32, little endian) and events (frames as in docs/formats/wire.md) stay, so that the answer can be replayed.
CREATE TABLE answer_pieces (
    message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    text       TEXT    NOT NULL DEFAULT '',
    reasoning  TEXT    NOT NULL DEFAULT '',
    token_ids  BLOB    NOT NULL DEFAULT x'',
    events     BLOB    NOT NULL DEFAULT x'',
    PRIMARY KEY (message_id, number)
) WITHOUT ROWID;

-- A document's text once, however often it is attached.
CREATE TABLE documents (
    hash TEXT PRIMARY KEY, -- SHA-256 of the UTF-8 text, hexadecimal
    text TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE message_documents (
    message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    hash       TEXT    NOT NULL REFERENCES documents (hash),
    tokens     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (message_id, number)
) WITHOUT ROWID;

-- Trigrams find parts of words, and words of languages without spaces.
CREATE VIRTUAL TABLE message_search USING fts5 (content, content = 'messages', content_rowid = 'id', tokenize = 'trigram');

CREATE TRIGGER messages_search_insert AFTER INSERT ON messages BEGIN
    INSERT INTO message_search (rowid, content) VALUES (new.id, new.content);
END;

CREATE TRIGGER messages_search_delete AFTER DELETE ON messages BEGIN
    INSERT INTO message_search (message_search, rowid, content) VALUES ('delete', old.id, old.content);
END;

CREATE TRIGGER messages_search_update AFTER UPDATE OF content ON messages BEGIN
    INSERT INTO message_search (message_search, rowid, content) VALUES ('delete', old.id, old.content);
    INSERT INTO message_search (rowid, content) VALUES (new.id, new.content);
END;
