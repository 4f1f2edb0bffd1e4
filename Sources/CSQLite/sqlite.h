/* SQLite, as Debian ships it. */
#include <sqlite3.h>

/* SQLITE_TRANSIENT, SQLite makes a copy of its own, is a cast that Swift does not see. */
static inline int da_sqlite_bind_text(sqlite3_stmt *statement, int place, const char *text, int bytes) {
    return sqlite3_bind_text(statement, place, text, bytes, SQLITE_TRANSIENT);
}
