package io.muster.hub.gateways;

import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.DeviceId;
import io.muster.devices.details.LastClient;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One connection of a gateway, from before its CONNACK to its end. Shared; never blocks. */
final class GatewayLink {

    private final DeviceId id;
    private final ConnectedClient client;
    private final LastClient shown;

    /** Devices that are signed in through it, or are about to be. */
    private final Set<DeviceId> logins = ConcurrentHashMap.newKeySet();

    /** Devices that it speaks for, and perhaps some that it no longer does, by name. */
    private final Map<String, DeviceId> members = new ConcurrentHashMap<>();

    /** Whether all of them are in {@code members}. */
    private volatile boolean complete;

    private volatile boolean ended;

    /** Whether it was refused a topic of a device that was not signed in: the broker notes that. */
    private volatile boolean refused;

    private final Refreshing all = new Refreshing();
    private final Refreshing publishing = new Refreshing();

    GatewayLink(DeviceId id, ConnectedClient client, LastClient shown) {
        this.id = id;
        this.client = client;
        this.shown = shown;
    }

    /** The gateway. */
    DeviceId id() {
        return id;
    }

    /** Who is connected. */
    ConnectedClient client() {
        return client;
    }

    /** What is shown of this client, as of that by which the devices behind it signed in. */
    LastClient shown() {
        return shown;
    }

    /**
     * Whether it reads a notice about one device only as an object, and not as a list with one in
     * it: so does the SDK for C, which begins its client identifier with both keys.
     */
    boolean readsSingleDevices() {
        return client.sentClientIdentifier()
                .startsWith(id.productKey() + "." + id.deviceKey() + "|");
    }

    Set<DeviceId> logins() {
        return logins;
    }

    Map<String, DeviceId> members() {
        return members;
    }

    /** Whether it is known whom it speaks for. */
    boolean isComplete() {
        return complete;
    }

    void complete() {
        complete = true;
    }

    boolean hasEnded() {
        return ended;
    }

    void end() {
        ended = true;
    }

    void noteRefusal() {
        refused = true;
    }

    /** Whether it was refused something since this was last asked. */
    boolean takeRefusal() {
        boolean was = refused;
        if (was) {
            refused = false;
        }
        return was;
    }

    /** Asks the broker for all that the gateway may do; see {@link Refreshing#run}. */
    CompletionStage<Void> refresh(Function<String, CompletionStage<Boolean>> refreshing) {
        return run(all, refreshing);
    }

    /** The same for what it may publish. */
    CompletionStage<Void> refreshPublishing(Function<String, CompletionStage<Boolean>> refreshing) {
        return run(publishing, refreshing);
    }

    private CompletionStage<Void> run(
            Refreshing kind, Function<String, CompletionStage<Boolean>> refreshing) {
        return ended
                ? CompletableFuture.completedFuture(null)
                : kind.run(() -> refreshing.apply(id.toString()));
    }

    /** What is asked for while it is under way, is done together afterwards. */
    private static final class Refreshing {

        // Guarded by this.
        private @Nullable CompletableFuture<Void> running;
        private @Nullable CompletableFuture<Void> next;

        /** Runs {@code refreshing} so that it begins after this call. */
        private CompletionStage<Void> run(Supplier<CompletionStage<Boolean>> refreshing) {
            CompletableFuture<Void> mine;
            synchronized (this) {
                if (running != null) {
                    if (next == null) {
                        next = new CompletableFuture<>();
                    }
                    return next;
                }
                mine = new CompletableFuture<>();
                running = mine;
            }
            run(mine, refreshing);
            return mine;
        }

        private void run(
                CompletableFuture<Void> mine, Supplier<CompletionStage<Boolean>> refreshing) {
            start(refreshing)
                    .whenComplete(
                            (done, failure) -> {
                                CompletableFuture<Void> following;
                                synchronized (this) {
                                    following = next;
                                    running = following;
                                    next = null;
                                }
                                // Who is gone has no permissions: that is as good as done.
                                mine.complete(null);
                                if (following != null) {
                                    run(following, refreshing);
                                }
                            });
        }

        private static CompletionStage<Boolean> start(
                Supplier<CompletionStage<Boolean>> refreshing) {
            try {
                return refreshing.get();
            } catch (RuntimeException brokerIsClosed) {
                return CompletableFuture.failedFuture(brokerIsClosed);
            }
        }
    }
}
