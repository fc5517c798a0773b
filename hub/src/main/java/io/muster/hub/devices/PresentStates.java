package io.muster.hub.devices;

import io.muster.broker.message.Message;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.RegistryUnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the present state of every registered device published once after a start, since retained
 * messages do not outlive the process. Works on a thread of its own, one page after the other.
 *
 * <p><b>Why no older state follows a newer one.</b> Every change is put in line for the publisher
 * before it is written to the registry. So when a page was read and after that the publisher has
 * caught up, it knows all changes that the page may show or have missed: it leaves those devices
 * out. Changes that come later are newer than the page, and are published behind it.
 *
 * <p>While the registry cannot be asked, the same page is tried again. When there is no room for
 * another retained message, it is over: what is left belongs to those who publish.
 */
public final class PresentStates implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(PresentStates.class);

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

    /** Reads states from the registry. */
    @FunctionalInterface
    public interface Registry {

        /**
         * The states of the devices that follow {@code after}, in order.
         *
         * @throws RegistryUnavailableException if it cannot be asked
         */
        Map<DeviceId, DeviceState> listStates(Optional<DeviceId> after, int limit);
    }

    /**
     * How much at a time, so that the traffic of the clients does not notice.
     *
     * @param page devices in a row
     * @param pause between two pages
     * @param retry after the registry could not be asked
     */
    public record Pace(int page, Duration pause, Duration retry) {

        /** At most 10,000 devices a second. */
        public static final Pace GENTLE =
                new Pace(500, Duration.ofMillis(50), Duration.ofSeconds(5));
    }

    private final Registry registry;
    private final Executor whenCaughtUp;
    private final DeviceStatePublisher publisher;
    private final Predicate<Message> hasRoom;
    private final Pace pace;
    private final CompletableFuture<Void> closing = new CompletableFuture<>();
    private final Thread thread = new Thread(this::run, "muster-present-states");

    /** Confined to the thread. */
    private boolean outage;

    /** Counted on the listeners' thread, and read by this one after it waited for that. */
    private long published;

    private PresentStates(
            Registry registry,
            Executor whenCaughtUp,
            DeviceStatePublisher publisher,
            Predicate<Message> hasRoom,
            Pace pace) {
        this.registry = registry;
        this.whenCaughtUp = whenCaughtUp;
        this.publisher = publisher;
        this.hasRoom = hasRoom;
        this.pace = pace;
    }

    /**
     * Starts at once, and returns.
     *
     * @param whenCaughtUp runs a step when the publisher was told all changes so far, and tells it
     *     none while the step runs
     * @param publisher has its broker already, and was told of all changes since the start
     * @param hasRoom whether a message could be retained
     */
    public static PresentStates publish(
            Registry registry,
            Executor whenCaughtUp,
            DeviceStatePublisher publisher,
            Predicate<Message> hasRoom,
            Pace pace) {
        PresentStates states = new PresentStates(registry, whenCaughtUp, publisher, hasRoom, pace);
        states.thread.setDaemon(true);
        states.thread.start();
        return states;
    }

    private void run() {
        try {
            publishAll();
        } catch (RuntimeException e) {
            log.error("present device states not published, gave up devices={}", published, e);
        } finally {
            publisher.presentedAll();
        }
    }

    private void publishAll() {
        Optional<DeviceId> after = Optional.empty();
        while (!closing.isDone()) {
            Optional<Map<DeviceId, DeviceState>> page = read(after);
            if (page.isEmpty()) {
                pause(pace.retry());
                continue;
            }
            if (page.get().isEmpty()) {
                log.info("present device states published devices={}", published);
                return;
            }
            if (!present(page.get())) {
                return;
            }
            after = page.get().keySet().stream().reduce((first, second) -> second);
            pause(pace.pause());
        }
    }

    /** A page, or empty if the registry cannot be asked now. */
    private Optional<Map<DeviceId, DeviceState>> read(Optional<DeviceId> after) {
        try {
            Map<DeviceId, DeviceState> page = registry.listStates(after, pace.page());
            outage = false;
            return Optional.of(page);
        } catch (RegistryUnavailableException e) {
            if (!outage) {
                outage = true;
                log.warn("present device states not read, will be tried again", e);
            }
            return Optional.empty();
        }
    }

    /** Whether to go on with the next page. */
    private boolean present(Map<DeviceId, DeviceState> page) {
        CompletableFuture<Boolean> goOn =
                CompletableFuture.supplyAsync(() -> presentNow(page), whenCaughtUp);
        CompletableFuture.anyOf(goOn, closing).join();
        return goOn.getNow(false);
    }

    /** On the thread of the directory's listeners. */
    private boolean presentNow(Map<DeviceId, DeviceState> page) {
        for (Map.Entry<DeviceId, DeviceState> device : page.entrySet()) {
            if (closing.isDone()) {
                return false;
            }
            switch (publisher.present(device.getKey(), device.getValue(), hasRoom)) {
                case PUBLISHED -> published++;
                case KNOWN -> {}
                case NO_ROOM -> {
                    log.warn(
                            "present device states not all published, no room to retain more"
                                    + " devices={} next={}",
                            published,
                            device.getKey());
                    return false;
                }
            }
        }
        return true;
    }

    private void pause(Duration time) {
        CompletableFuture<Void> over =
                new CompletableFuture<Void>()
                        .completeOnTimeout(null, time.toMillis(), TimeUnit.MILLISECONDS);
        CompletableFuture.anyOf(over, closing).join();
    }

    /** Stops between two devices; blocks until nothing is read or published any more. */
    @Override
    public void close() {
        closing.complete(null);
        try {
            thread.join(CLOSE_PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            log.warn("present device states are still being read: gave up waiting");
        }
    }
}
