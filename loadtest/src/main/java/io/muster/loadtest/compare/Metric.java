package io.muster.loadtest.compare;

import io.muster.loadtest.report.Processes.Consumption;
import io.muster.loadtest.report.Report;
import org.jspecify.annotations.Nullable;

/** A figure of a run that is compared. */
public enum Metric {
    /** Operations a second; more is better, unless the load has a rate. */
    RATE("operations/s") {
        @Override
        Double of(Report report) {
            return report.window().operationsPerSecond();
        }
    },
    /** Microseconds of the broker's processor time for each operation. */
    BROKER_CPU("broker us CPU each") {
        @Override
        @Nullable Double of(Report report) {
            return cpu(report.processes().broker());
        }
    },
    /** The same of the load tester, which must not be what is measured. */
    GENERATOR_CPU("generator us CPU each") {
        @Override
        @Nullable Double of(Report report) {
            return cpu(report.processes().generator());
        }
    },
    /** 99 of 100 latencies, in microseconds. */
    P99("p99 us") {
        @Override
        Double of(Report report) {
            return report.latency().p99Micros();
        }
    },
    /** Resident memory of the broker when the window ended. */
    MEMORY("broker MiB resident") {
        @Override
        @Nullable Double of(Report report) {
            Consumption broker = report.processes().broker();
            return broker == null ? null : Double.valueOf(broker.residentBytes() / MEBIBYTE);
        }
    };

    private static final double MEBIBYTE = 1024 * 1024;

    private final String words;

    Metric(String words) {
        this.words = words;
    }

    /** For people. */
    String words() {
        return words;
    }

    /** The figure of a run; null where it is not known. */
    abstract @Nullable Double of(Report report);

    private static @Nullable Double cpu(@Nullable Consumption process) {
        return process == null ? null : process.cpuMicrosPerOperation();
    }
}
