-- The tokens that an answer was given to read, so that it can be run again exactly. The same text can be cut into tokens
-- in more than one way: an answer that the model wrote itself stays as it wrote it.

CREATE TABLE answer_prompts (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    token_ids  BLOB NOT NULL -- int32, little endian; zlib behind a length of four bytes, big endian
);
