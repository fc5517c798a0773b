package io.muster.loadtest.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A process, as the Linux kernel accounts for it (proc(5)). Shared; each call reads anew. */
public final class LinuxProcess {

    private static final Path PROC = Path.of("/proc");

    /** USER_HZ, which is 100 on all architectures that Java runs on. */
    private static final long TICKS_PER_SECOND = 100;

    private static final long MICROS_PER_TICK = TimeUnit.SECONDS.toMicros(1) / TICKS_PER_SECOND;

    // Positions behind the command name, which is the second field and may hold blanks.
    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;

    /**
     * What the process has used.
     *
     * @param cpuMicros user and system time since it started; steps of 10 milliseconds
     * @param residentBytes resident memory now
     */
    public record Usage(long cpuMicros, long residentBytes) {}

    private final Path folder;

    /** The process with an id. */
    public LinuxProcess(long pid) {
        this(PROC, pid);
    }

    LinuxProcess(Path proc, long pid) {
        this.folder = proc.resolve(Long.toString(pid));
    }

    /** Whether this system tells what a process uses. */
    public static boolean supported() {
        return Files.isReadable(PROC.resolve("self/stat"));
    }

    /** Reads the usage now; fails when the process is not there. */
    public Usage usage() throws IOException {
        String stat = Files.readString(folder.resolve("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
        if (fields.length <= SYSTEM_TICKS) {
            throw new IOException(folder.resolve("stat") + " is not in the format of proc(5)");
        }
        long ticks = Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS]);
        return new Usage(ticks * MICROS_PER_TICK, residentBytes());
    }

    private long residentBytes() throws IOException {
        for (String line : Files.readAllLines(folder.resolve("status"))) {
            if (line.startsWith("VmRSS:")) {
                String kibibytes = line.replaceAll("[^0-9]", "");
                return Long.parseLong(kibibytes) * 1024;
            }
        }
        // A process that has ended but was not yet waited for has no memory.
        return 0;
    }
}
