package io.muster.benchmarks.memory;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.auth.secret.DevicePermissions;
import io.muster.auth.secret.DeviceRegistration;
import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.auth.secret.DeviceSecretPolicy;
import io.muster.broker.Broker;
import io.muster.broker.BrokerConfig;
import io.muster.broker.ListenerConfig;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Measures what an idle connection takes on the heap, with as many as the heap holds: each is
 * signed in by a device's secret and has one subscription. The whole broker is there, from Netty's
 * acceptor to the topic tree; only sockets are {@linkplain SimulatedChannel simulated}, and the
 * devices' database is {@linkplain DevicesInMemory left out}.
 *
 * <p>What is measured is what there is after all have connected, and was not there after some
 * thousand had connected and gone.
 */
public final class IdleSessions {

    static final String LISTENER = "tcp";

    private static final int DEFAULT_SESSIONS = 1_000_000;
    private static final int WARM_UP = 4_000;
    private static final int SAMPLE_MAX = 1_000;
    private static final int CLASSES_SHOWN = 20;

    /** For whatever waits, since the machine may be busy with something else. */
    static final Duration PATIENCE = Duration.ofMinutes(10);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final int sessions;

    /**
     * What was found.
     *
     * @param connected clients that got a CONNACK
     * @param subscribed clients that got a SUBACK
     * @param sample clients that were sent a message
     * @param received clients of these that got it, and no other
     * @param counted what the broker counts, by the names of its metrics
     * @param perSession what one session takes
     */
    record Result(
            int connected,
            int subscribed,
            int sample,
            int received,
            Map<String, Integer> counted,
            LiveHeap perSession) {}

    private IdleSessions(int sessions) {
        this.sessions = sessions;
    }

    /**
     * Measures and prints.
     *
     * @param arguments how many sessions; one million without it
     */
    public static void main(String[] arguments) {
        int sessions = arguments.length == 0 ? DEFAULT_SESSIONS : Integer.parseInt(arguments[0]);
        long start = System.nanoTime();
        print(sessions, measure(sessions));
        System.out.printf("%d s%n", TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
    }

    /** Measures so many sessions, and ends them. Blocks; one at a time. */
    static Result measure(int sessions) {
        ListenerTap.open();
        return new IdleSessions(sessions).measure();
    }

    private Result measure() {
        try (Broker broker = start(sessions, meters);
                SimulatedClients clients = new SimulatedClients(ListenerTap.listener())) {
            clients.connect(sessions, sessions + WARM_UP);
            end(clients);
            LiveHeap before = LiveHeap.now();
            clients.connect(0, sessions);
            LiveHeap after = LiveHeap.now();
            Result result = result(clients, deliver(broker), after.since(before, sessions));
            end(clients);
            return result;
        }
    }

    /** A broker that has room for so many sessions, and for the warm-up. */
    static Broker start(int sessions, MeterRegistry meters) {
        DevicesInMemory devices = new DevicesInMemory();
        return Broker.start(
                config(Math.max(sessions, WARM_UP)),
                new DeviceSecretAuthenticator(
                        devices,
                        DeviceRegistration.NONE,
                        DevicePermissions.OWN_TOPICS,
                        DeviceSecretPolicy.DEFAULT,
                        Clock.systemUTC()),
                devices,
                meters);
    }

    private static BrokerConfig config(int sessionsMax) {
        BrokerConfig usual = BrokerConfig.of(List.of(new ListenerConfig(LISTENER, "127.0.0.1", 0)));
        BrokerConfig.Limits limits = usual.limits();
        BrokerConfig.Sessions bounds = usual.sessions();
        return new BrokerConfig(
                usual.listeners(),
                usual.loops(),
                new BrokerConfig.Limits(
                        sessionsMax,
                        PATIENCE,
                        PATIENCE,
                        limits.connectBytesMax(),
                        limits.packetBytesMax(),
                        limits.keepAliveSecondsMax(),
                        limits.topicLevelsMax(),
                        limits.outboundBytesMax()),
                usual.protocol(),
                new BrokerConfig.Sessions(
                        bounds.expiryMax(),
                        sessionsMax,
                        bounds.queueMessagesMax(),
                        bounds.queueBytesMax(),
                        bounds.inflightMax(),
                        bounds.subscriptionsMax(),
                        bounds.queuePolicy(),
                        bounds.shareStrategy()),
                usual.retained(),
                usual.rates(),
                new BrokerConfig.Times(
                        Duration.ZERO, usual.times().stopGrace(), usual.times().stall()));
    }

    private void end(SimulatedClients clients) {
        clients.disconnect();
        await(() -> count("muster.sessions") == 0 && count("muster.connections") == 0);
    }

    /** Sends a message to some sessions, from the first to the last; returns to how many. */
    private int deliver(Broker broker) {
        int sample = Math.min(sessions, SAMPLE_MAX);
        for (int i = 0; i < sample; i++) {
            SimulatedDevice device = new SimulatedDevice((int) ((long) i * sessions / sample));
            byte[] payload = device.topic().getBytes(StandardCharsets.UTF_8);
            broker.publish(Message.of(device.topic(), Payload.of(payload), Qos.AT_MOST_ONCE, false))
                    .toCompletableFuture()
                    .join();
        }
        return sample;
    }

    private Result result(SimulatedClients clients, int sample, LiveHeap perSession) {
        await(() -> clients.received() >= sample || !clients.failures().isEmpty());
        if (!clients.failures().isEmpty()) {
            throw new IllegalStateException(String.join(", ", clients.failures()));
        }
        return new Result(
                clients.connected() - WARM_UP,
                clients.subscribed() - WARM_UP,
                sample,
                clients.received(),
                Stream.of("muster.connections", "muster.sessions", "muster.subscriptions")
                        .collect(Collectors.toMap(Function.identity(), this::count)),
                perSession);
    }

    private int count(String gauge) {
        return (int) meters.get(gauge).gauge().value();
    }

    private static void await(BooleanSupplier condition) {
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNanos > 0) {
                throw new IllegalStateException("the broker took too long");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    private static void print(int sessions, Result result) {
        LiveHeap each = result.perSession();
        System.out.printf(
                "%,d sessions: %,d CONNACK, %,d SUBACK; %,d of them were sent a message, %,d got"
                        + " it%n",
                sessions,
                result.connected(),
                result.subscribed(),
                result.sample(),
                result.received());
        System.out.printf("the broker counts %s%n", result.counted());
        System.out.printf(
                "for each: %,d bytes of heap (objects %,.0f), %,d bytes of direct memory%n%n",
                each.heapBytes(), each.objectBytes(), each.directBytes());
        System.out.printf("%10s%10s  class%n", "objects", "bytes");
        each.classes().entrySet().stream()
                .sorted(Comparator.comparingDouble(entry -> -entry.getValue().bytes()))
                .limit(CLASSES_SHOWN)
                .forEach(
                        entry ->
                                System.out.printf(
                                        "%10.2f%10.1f  %s%n",
                                        entry.getValue().count(),
                                        entry.getValue().bytes(),
                                        entry.getKey()));
    }
}
