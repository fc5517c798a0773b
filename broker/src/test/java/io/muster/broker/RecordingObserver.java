package io.muster.broker;

import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** Writes down what it is told, and admits as the test says. */
final class RecordingObserver implements ClientObserver {

    final List<String> events = new CopyOnWriteArrayList<>();
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

    List<String> disconnected() {
        return events.stream().filter(event -> event.startsWith("disconnected")).toList();
    }
}
