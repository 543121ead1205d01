#include <sqlite3.h>

// sqlite3_db_config is variadic, which Swift cannot call; this is its form for the options that take an on/off flag.
static inline int sqlite3_db_config_flag(sqlite3 *connection, int option, int enabled) {
    return sqlite3_db_config(connection, option, enabled, (int *)0);
}
