import CSQLite

extension LedgerError {
    /// What becomes of an error when nobody does anything about it.
    package enum Prospect: Hashable, Sendable {
        /// Trying again may help.
        case mayPass
        /// Somebody has to change something.
        case stays
        /// As that error of the system does.
        case system(errno: Int32)
    }

    /// Whether opening the ledger again later may help.
    package var prospect: Prospect {
        switch self {
        case .alreadyOpen, .corrupt: .mayPass
        case .newerSchema, .foreign, .closed: .stays
        case .system(_, _, let errno): .system(errno: errno)
        case .sqlite(_, _, _, let code, let errno): Self.prospect(code & 0xff, errno)
        case .notReplaced(_, let error): error.prospect
        }
    }

    private static func prospect(_ code: Int32, _ errno: Int32) -> Prospect {
        switch code {
        case SQLITE_FULL, SQLITE_IOERR: errno == 0 ? .mayPass : .system(errno: errno)
        case SQLITE_CANTOPEN: errno == 0 ? .stays : .system(errno: errno)
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL, SQLITE_NOMEM, SQLITE_INTERRUPT, SQLITE_CORRUPT,
            SQLITE_NOTADB:
            .mayPass
        default: .stays
        }
    }
}
