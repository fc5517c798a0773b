package io.muster.broker;

import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import io.muster.broker.spi.RefusedClient;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** Writes down what it is told, and admits as the test says. */
final class RecordingObserver implements ClientObserver {

    final List<String> events = new CopyOnWriteArrayList<>();
    final List<RefusedClient> refusals = new CopyOnWriteArrayList<>();
    volatile CompletableFuture<Admission> admission =
            CompletableFuture.completedFuture(Admission.ADMITTED);

    @Override
    public CompletionStage<Admission> connecting(ConnectedClient client) {
        events.add("connecting " + client.sentClientIdentifier());
        return admission;
    }

    @Override
    public void disconnected(ConnectedClient client) {
        events.add("disconnected " + client.sentClientIdentifier());
    }

    @Override
    public void published(ConnectedClient client) {
        events.add("published " + client.sentClientIdentifier());
    }

    @Override
    public void signInRefused(RefusedClient client) {
        refusals.add(client);
    }

    /** Who was refused and why, but for where he came from. */
    List<String> refused() {
        return refusals.stream()
                .map(
                        each ->
                                "%s %s %s: %s"
                                        .formatted(
                                                each.clientIdentifier(),
                                                each.username().orElse("-"),
                                                each.reason(),
                                                each.detail()))
                .toList();
    }

    List<String> disconnected() {
        return events.stream().filter(event -> event.startsWith("disconnected")).toList();
    }
}
