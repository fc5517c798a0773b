package io.muster.loadtest.options;

import io.muster.loadtest.scenario.Population;
import io.muster.loadtest.scenario.Topology;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** Who publishes to whom. Confined to the thread that runs the command. */
public final class CrowdOptions {

    /** The topologies that are a choice; the others are commands. */
    enum Kind {
        P2P(Topology.P2P),
        FANIN(Topology.FANIN);

        private final Topology topology;

        Kind(Topology topology) {
            this.topology = topology;
        }
    }

    /** Reads a topology whatever the case of its letters. */
    static final class KindChoice implements ITypeConverter<Kind> {
        @Override
        public Kind convert(String value) {
            return Choice.of(Kind.class, value);
        }
    }

    @Option(
            names = "--topology",
            defaultValue = "p2p",
            converter = KindChoice.class,
            description =
                    "p2p: subscriber i hears device i; fanin: all hear all devices. Default: "
                            + "${DEFAULT-VALUE}")
    private Kind kind = Kind.P2P;

    @Option(
            names = "--devices",
            defaultValue = "10",
            paramLabel = "N",
            description = "Devices. Default: ${DEFAULT-VALUE}")
    private int devices;

    @Option(
            names = "--subscribers",
            paramLabel = "M",
            description =
                    "Subscribers; 0: only publish. Default: as many as devices for p2p, "
                            + "1 for fanin")
    private @Nullable Integer subscribers;

    /** What the options ask for; fails with a sentence when they do not fit. */
    public Population population() {
        int byDefault = kind == Kind.P2P ? devices : 1;
        return Population.of(kind.topology, devices, subscribers == null ? byDefault : subscribers);
    }
}
