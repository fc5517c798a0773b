package io.muster.auth.x509.source;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Has the list that a test gives it, or fails as it says. */
final class FakeSource implements CrlSource {

    volatile byte[] list = {};
    volatile byte[] last = {};
    volatile @Nullable IOException failure;
    volatile @Nullable RuntimeException broken;
    volatile @Nullable Error error;
    volatile Duration interval = Duration.ofMinutes(10);
    volatile String queue = "fake";
    volatile String thread = "";

    @Override
    public synchronized Optional<byte[]> fetch(boolean anyway) throws IOException {
        thread = Thread.currentThread().getName();
        if (failure != null) {
            throw failure;
        }
        if (broken != null) {
            throw broken;
        }
        if (list == last && !anyway) {
            return Optional.empty();
        }
        last = list;
        if (error != null) {
            throw error;
        }
        return Optional.of(list.clone());
    }

    @Override
    public Duration interval() {
        return interval;
    }

    @Override
    public String queue() {
        return queue;
    }
}
