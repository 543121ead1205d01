// sd_journal_send's own macros add the C file's location; the Swift caller's is sent as fields instead.
#define SD_JOURNAL_SUPPRESS_LOCATION 1
#include <sys/eventfd.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
