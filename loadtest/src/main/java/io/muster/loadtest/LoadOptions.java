package io.muster.loadtest;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What the load looks like. Confined to the thread that reads the command line. */
final class LoadOptions {

    private static final int FANOUT_SUBSCRIBERS = 10;

    /** Reads a topology whatever the case of its letters. */
    static final class TopologyChoice implements ITypeConverter<Scenario.Topology> {
        @Override
        public Scenario.Topology convert(String value) {
            return choose(Scenario.Topology.class, value);
        }
    }

    @Option(
            names = "--topology",
            defaultValue = "p2p",
            converter = TopologyChoice.class,
            description =
                    "p2p: subscriber i hears device i; fanin: all hear all devices; "
                            + "fanout: all hear device 1. Default: ${DEFAULT-VALUE}")
    Scenario.Topology topology = Scenario.Topology.P2P;

    @Option(
            names = "--devices",
            defaultValue = "10",
            paramLabel = "N",
            description = "Devices. Default: ${DEFAULT-VALUE}")
    int devices;

    @Option(
            names = "--subscribers",
            paramLabel = "M",
            description =
                    "Subscribers; 0: only publish. Default: as many as devices for p2p, "
                            + "1 for fanin, 10 for fanout")
    @Nullable Integer subscribers;

    @Option(
            names = "--rate",
            defaultValue = "0",
            paramLabel = "R",
            description =
                    "Messages a second of all devices together (open loop); 0: flat out "
                            + "(closed loop). Default: ${DEFAULT-VALUE}")
    long rate;

    @Option(
            names = "--window",
            defaultValue = "20",
            paramLabel = "W",
            description =
                    "Messages outstanding per device. Flat out: not yet acknowledged "
                            + "and delivered; at a rate: not yet acknowledged. Default: "
                            + "${DEFAULT-VALUE}")
    int window;

    @Option(
            names = "--payload-size",
            defaultValue = "64",
            paramLabel = "BYTES",
            description = "Size of each payload, at least 28. Default: ${DEFAULT-VALUE}")
    int payloadBytes;

    @Option(
            names = "--qos",
            defaultValue = "0",
            paramLabel = "Q",
            description =
                    "0, 1 or 2, for publishing and subscribing. Default: " + "${DEFAULT-VALUE}")
    int qos;

    @Option(
            names = "--duration",
            defaultValue = "10",
            paramLabel = "S",
            description = "Seconds that are measured. Default: ${DEFAULT-VALUE}")
    double durationSeconds;

    @Option(
            names = "--warmup",
            defaultValue = "2",
            paramLabel = "S",
            description = "Seconds of load before. Default: ${DEFAULT-VALUE}")
    double warmupSeconds;

    @Option(
            names = "--patience",
            defaultValue = "2",
            paramLabel = "S",
            description =
                    "Seconds without any arrival after which what is outstanding counts as "
                            + "lost. Default: ${DEFAULT-VALUE}")
    double patienceSeconds;

    /** What the options ask for; fails with a sentence when they do not fit. */
    Scenario scenario() {
        int subscribersByDefault =
                switch (topology) {
                    case P2P -> devices;
                    case FANIN -> 1;
                    case FANOUT -> FANOUT_SUBSCRIBERS;
                };
        return new Scenario(
                topology,
                devices,
                subscribers == null ? subscribersByDefault : subscribers,
                new Scenario.Pace(rate, window),
                payloadBytes,
                qos,
                new Scenario.Phases(warmupSeconds, durationSeconds, patienceSeconds));
    }

    /** The constant with a name, whatever the case of its letters. */
    static <E extends Enum<E>> E choose(Class<E> kinds, String value) {
        for (E kind : kinds.getEnumConstants()) {
            if (kind.name().equalsIgnoreCase(value)) {
                return kind;
            }
        }
        throw new TypeConversionException(
                "must be one of %s, not '%s'"
                        .formatted(
                                Arrays.toString(kinds.getEnumConstants()).toLowerCase(Locale.ROOT),
                                value));
    }
}
