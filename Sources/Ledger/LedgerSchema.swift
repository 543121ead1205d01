/// The ledger's tables and how older ones become them.
struct LedgerSchema {
    /// SQL that takes the database from the version before to this one; version n is the n-th migration.
    struct Migration {
        let sql: String
    }

    /// "KTRN" in the file's header, so that file(1) and we can tell whose database it is.
    static let applicationID = 0x4b54_524e

    let migrations: [Migration]

    var version: Int { migrations.count }

    static let current = LedgerSchema(migrations: [
        Migration(
            sql: """
                CREATE TABLE resource (
                    name TEXT NOT NULL PRIMARY KEY,
                    resource_id TEXT NOT NULL,
                    phase TEXT NOT NULL,
                    state TEXT NOT NULL,
                    updated_at INTEGER NOT NULL -- microseconds since 1970-01-01T00:00:00Z
                ) STRICT, WITHOUT ROWID;

                CREATE TABLE history (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    at INTEGER NOT NULL, -- microseconds since 1970-01-01T00:00:00Z
                    resource TEXT NOT NULL,
                    kind TEXT NOT NULL,
                    actor TEXT NOT NULL,
                    reason TEXT,
                    key_type TEXT,
                    version INTEGER,
                    fingerprint TEXT,
                    detail TEXT
                ) STRICT;
                CREATE INDEX history_of_resource ON history (resource, id);

                CREATE TRIGGER history_not_changed BEFORE UPDATE ON history
                    BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;
                CREATE TRIGGER history_not_deleted BEFORE DELETE ON history
                    BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;
                -- INSERT OR REPLACE deletes without asking the trigger above.
                CREATE TRIGGER history_not_replaced BEFORE INSERT ON history
                    WHEN NEW.id IN (SELECT id FROM history)
                    BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;
                """),
        Migration(sql: "ALTER TABLE history ADD COLUMN request_id TEXT;"),
        Migration(
            sql: """
                -- The resources that were discovered, in the order in which they were.
                CREATE TABLE discovered (
                    position INTEGER PRIMARY KEY,
                    entry TEXT NOT NULL
                ) STRICT;
                """),
        Migration(sql: "CREATE INDEX resource_by_id ON resource (resource_id COLLATE NOCASE);"),
    ])
}
