import Glibc

/// What Prometheus's own client libraries tell about the process. Of /proc only /proc/self is read: under
/// `ProcSubset=pid` there is nothing else.
package struct ProcessMetrics: Sendable {
    private let startTime: Double?

    /// Looks once when the process began, because the wall clock may be set later.
    package init() {
        startTime = Self.startTime()
    }

    package func write(to writer: inout ExpositionWriter) {
        gauge("process_start_time_seconds", "When the process began, since the epoch.", startTime, &writer)
        writer.family(
            MetricDescription("process_cpu_seconds_total", .counter, "Time in user and kernel mode of all threads."))
        if let seconds = Self.seconds(CLOCK_PROCESS_CPUTIME_ID) { writer.sample(seconds) }
        let pages = Self.words("statm").compactMap(Double.init)
        let pageSize = Double(sysconf(Int32(_SC_PAGESIZE)))
        gauge(
            "process_virtual_memory_bytes", "Size of the address space.", pages.first.map { $0 * pageSize }, &writer)
        gauge(
            "process_resident_memory_bytes", "Memory that is in RAM.", pages.dropFirst().first.map { $0 * pageSize },
            &writer)
        gauge("process_open_fds", "File descriptors that are open.", Self.openDescriptors(), &writer)
        gauge("process_max_fds", "File descriptors that may be open.", Self.descriptorLimit(), &writer)
    }

    private func gauge(_ name: String, _ help: String, _ value: Double?, _ writer: inout ExpositionWriter) {
        writer.family(MetricDescription(name, .gauge, help))
        if let value { writer.sample(value) }
    }

    /// proc(5): field 22 of /proc/self/stat is the start in clock ticks since the boot, which `CLOCK_BOOTTIME` counts from.
    private static func startTime() -> Double? {
        // The second field, the command, is in parentheses and may hold anything.
        let fields = text("stat").reversed().prefix { $0 != ")" }.reversed().split(separator: " ")
        guard fields.count > 19, let ticks = Double(String(fields[19])), let now = seconds(CLOCK_REALTIME),
            let sinceBoot = seconds(CLOCK_BOOTTIME)
        else { return nil }
        return now - (sinceBoot - ticks / Double(sysconf(Int32(_SC_CLK_TCK))))
    }

    private static func seconds(_ clock: clockid_t) -> Double? {
        var time = timespec()
        guard clock_gettime(clock, &time) == 0 else { return nil }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func openDescriptors() -> Double? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var entries = 0
        while readdir(directory) != nil { entries += 1 }
        // Neither `.` and `..` nor the one that is being read.
        return Double(entries - 3)
    }

    private static func descriptorLimit() -> Double? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return limit.rlim_cur == rlim_t.max ? .infinity : Double(limit.rlim_cur)
    }

    private static func words(_ file: String) -> [Substring] {
        text(file).split(whereSeparator: \.isWhitespace)
    }

    /// Empty when it cannot be read.
    private static func text(_ file: String) -> String {
        let descriptor = open("/proc/self/\(file)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
